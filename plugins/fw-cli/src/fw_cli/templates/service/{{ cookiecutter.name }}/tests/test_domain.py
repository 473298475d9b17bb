"""The rules need nothing but Python."""

import pytest

from {{ cookiecutter.package }}.domain.errors import WrongText
from {{ cookiecutter.package }}.domain.note import Note


def test_another_text_changes_nothing_else() -> None:
    assert Note(1, "milk").edited("oat milk") == Note(1, "oat milk")


@pytest.mark.parametrize("text", ["", "  \n", "x" * 1001])
def test_a_text_that_says_nothing_or_too_much(text: str) -> None:
    with pytest.raises(WrongText, match=rf"1 to 1000 characters .* not {len(text.strip())}\."):
        Note(1, text)
    with pytest.raises(WrongText):
        Note(1, "milk").edited(text)
