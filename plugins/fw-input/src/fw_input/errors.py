"""What goes wrong with mouse and keyboard, as classes with data."""

from collections.abc import Iterable

from framework import FrameworkError
from framework.errors import did_you_mean


class InputError(FrameworkError):
    """Base class of everything that this package raises."""


class InputNotAllowed(InputError):
    """Simulation was asked for and nobody has permitted it."""

    def __init__(self) -> None:
        super().__init__(
            "Mouse and keyboard may not be moved by this program.",
            remedy="Permit it with input.allow = true (fw.toml: [input] allow = true, or FW_INPUT__ALLOW=true; without "
            "an application: InputSimulator(allow=True)); or try with input.dry_run = true.",
        )


class InputKilled(InputError):
    """The kill switch was used; `reason` says by what. The simulator does nothing any more."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Simulated input was ended: {reason}.", remedy="Start anew to let it act again.")


class NoInput(InputError):
    """Mouse and keyboard of this machine cannot be reached."""

    def __init__(self, reason: object) -> None:
        missing = isinstance(reason, ModuleNotFoundError) and reason.name == "pynput"
        super().__init__(
            f"Mouse and keyboard cannot be reached: {reason}",
            remedy="Install it: pip install 'fw-input[pynput]'."
            if missing
            else "Set DISPLAY to a running X server (Xvfb does without a monitor); on macOS permit it in the "
            "system's privacy settings.",
        )


class UnknownKey(InputError, ValueError):
    """A key or button that there is none of."""

    def __init__(self, key: str, known: Iterable[str]) -> None:
        self.key = key
        near = did_you_mean(key, known)
        super().__init__(
            f"There is no key or button {key!r}.", remedy=near or "Give one character, or a name like 'enter'."
        )


class BadRecording(InputError, ValueError):
    """A file that is no recording; `line` counts from 1."""

    def __init__(self, path: object, line: int, problem: str) -> None:
        self.path = path
        self.line = line
        super().__init__(f"{path}, line {line}: {problem}", remedy="Give a file that Recording.save has written.")
