"""`batch-processor [FOLDER]`: the command line of the example."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from batch_processor.demo import Demo, DemoError, Options
from framework import FrameworkError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; the exit status: 0 done, 1 the job failed, 2 wrong input, 4 it could not start, 130 interrupted."""
    try:
        return asyncio.run(Demo(_options(arguments)).run())
    except DemoError as error:
        print(f"batch-processor: {error}", file=sys.stderr)
        return 2
    except FrameworkError as error:
        print(f"batch-processor: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("\nbatch-processor: interrupted. Run the same command again: the job continues.", file=sys.stderr)
        return 130


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="batch-processor", description="Inspect every file of a folder, one task per file, with pull-workers."
    )
    parser.add_argument("folder", nargs="?", type=Path, help="the folder (default: this repository)")
    parser.add_argument("--serve", action="store_true", help="keep running when the job is done, until Ctrl-C")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="worker processes (default: 2)")
    parser.add_argument("--port", type=int, metavar="N", help="port of the API (default: any free one)")
    parser.add_argument(
        "--database", type=Path, metavar="FILE", help="where jobs are kept (default: .fw/batch-processor/jobs.db)"
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings to use instead of the example's own fw.toml"
    )
    given = parser.parse_args(arguments)
    if not 1 <= given.workers <= 64:
        parser.error(f"--workers must be between 1 and 64, not {given.workers}")
    home = _home()
    folder = given.folder or home
    if folder is None:
        parser.error("no folder given; this is not a checkout of the repository, so there is no default")
    state = (home or Path.cwd()) / ".fw" / "batch-processor"
    return Options(
        folder=_readable_folder(folder),
        serve=given.serve,
        workers=given.workers,
        port=given.port,
        database=(given.database or state / "jobs.db").absolute(),
        config=given.config,
    )


def _home() -> Path | None:
    """The checkout that this file belongs to, if it does to one."""
    root = Path(__file__).resolve().parents[4]
    return root if (root / "run.py").is_file() and (root / "kernel").is_dir() else None


def _readable_folder(folder: Path) -> Path:
    try:
        if not folder.exists():
            raise DemoError(f"the folder {folder} does not exist. Name an existing one.")
        if not folder.is_dir():
            raise DemoError(f"{folder} is a file. Name the folder it lies in.")
        next(folder.iterdir(), None)
        return folder.resolve()
    except OSError as error:
        raise DemoError(f"the folder {folder} cannot be read: {error.strerror}. Choose one you may read.") from error


if __name__ == "__main__":
    sys.exit(main())
