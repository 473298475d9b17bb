"""The settings of section `[{{ cookiecutter.name }}]`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class {{ cookiecutter.class }}Settings:
    """``word`` is what a guest is greeted with."""

    word: str = "Hello"

    def __post_init__(self) -> None:
        if not self.word.strip():
            raise ValueError("word must not be empty")
