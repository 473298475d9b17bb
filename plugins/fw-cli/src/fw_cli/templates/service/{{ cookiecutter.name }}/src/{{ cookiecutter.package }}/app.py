"""The application: the one place that knows all layers and puts them together."""

from collections.abc import Mapping, Sequence
from typing import Any

from framework import App
from fw_http.facade import Http

from {{ cookiecutter.package }}.application import handlers
from {{ cookiecutter.package }}.application.messages import (
    AddNote,
    EditNote,
    ListNotes,
    NoteAdded,
    RemoveNote,
    ShowNote,
)
from {{ cookiecutter.package }}.infrastructure.recording import Recording, record_added
from {{ cookiecutter.package }}.infrastructure.storage import StorageSettings, storage
from {{ cookiecutter.package }}.presentation.problems import domain_problems
from {{ cookiecutter.package }}.presentation.routes import declare_routes


def build(plugins: Sequence[Any] | None = None, defaults: Mapping[str, Mapping[str, Any]] | None = None) -> App:
    """A new application. Tests name plugins and settings; without, `fw.toml` says both."""
    made = App("{{ cookiecutter.name }}", plugins=plugins, defaults=defaults)
    made.settings(StorageSettings, section="storage")
    made.register(storage)
    made.register(Recording)

    made.handles(AddNote, expose={"http"})(handlers.add)
    made.handles(EditNote, expose={"http"})(handlers.edit)
    made.handles(RemoveNote, expose={"http"})(handlers.remove)
    made.handles(ShowNote)(handlers.show)
    made.handles(ListNotes)(handlers.list_all)
    made.handles(NoteAdded)(record_added)

    made.add_http_middleware(domain_problems)
    declare_routes(made.facade(Http))
    return made


app = build()
