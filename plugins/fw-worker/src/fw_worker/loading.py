"""Skills of modules that the configuration names."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any

from fw_worker.declared import SkillItem, marks_of
from fw_worker.errors import NoSkills


def load_skills(names: Sequence[str]) -> Iterator[tuple[SkillItem, str]]:
    """The skills that `worker.skills` names, each with its place. Raises `NoSkills`."""
    for name in names:
        module, _, function = name.partition(":")
        members = _imported(module, name)
        if function:
            found = members.get(function)
            if not callable(found):
                raise NoSkills(name, f"that module has no function {function!r}", "Write it as MODULE:FUNCTION.")
            items = list(marks_of(found)) or [SkillItem(function, found)]
        else:
            # By identity: a function that has two names in the module is one.
            marked = {id(item): item for member in members.values() for item in marks_of(member)}
            items = list(marked.values())
        if not items:
            remedy = "Mark its functions with @skill(...) of fw_worker, or name one of them: MODULE:FUNCTION."
            raise NoSkills(name, "nothing in it is marked as a skill", remedy)
        yield from ((item, _place(item.function)) for item in items)


def _imported(module: str, name: str) -> dict[str, Any]:
    try:
        return vars(import_module(module))
    except Exception as error:
        problem = f"it cannot be imported: {type(error).__name__}: {error}"
        raise NoSkills(name, problem, "Correct the module, or its name; it is looked for as import does.") from error


def _place(function: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code is not None else repr(function)
