"""Nested schemas and types beyond scalars: merged by key, checked by pydantic, every problem with its place."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from framework import checking
from framework.sources import Value
from fw_config.checking import check


class Level(Enum):
    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True)
class Pool:
    size: Annotated[int, Field(gt=0, le=100)] = 5
    wait: timedelta = timedelta(seconds=10)


@dataclass(frozen=True)
class Database:
    url: str
    password: str = field(default="", metadata={"secret": True})
    pool: Pool = field(default_factory=Pool)


@dataclass(frozen=True)
class Shop:
    name: str = "shop"
    database: Database | None = None
    branches: list[Database] = field(default_factory=list)
    regions: dict[str, Pool] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)
    opened: date = date(2020, 1, 1)
    level: Level = Level.LOW
    kind: Literal["a", "b"] = "a"
    folder: Path = Path()
    codes: Annotated[set[int], Field(max_length=2)] = field(default_factory=set)
    pause: timedelta | None = None
    token: Annotated[str, Field(min_length=8)] = field(default="unsetunset", metadata={"secret": True})


TOML = """\
[shop]
level = "high"
kind = "b"
folder = "there"
codes = [1, 2]
opened = 2024-02-29
pause = 1.5
rates = {eur = 1, usd = 1.1}

[shop.database]
url = "one"
password = "pw"
pool = {size = 7}

[[shop.branches]]
url = "b1"

[[shop.branches]]
url = "b2"
pool = {size = 2, wait = "PT3S"}

[shop.regions.north]
size = 1

[env.live.shop.database]
url = "live"

[env.live.shop.regions.south]
size = 2
"""


def test_nested_settings_are_plain_frozen_dataclasses(folder: Any) -> None:
    """K42"""
    folder.write("fw.toml", TOML)
    shop = folder.settings(Shop)
    assert shop.database == Database("one", "pw", Pool(7))
    assert shop.branches == [Database("b1"), Database("b2", pool=Pool(2, timedelta(seconds=3)))]
    assert shop.regions == {"north": Pool(1)}
    assert (shop.opened, shop.level, shop.kind) == (date(2024, 2, 29), Level.HIGH, "b")
    assert (shop.folder, shop.codes, shop.rates) == (Path("there"), {1, 2}, {"eur": 1.0, "usd": 1.1})
    assert shop.pause == timedelta(seconds=1.5)
    assert {type(shop.database), type(shop.database.pool)} == {Database, Pool}
    with pytest.raises(FrozenInstanceError):
        shop.database.url = "other"


def test_tables_merge_by_key_and_lists_replace(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """K41: a table in a variable too, whether it is one variable or one for each key."""
    folder.write("fw.toml", TOML)
    monkeypatch.setenv("FW_SHOP__DATABASE__POOL__SIZE", "9")
    monkeypatch.setenv("FW_SHOP__REGIONS__SOUTH__WAIT", "4")
    monkeypatch.setenv("FW_SHOP__BRANCHES", '[{"url": "b3", "pool": {"size": 3}}]')
    shop = folder.settings(Shop, env="live")
    assert shop.database == Database("live", "pw", Pool(9))
    assert shop.regions == {"north": Pool(1), "south": Pool(2, timedelta(seconds=4))}
    assert shop.branches == [Database("b3", pool=Pool(3))]
    monkeypatch.setenv("FW_SHOP__DATABASE", '{"pool": {"size": 8}}')
    monkeypatch.delenv("FW_SHOP__DATABASE__POOL__SIZE")
    assert folder.settings(Shop, env="live").database == Database("live", "pw", Pool(8))


def test_text_of_variables_is_parsed_as_the_type_wants(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "CODES": "1, 2",
        "PAUSE": "90",
        "OPENED": "2025-01-02",
        "RATES": '{"eur": 2}',
        "TOKEN": "1234567890",
        "LEVEL": "high",
    }
    for name, text in given.items():
        monkeypatch.setenv(f"FW_SHOP__{name}", text)
    shop = folder.settings(Shop)
    assert (shop.codes, shop.pause, shop.opened) == ({1, 2}, timedelta(seconds=90), date(2025, 1, 2))
    assert (shop.rates, shop.token, shop.level) == ({"eur": 2.0}, "1234567890", Level.HIGH)
    monkeypatch.setenv("FW_SHOP__CODES", "[3]")
    monkeypatch.setenv("FW_SHOP__PAUSE", "")
    assert (folder.settings(Shop).codes, folder.settings(Shop).pause) == ({3}, None)


WRONG = """\
[shop]
nam = "x"
opened = "soon"
codes = [1, 2, 3]
token = "hunter2"
kind = "c"
rates = {eur = "much"}
branches = [{url = "b1", pool = {size = "1"}}, {ulr = "b2"}]

[shop.database]
pasword = "hunter2"
pool = {size = 0, wait = "later"}

[shop.regions.north]
sise = 1
"""


def test_every_problem_is_told_at_once_with_its_path_and_no_value(folder: Any) -> None:
    """K41, K42"""
    file = folder.write("fw.toml", WRONG)
    message = folder.refusal(Shop)
    wanted = [
        f"{file}:2: [shop] has no setting 'nam'.\n  Did you mean 'name'?",
        f"{file}:3: [shop] opened: input should be a valid date",
        f"{file}:4: [shop] codes: set should have at most 2 items",
        f"{file}:5: [shop] token: string_too_short (the value is secret and not shown).",
        f"{file}:6: [shop] kind must be one of 'a', 'b', not 'c'.",
        f"{file}:7: [shop] rates.eur: input should be a valid number",
        f"{file}:8: [shop.branches[0].pool] size: input should be a valid integer",
        f"{file}:8: [shop.branches[1]] has no setting 'ulr'.\n  Did you mean 'url'?",
        "[shop.branches[1]] url is not set",
        "[shop.database] has no setting 'pasword'.\n  Did you mean 'password'?",
        "[shop.database] url is not set, and it has no default.\n  Set it in fw.toml ([shop.database] url = …)",
        "or as FW_SHOP__DATABASE__URL.",
        "[shop.database.pool] size: input should be greater than 0",
        "[shop.database.pool] wait: input should be a valid duration",
        "[shop.regions.north] has no setting 'sise'.",
    ]
    assert [part for part in wanted if part not in message] == []
    assert message.count("\n  ") >= len(wanted) - 2
    for value in ("hunter2", "soon", "much", "later"):
        assert value not in message


@pytest.mark.parametrize(
    "text,said",
    [
        ("database = 3", "[shop.database] must be a table"),
        ("database = {url = 'x', pool = []}", "[shop.database.pool] must be a table"),
        ("branches = 3", "[shop.branches] must be a list of tables"),
        ("branches = [3]", "[shop.branches[0]] must be a table"),
        ("regions = {north = 3}", "[shop.regions.north] must be a table"),
    ],
)
def test_what_is_no_table_is_told(folder: Any, text: str, said: str) -> None:
    folder.write("fw.toml", f"[shop]\n{text}\n")
    assert said in folder.refusal(Shop)


def test_a_schemas_own_check_is_told_with_its_path(folder: Any) -> None:
    folder.write("fw.toml", "[shop.inner]\nlow = 3\nhigh = 2\n")
    assert "[shop.inner] low must be below high, 3 is not below 2" in folder.refusal(Outer)


@dataclass(frozen=True)
class Range:
    low: int = 0
    high: int = 1

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"low must be below high, {self.low} is not below {self.high}")


@dataclass(frozen=True)
class Outer:
    inner: Range = field(default_factory=Range)


def test_secrets_in_nested_settings_are_known(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """K40"""
    folder.write("fw.toml", TOML)
    monkeypatch.setenv("FW_SHOP__DATABASE__PASSWORD", "12345")
    app = folder.shop(Shop)
    assert app.config.secrets() == {"pw", "12345"}
    assert app.config.get(Shop).database.password == "12345"


def test_a_nested_schema_that_is_secret_as_a_whole_is_hidden(folder: Any) -> None:
    @dataclass(frozen=True)
    class Safe:
        pool: Pool = field(default_factory=Pool, metadata={"secret": True})

    folder.write("fw.toml", "[shop.pool]\nsize = 77777\n")
    message = folder.refusal(Safe)
    assert "[shop.pool] size: less_than_equal (the value is secret and not shown)" in message
    assert "77777" not in message


def test_a_type_that_nobody_knows_is_told(folder: Any) -> None:
    class Strange:
        pass

    @dataclass(frozen=True)
    class Odd:
        what: Any = None
        strange: Strange | None = None

    Odd.__annotations__["strange"] = Strange
    folder.write("fw.toml", "[shop]\nstrange = 1\n")
    assert "[shop] strange is of type" in folder.refusal(Odd)


@dataclass(frozen=True)
class Plain:
    text: str = ""
    number: int = 0
    rate: float = 0.0
    on: bool = False
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PlainAndMore(Plain):
    more: timedelta = timedelta()


RAW = st.one_of(st.text(max_size=5), st.integers(), st.booleans(), st.none(), st.lists(st.text(max_size=3), max_size=3))


@given(st.dictionaries(st.sampled_from(["text", "number", "rate", "on", "words", "wrods"]), RAW), st.booleans())
def test_what_the_kernel_knows_means_the_same_beside_what_it_does_not(values: dict[str, Any], is_text: bool) -> None:
    """K42: a schema that grows a nested field changes nothing for the others, nor what is said of them."""
    layer = {key: Value(raw, "here", is_text and isinstance(raw, str)) for key, raw in values.items()}
    kernel, both = checking.check("shop", Plain, [layer]), check("shop", PlainAndMore, [layer])
    said = [str(problem).replace(", more", "").replace("more, ", "") for problem in both.problems]
    assert said == [str(problem) for problem in kernel.problems]
    if not said:
        assert PlainAndMore(**vars(kernel.settings)) == both.settings
