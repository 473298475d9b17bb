"""Every error of the kernel: a class with data, a message that names the value and the place, and a remedy."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_STARTUP = 4
EXIT_FORCED = 130


class FrameworkError(Exception):
    """Base class. ``remedy`` says what the reader can do; ``exit_code`` is what ``fw`` returns for it."""

    exit_code = EXIT_FAILURE

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The remedy for a word that is not among those ``known`` but like one of them; '' if it is like none."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), 1)
    return f"Did you mean {near[0]!r}?" if near else ""


class ConfigError(FrameworkError):
    """A configuration file, variable or flag is wrong; nothing has been started."""

    exit_code = EXIT_USAGE


class InvalidSettings(ConfigError):
    """Several things are wrong with the configuration; ``problems`` are all of them."""

    def __init__(self, problems: Sequence[ConfigError]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class BootstrapError(FrameworkError):
    """The application cannot be put together (missing plugin, cycle, missing provider); nothing has been started."""

    exit_code = EXIT_USAGE


class DeclarationError(BootstrapError):
    """Something that was declared cannot be acted on, and the message names the place of the declaration."""


class MissingProvider(BootstrapError):
    """Nothing provides a type; ``wanted`` is it."""

    def __init__(self, wanted: object, message: str, *, remedy: str) -> None:
        super().__init__(message, remedy=remedy)
        self.wanted = wanted


class LateError(FrameworkError):
    """Something took longer than it may."""


class ScopeError(FrameworkError):
    """Something needs an open scope and there is none: not yet, or no longer."""


class UnhandledCommand(FrameworkError):
    """A command was dispatched that no handler takes."""


def place_of(error: BaseException) -> str:
    """``file:line`` of the innermost frame outside importlib, asyncio and the kernel, or ''.

    A package that raises one of our errors tells of what it was called with: then it is the line that called it.
    """
    from traceback import walk_tb

    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    kernel = __file__.replace("\\", "/").rpartition("/")[0]
    machinery = ("/asyncio/", "/importlib/", "<frozen importlib", f"{kernel}/")
    found = []
    for frame, line in walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if not any(part in file.replace("\\", "/") for part in machinery):
            found.append((str(frame.f_globals.get("__name__")).partition(".")[0], f"{file}:{line}"))
    ours = isinstance(error, FrameworkError)
    callers = [place for package, place in found if ours and package != found[-1][0]]
    return (callers or [place for _, place in found] or [""])[-1]


class FailureReport:
    """What failed, where it came from, and how to do without it."""

    __slots__ = ("cause", "distribution", "phase", "plugin", "unit", "version")

    def __init__(
        self, phase: str, plugin: str, unit: str, cause: BaseException, distribution: str = "", version: str = ""
    ) -> None:
        self.phase = phase
        self.plugin = plugin
        self.unit = unit
        self.cause = cause
        self.distribution = distribution
        self.version = version

    @property
    def place(self) -> str:
        """``file:line`` of the line to look at, or ''; see :func:`place_of`."""
        return place_of(self.cause)

    def lines(self) -> list[str]:
        """A few lines for a person: what and why; then the error's own remedy, the place, how to do without it.

        An error that has a remedy and does not mean that the plugin is broken says no more than that.
        """
        origin = f" ({self.distribution} {self.version})" if self.distribution else ""
        what = self.plugin if self.unit == self.plugin else f"{self.unit} of {self.plugin}"
        failed = f"{what}{origin} failed in {self.phase}: "
        if isinstance(self.cause, FrameworkError):  # as it was written, a tree in the remedy included
            found = [failed + self.cause.message, *([f"  {self.cause.remedy}"] if self.cause.remedy else [])]
            blameless = self.cause.remedy and not isinstance(self.cause, BootstrapError)
            if blameless or isinstance(self.cause, DeclarationError):
                return found
        else:
            found = [failed + f"{type(self.cause).__name__}: {self.cause}".splitlines()[0]]
        if self.place:
            found.append(f"  at {self.place}")
        if self.distribution:
            found.append(
                f"  repair or uninstall {self.distribution}, or switch it off with `fw run -p no:{self.plugin}` "
                f'or [plugins] disable = ["{self.plugin}"]'
            )
        return found


class ReportedFailure(FrameworkError):
    """An error that stands for one or more reports, the first cause first."""

    headline = "failed"

    def __init__(self, reports: Sequence[FailureReport]) -> None:
        self.reports = tuple(reports)
        lines = [line for report in self.reports for line in report.lines()]
        super().__init__("\n".join([self.headline, *(f"  {line}" for line in lines)]))


class PluginFailure(ReportedFailure, BootstrapError):
    """Plugins failed before anything was started; ``reports`` say which and where."""

    headline = "The application cannot be put together."


class StartupError(ReportedFailure):
    """A unit failed to start; everything that had started was stopped again."""

    exit_code = EXIT_STARTUP
    headline = "The application did not start."


class ShutdownError(ReportedFailure):
    """Units failed to stop; all others were stopped."""

    headline = "The application did not stop cleanly."
