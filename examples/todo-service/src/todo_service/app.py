"""The application: the one place that knows all layers and puts them together."""

from collections.abc import Mapping, Sequence
from typing import Any

from framework import App
from fw_http.facade import Http
from todo_service.application import handlers
from todo_service.application.messages import (
    AddTodo,
    CompleteTodo,
    ListTodos,
    RemoveTodo,
    RenameTodo,
    ShowTodo,
    TodoCompleted,
)
from todo_service.infrastructure.completions import Completions, note_completed
from todo_service.infrastructure.storage import TodoSettings, storage
from todo_service.presentation.problems import domain_problems
from todo_service.presentation.routes import declare_routes


def build(plugins: Sequence[Any] | None = None, defaults: Mapping[str, Mapping[str, Any]] | None = None) -> App:
    """A new application. Tests name plugins and settings; without, `fw.toml` says both."""
    made = App("todo-service", plugins=plugins, defaults=defaults)
    made.settings(TodoSettings, section="todos")
    made.register(storage)
    made.register(Completions)

    made.handles(AddTodo, expose={"http"})(handlers.add)
    made.handles(RenameTodo, expose={"http"})(handlers.rename)
    made.handles(CompleteTodo, expose={"http"})(handlers.complete)
    made.handles(RemoveTodo, expose={"http"})(handlers.remove)
    made.handles(ShowTodo)(handlers.show)
    made.handles(ListTodos)(handlers.list_all)
    made.handles(TodoCompleted)(note_completed)

    made.add_http_middleware(domain_problems)
    declare_routes(made.facade(Http))
    return made


app = build()
