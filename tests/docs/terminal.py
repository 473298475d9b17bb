"""Terminals that a page is typed into: each runs one command after the other, in real processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .pages import Block, pattern

PATIENCE = 60.0
"""Seconds until something that ought to happen has failed to."""
PAUSE = 0.1
"""Seconds between two looks at something that tells nobody when it changes."""
STAYS = re.compile(r"([A-Z_]+=\S* )*(fw run|node)\b[^|&;]*")
"""Commands that stay in the foreground until they are stopped; none that is followed by another."""


class Wrong(AssertionError):
    """A block does not do what the page says."""

    def __init__(self, block: Block, what: str, expected: str, found: str) -> None:
        super().__init__(f"{block.place}: {what}\n--- the page says\n{expected}\n--- found\n{found}")


class Output:
    """What a process has written so far, line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self._lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait(self, found: Callable[[list[str]], int | None], start: int) -> int | None:
        """Wait until ``found`` gives an index for the lines from ``start`` on; None if it never does."""
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while True:
                index = found(self._lines[start:])
                left = deadline - time.monotonic()
                if index is not None or self._ended or left <= 0:
                    return None if index is None else start + index
                self._changed.wait(left)

    def lines(self, start: int = 0, end: int | None = None) -> list[str]:
        """The lines written so far."""
        with self._changed:
            return self._lines[start:end]

    def close(self) -> None:
        """After the process has ended: release what was held for it."""
        self._thread.join(PATIENCE)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


class Terminal:
    """One terminal: a shell that keeps its variables, and at most one program that stays in the foreground."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._shell = self._spawn(["bash", "--noprofile", "--norc"])
        self._shell_output = Output(self._shell)
        self._read = 0
        self._program: subprocess.Popen[str] | None = None
        self._output: Output | None = None
        self._seen = 0

    def _spawn(self, command: Sequence[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def type(self, block: Block) -> None:
        """Type the commands of a block and compare what they answer. Raises :class:`Wrong`."""
        for command, expected in _commands(block.text):
            if command == "^C":
                self._interrupt(block)
                self._expect(block, expected)
            elif command and STAYS.fullmatch(command):
                self._stay(block, command)
                self._expect(block, expected)
            elif command:
                self._run(block, command, expected)
            else:
                self._expect(block, expected)

    def _run(self, block: Block, command: str, expected: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            status, found = self._answer(block, command)
            if status == 0 and pattern(expected).fullmatch(found):
                return
            if "repeat" not in block.flags or time.monotonic() > deadline:
                raise Wrong(block, f"`{command}` (exit status {status})", expected, found)
            time.sleep(PAUSE)

    def _answer(self, block: Block, command: str) -> tuple[int, str]:
        mark = f"ended-{os.urandom(8).hex()}"
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{command}\nprintf '\\n%s %s\\n' {mark} $?\n")
        self._shell.stdin.flush()

        def ended(lines: list[str]) -> int | None:
            return next((number for number, line in enumerate(lines) if line.startswith(mark)), None)

        end = self._shell_output.wait(ended, self._read)
        if end is None:
            raise Wrong(block, f"`{command}` does not end", "", "\n".join(self._shell_output.lines(self._read)))
        lines, last = self._shell_output.lines(self._read, end), self._shell_output.lines(end, end + 1)[0]
        self._read = end + 1
        text = "\n".join(lines).strip("\n")
        return int(last.split()[1]), f"{text}\n" if text else ""

    def _stay(self, block: Block, command: str) -> None:
        self._free(block, command)
        self._program = self._spawn(["bash", "-c", f"exec env {command}"])
        self._output, self._seen = Output(self._program), 0

    def _free(self, block: Block, command: str) -> None:
        """Whatever ran in the foreground must have ended by now, killed from elsewhere."""
        if self._program is None or self._output is None:
            return
        try:
            self._program.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Wrong(block, f"`{command}` is typed while another program runs", "", "") from None
        self._output.close()

    def _expect(self, block: Block, expected: str) -> None:
        """Each expected line must come, in this order; lines between them do not matter."""
        for line in expected.splitlines():
            if self._output is None:
                raise Wrong(block, "nothing runs in this terminal that could write", expected, "")
            wanted = pattern(line)

            def there(lines: list[str], wanted: re.Pattern[str] = wanted) -> int | None:
                return next((number for number, text in enumerate(lines) if wanted.fullmatch(f"{text}\n")), None)

            index = self._output.wait(there, self._seen)
            if index is None:
                raise Wrong(block, "a line did not come", line, "\n".join(self._output.lines()))
            self._seen = index + 1

    def _interrupt(self, block: Block) -> None:
        if self._program is None:
            raise Wrong(block, "nothing runs in this terminal that Ctrl-C could stop", "^C", "")
        self._program.send_signal(signal.SIGINT)
        status = self._program.wait(PATIENCE)
        if status:
            found = "\n".join(self._output.lines() if self._output else [])
            raise Wrong(block, f"Ctrl-C: exit status {status}, not 0", "", found)

    def close(self) -> None:
        """End what still runs."""
        for process, output in ((self._program, self._output), (self._shell, self._shell_output)):
            if process is not None and output is not None:
                process.kill()
                process.wait(PATIENCE)
                output.close()


def _commands(text: str) -> list[tuple[str, str]]:
    """``(command, expected output)`` pairs; the command is '' for what a running program writes."""
    found: list[tuple[str, str]] = []
    continued = False
    for line in text.splitlines():
        if continued:
            found[-1] = (f"{found[-1][0]}\n{line}", "")
        elif line.startswith("$ ") or line == "^C":
            found.append((line.removeprefix("$ "), ""))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]}{line}\n")
        else:
            found.append(("", f"{line}\n"))
        continued = line.endswith("\\") and not found[-1][1]
    return found
