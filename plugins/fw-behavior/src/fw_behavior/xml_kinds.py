"""How kinds of nodes and their arguments are called in BehaviorTree.CPP's XML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fw_behavior.kinds import Catalog
from fw_behavior.script import Script
from fw_behavior.status import Status

WHEN = {
    "_failureIf": "failure_if",
    "_successIf": "success_if",
    "_skipIf": "skip_if",
    "_while": "while_",
    "_onHalted": "on_halted",
    "_onFailure": "on_failure",
    "_onSuccess": "on_success",
    "_post": "post",
}


@dataclass(frozen=True)
class Attribute:
    """One attribute: the argument it stands for, and both ways between text and value. ``default`` is left out."""

    arg: str
    read: Callable[[str, Catalog, int], Any]
    write: Callable[[Any], str]
    default: Any = None
    required: bool = True


def _whole(text: str, _: Catalog, __: int) -> int:
    return int(text)


def _seconds(text: str, _: Catalog, __: int) -> float:
    return int(text) / 1000


def _truth(text: str, _: Catalog, __: int) -> bool:
    if text.lower() not in {"true", "false", "1", "0"}:
        raise ValueError(f"{text!r} is neither true nor false")
    return text.lower() in {"true", "1"}


def _status(text: str, _: Catalog, __: int) -> Status:
    return Status[text]


def _script(text: str, catalog: Catalog, line: int) -> Script:
    return catalog.script(text, line)


def _text(text: str, _: Catalog, __: int) -> str:
    return text


def _key(text: str, _: Catalog, __: int) -> str:
    return text[1:-1] if text.startswith("{") and text.endswith("}") else text


def _numbers(text: str, _: Catalog, __: int) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(";"))


def _scripts(text: str, catalog: Catalog, line: int) -> tuple[Script, ...]:
    return tuple(catalog.script(part, line) for part in text.split(";"))


def code(value: Any) -> str:
    """A script's text; a function has none."""
    if not isinstance(value, Script):
        raise TypeError(f"{value!r} is a function, and XML holds scripts")
    return value.text


def whole(arg: str, default: Any = None) -> Attribute:
    return Attribute(arg, _whole, str, default, required=default is None)


def _queue(parts: Callable[[str], Any]) -> Callable[[str, Catalog, int], Any]:
    def read(text: str, _: Catalog, __: int) -> Any:
        return text[1:-1] if text.startswith("{") else tuple(parts(part) for part in text.split(";") if part)

    return read


def _queue_text(value: Any) -> str:
    if isinstance(value, str):
        return f"{{{value}}}"
    return ";".join(str(part).lower() if isinstance(part, bool) else str(part) for part in value)


def braces(value: Any) -> str:
    return f"{{{value}}}"


def lower(value: Any) -> str:
    return str(value).lower()


def name_of(value: Any) -> str:
    return str(Status(value).name)


def milliseconds(value: float) -> str:
    return str(round(value * 1000))


KEY = Attribute("key", _key, braces)
MSEC = Attribute("seconds", _seconds, milliseconds)
CONDITION = Attribute("condition", _script, code)
OTHERWISE = Attribute("otherwise", _status, name_of, Status.FAILURE, required=False)
FLAGS = {
    arg: Attribute(arg, _status, name_of, Status[arg.upper()], required=False)
    for arg in ("failure", "success", "running", "skipped")
}
VALUE = Attribute("value", _key, braces)
IF_EMPTY = Attribute("if_empty", _status, name_of, Status.SUCCESS, required=False)


def _loop(parts: Callable[[str], Any]) -> dict[str, Attribute]:
    return {"queue": Attribute("queue", _queue(parts), _queue_text), "value": VALUE, "if_empty": IF_EMPTY}


@dataclass(frozen=True)
class Tag:
    """A tag: the kind it stands for, arguments that go without saying, and its attributes."""

    kind: str
    fixed: dict[str, Any]
    attributes: dict[str, Attribute]


def _tag(kind: str, fixed: Mapping[str, Any] | None = None, /, **attributes: Attribute) -> Tag:
    return Tag(kind, dict(fixed or {}), {name.strip("_"): attribute for name, attribute in attributes.items()})


TAGS: dict[str, Tag] = {
    "Sequence": _tag("Sequence", {"memory": True, "keep": False}),
    "SequenceWithMemory": _tag("Sequence", {"memory": True, "keep": True}),
    "ReactiveSequence": _tag("Sequence", {"memory": False, "keep": False}),
    "Fallback": _tag("Selector", {"memory": True}),
    "ReactiveFallback": _tag("Selector", {"memory": False}),
    "AsyncSequence": _tag("AsyncSequence"),
    "AsyncFallback": _tag("AsyncSelector"),
    "Parallel": _tag(
        "Parallel",
        success_count=whole("success", -1),
        failure_count=whole("failure", 1),
        synchronised=Attribute("synchronised", _truth, lower, default=True, required=False),
    ),
    "ParallelAll": _tag("ParallelAll", max_failures=whole("max_failures", 1)),
    "IfThenElse": _tag("IfThenElse"),
    "WhileDoElse": _tag("WhileDoElse"),
    "TryCatch": _tag("TryCatch"),
    "RandomSelector": _tag("RandomSelector", weights=Attribute("weights", _numbers, _queue_text, (), required=False)),
    "RandomSequence": _tag("RandomSequence", weights=Attribute("weights", _numbers, _queue_text, (), required=False)),
    "UtilitySelector": _tag(
        "UtilitySelector",
        scores=Attribute("scores", _scripts, lambda value: ";".join(code(each) for each in value)),
        memory=Attribute("memory", _truth, lower, default=True, required=False),
    ),
    "Inverter": _tag("Inverter"),
    "ForceSuccess": _tag("ForceSuccess"),
    "ForceFailure": _tag("ForceFailure"),
    "KeepRunningUntilFailure": _tag("KeepRunningUntilFailure"),
    "Convert": _tag("Convert", **FLAGS),
    "Repeat": _tag("Repeat", num_cycles=whole("times")),
    "RetryUntilSuccessful": _tag("Retry", num_attempts=whole("times")),
    "Timeout": _tag("Timeout", msec=MSEC),
    "Delay": _tag("Delay", delay_msec=MSEC),
    "Cooldown": _tag("Cooldown", msec=MSEC),
    "Sleep": _tag("Sleep", msec=MSEC),
    "RunOnce": _tag("RunOnce", then_skip=Attribute("skip", _truth, lower, default=True, required=False)),
    "Precondition": _tag("Guard", {"once": True}, if_=CONDITION, else_=OTHERWISE),
    "Guard": _tag("Guard", {"once": False}, if_=CONDITION, else_=OTHERWISE),
    "Service": _tag("Service", service=CONDITION, msec=MSEC),
    "LoopString": _tag("Loop", **_loop(str)),
    "LoopInt": _tag("Loop", **_loop(int)),
    "LoopDouble": _tag("Loop", **_loop(float)),
    "LoopBool": _tag("Loop", **_loop(lambda part: part.lower() in {"true", "1"})),
    "SkipUnlessUpdated": _tag("Updated", {"wait": False}, entry=KEY),
    "WaitValueUpdate": _tag("Updated", {"wait": True}, entry=KEY),
    "Script": _tag("Script", code=Attribute("code", _script, code)),
    "ScriptCondition": _tag("ScriptCondition", code=Attribute("code", _script, code)),
    "AlwaysSuccess": _tag("AlwaysSuccess"),
    "AlwaysFailure": _tag("AlwaysFailure"),
    "SetBlackboard": _tag(
        "SetBlackboard", value=Attribute("value", _text, str), output_key=Attribute("key", _text, str)
    ),
    "UnsetBlackboard": _tag("UnsetBlackboard", key=Attribute("key", _text, str)),
}
