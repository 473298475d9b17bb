"""Opening and closing the log of an App: from its settings and declarations to a `Pipeline`, and back to nothing."""

from __future__ import annotations

from framework import App, BootstrapError, ConfigError
from fw_logging.bridge import takeover
from fw_logging.config import LEVELS, LoggingSettings
from fw_logging.facade import SINK, Logging
from fw_logging.pipeline import Pipeline
from fw_logging.redaction import redaction
from fw_logging.sinks import LoguruSink


def opened(app: App) -> Pipeline:
    """A pipeline that everything is led to. Raises :class:`ConfigError` for an output that cannot be opened."""
    settings = app.config.get(LoggingSettings)
    try:
        pipeline = Pipeline(settings, LEVELS[app.log_level or settings.level])
    except (OSError, ValueError, TypeError) as error:
        place = app.config.source("logging", "output")
        raise ConfigError(
            f"{place}: [logging] output {settings.output!r} cannot be opened: {error}.",
            remedy="Name a file that may be written, or stderr; rotation, retention and compression are loguru's.",
        ) from error
    app.facade(Logging).pipeline = pipeline
    takeover.begin(pipeline)
    return pipeline


def hide(app: App, pipeline: Pipeline) -> None:
    """Hide what the configuration knows to be secret."""
    redaction.feed(pipeline, app.config.secrets(), app.config.get(LoggingSettings).redact)


def learn(app: App, pipeline: Pipeline) -> None:
    """Hide what the configuration knows to be secret, and open the sinks that have been declared by now."""
    hide(app, pipeline)
    declared = app.facade(Logging).declared(SINK)
    for declaration in declared[len(pipeline.copies) :]:
        try:
            pipeline.copies.append(LoguruSink(declaration.item.target, declaration.item.options))
        except (OSError, ValueError, TypeError) as error:
            raise BootstrapError(
                f"{declaration.place}: the sink {declaration.item.target!r} cannot be opened: {error}.",
                remedy="app.logging.add_sink() takes what loguru's add() does.",
            ) from error


def serve(app: App, pipeline: Pipeline) -> None:
    """Give every HTTP request an id and a line, if there is a server."""
    from fw_logging.access import middleware
    from fw_logging.access_line import AccessLines

    settings = app.config.get(LoggingSettings)
    lines = AccessLines(pipeline, with_query=settings.access_query)
    app.add_http_middleware(middleware(lines, settings), checked=False)
    if settings.access:
        app.http.watch_refusals(lines.write_refusal)


def closed(pipeline: Pipeline) -> None:
    """Put everything back, then write what is left."""
    takeover.end(pipeline)
    pipeline.close()
    redaction.forget(pipeline)  # the last lines are made while the log is closed
