"""Routes, where an address says more than a command: `GET /todos`, `POST /todos`, `GET /todos/{number}`."""

from dataclasses import dataclass

from framework import App, Depends
from fw_http import Response
from fw_http.facade import Http
from todo_service.application.messages import AddTodo, ListTodos, ShowTodo
from todo_service.domain.todo import Todo


@dataclass(frozen=True)
class NewTodo:
    """What is sent to add one."""

    title: str


async def list_todos(done: bool | None = None, app: App = Depends()) -> list[Todo]:
    """All todos, or those that are done, or not."""
    return await app.dispatch(ListTodos(done))


async def add_todo(todo: NewTodo, app: App = Depends()) -> Response[Todo]:
    """Add a todo; the answer says where it is."""
    added = await app.dispatch(AddTodo(todo.title))
    return Response(added, headers={"Location": f"/todos/{added.number}"})


async def show_todo(number: int, app: App = Depends()) -> Todo:
    """One todo."""
    return await app.dispatch(ShowTodo(number))


def declare_routes(http: Http) -> None:
    """Put them under `/todos`."""
    todos = http.group("/todos", tags=["todos"])
    todos.route("/")(list_todos)
    todos.route("/", methods=["POST"], status=201)(add_todo)
    todos.route("/{number}")(show_todo)
