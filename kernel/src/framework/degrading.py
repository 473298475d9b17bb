"""Doing without plugins that fail, where ``[plugins] policy`` allows it; and what the start has to tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from framework.errors import ConfigError, FailureReport, PluginFailure, ReportedFailure

if TYPE_CHECKING:
    from framework.app import App
    from framework.discovery import Plugin
    from framework.facade import Declaration
    from framework.inputs import Inputs

Failed: TypeAlias = Mapping[str, FailureReport]


@contextmanager
def blaming(plugin: Plugin, phase: str) -> Iterator[None]:
    """Turn whatever the block raises into a :class:`PluginFailure` that names the plugin and the phase.

    Not a :class:`ConfigError`: what is wrong with the configuration is no fault of the plugin that reads it.
    """
    try:
        yield
    except (ConfigError, PluginFailure):
        raise
    except Exception as error:
        raise PluginFailure([plugin.failure(phase, error)]) from error


def remember(failed: dict[str, FailureReport], error: BaseException, inputs: Inputs) -> bool:
    """Add the plugins to do without after this error to ``failed``; False if it must stay an error.

    It must if the policy is strict, if a guard, the application or the kernel failed, and if something that had
    started could not be stopped again.
    """
    if inputs.policy != "degrade" or not isinstance(error, ReportedFailure):
        return False
    plugins = {plugin.name: plugin for plugin in inputs.candidates}
    for report in error.reports:
        plugin = plugins.get(report.plugin)
        if plugin is None or plugin.guard or report.phase == "stop":
            return False
    failed |= {report.plugin: report for report in reversed(error.reports)}
    return True


def reasons(failed: Failed) -> dict[str, str]:
    """Why each of the failed plugins is off, in one line."""
    return {name: f"left out, since it failed: {report.lines()[0]}" for name, report in failed.items()}


def idle(app: App, plugins: Sequence[Plugin], off: Mapping[str, str]) -> dict[str, list[Declaration]]:
    """The application's declarations on plugins that are off, by plugin."""
    owners = {target: plugin.name for plugin in plugins for target in plugin.manifest.facades.values()}
    found: dict[str, list[Declaration]] = {}
    for facade in app.facades:
        owner = owners.get(f"{type(facade).__module__}:{type(facade).__qualname__}", "")
        if owner in off and facade.all_declared:
            found.setdefault(owner, []).extend(facade.all_declared)
    return found


def log_start(app: App) -> None:
    """Tell the log which plugins are left out because they failed, and what is declared on plugins that are off."""
    from logging import getLogger

    log, off = getLogger("framework"), app.assembly.selection.off
    for report in app.failed.values():
        log.error("Going on without plugin %r:\n%s", report.plugin, "\n".join(report.lines()))
    for name, reason in off.items():
        if "left out, since it failed" in reason and name not in app.failed:
            log.error("Going on without plugin %r: %s", name, reason)
    for name, declarations in idle(app, app.sources.candidates, off).items():
        places = ", ".join(declaration.place for declaration in declarations[:3])
        log.info(
            "Plugin %r is off (%s): %d of your declarations idle, at %s%s",
            name,
            off[name],
            len(declarations),
            places,
            ", …" if len(declarations) > 3 else "",
        )


def log_reports(reports: Sequence[FailureReport]) -> None:
    """Tell of failures that must not hide the error that is being raised."""
    from logging import getLogger

    for report in reports:
        getLogger("framework").error("\n".join(report.lines()))
