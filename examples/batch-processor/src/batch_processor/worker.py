"""A worker process of the demo: the application in mode `worker`, which ends when its standard input does."""

import sys
import threading

from batch_processor.app import app


@app.on_ready
def stop_with_parent() -> None:
    """Wait for the end of standard input on a thread of its own: reading blocks."""

    def wait() -> None:
        while sys.stdin.buffer.read(1):
            continue
        app.request_stop("the demo has ended")

    threading.Thread(target=wait, name="parent", daemon=True).start()


if __name__ == "__main__":
    app.run()
