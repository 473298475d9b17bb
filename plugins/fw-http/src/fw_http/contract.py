"""`Contract`: a type that values from outside must fit, and that values for outside are written as."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from fw_http.plain_writer import Odd, plain_writer

if TYPE_CHECKING:
    from fw_http.fault import Fault
    from fw_http.model import Model


class Contract:
    """Made once for each route. Raises :class:`BootstrapError`, with ``place``, for a type that cannot be checked.

    ``use`` is what it is for: values of ``text``, of a ``json`` text, or an ``answer``. Texts that stay texts, and
    answers of numbers, texts, lists and dictionaries, need no :attr:`model`; everything else has it from the beginning.
    """

    def __init__(self, kind: Any, place: str, use: Literal["text", "json", "answer"] = "json") -> None:
        self.kind = kind
        self._place = place
        self.refused: type[Any] = Never
        """What :attr:`from_text` and :attr:`from_json` raise for a value that does not fit."""
        self.from_text: Callable[[Any], Any] = _same
        """A value of text, or a list of texts; converted where the type asks for it."""
        self.from_json: Callable[[bytes], Any]
        """A value of a JSON text, where it is for those; see :meth:`fw_http.model.Model.from_json`."""
        self.to_json: Callable[[Any], bytes]
        """A value as JSON. Raises TypeError or ValueError for one that does not fit."""
        write = plain_writer(kind) if use == "answer" else None
        if write is not None:
            self.to_json = self._written_by(write)
        elif use != "text" or kind is not str:
            self.refused = self.model.refused
            self.from_text = self.model.from_text
            self.from_json = self.model.from_json
            self.to_json = self.model.to_json

    @cached_property
    def model(self) -> Model:
        """What pydantic knows of the type."""
        from fw_http.model import Model

        return Model(self.kind, self._place)

    def _written_by(self, write: Callable[[Any], str]) -> Callable[[Any], bytes]:
        def to_json(value: Any) -> bytes:
            try:
                return write(value).encode("utf-8")
            except Odd:  # of another type, or of one derived from it: what is to become of it, pydantic knows
                return self.model.to_json(value)

        return to_json

    def faults(self, error: Any, source: str, name: str) -> list[Fault]:
        """What was wrong, of an error that is one of :attr:`refused`."""
        return self.model.faults(error, source, name)

    def json_schema(self) -> dict[str, Any]:
        """The JSON schema of what is taken; empty where it cannot be expressed."""
        return self.model.json_schema()


class Never(Exception):
    """What is raised where everything fits."""


def _same(value: Any) -> Any:
    return value
