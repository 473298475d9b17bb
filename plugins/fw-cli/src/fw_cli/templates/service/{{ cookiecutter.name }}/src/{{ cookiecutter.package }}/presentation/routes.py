"""Routes, where an address says more than a command: `GET /notes`, `POST /notes`, `GET /notes/{number}`."""

from dataclasses import dataclass

from framework import App, Depends
from fw_http import Response
from fw_http.facade import Http

from {{ cookiecutter.package }}.application.messages import AddNote, ListNotes, ShowNote
from {{ cookiecutter.package }}.domain.note import Note


@dataclass(frozen=True)
class NewNote:
    """What is sent to add one."""

    text: str


async def list_notes(app: App = Depends()) -> list[Note]:
    """All notes."""
    return await app.dispatch(ListNotes())


async def add_note(note: NewNote, app: App = Depends()) -> Response[Note]:
    """Add a note; the answer says where it is."""
    added = await app.dispatch(AddNote(note.text))
    return Response(added, headers={"Location": f"/notes/{added.number}"})


async def show_note(number: int, app: App = Depends()) -> Note:
    """One note."""
    return await app.dispatch(ShowNote(number))


def declare_routes(http: Http) -> None:
    """Put them under `/notes`."""
    notes = http.group("/notes", tags=["notes"])
    notes.route("/")(list_notes)
    notes.route("/", methods=["POST"], status=201)(add_note)
    notes.route("/{number}")(show_note)
