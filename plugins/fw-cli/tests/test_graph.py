"""`fw graph`"""

import json
import re
from typing import Any

import pytest

from fw_cli.drawing import as_mermaid, as_text, reduced

NODE = re.compile(r'    (n\d+)\["([^"\[\]{}<>()|]*)"\]')
ARROW = re.compile(r"  (n\d+) --> (n\d+)")
FRAME = re.compile(r'  subgraph (g\d+)\["([^"\[\]{}<>()|]*)"\]')


def parsed(text: str) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """Labels by node, and arrows; fails on any line outside the grammar used here, a strict part of Mermaid's."""
    head, *lines = text.split("\n")
    assert head == "flowchart LR"
    assert lines.pop() == ""
    labels: dict[str, str] = {}
    frames: list[str] = []
    arrows: set[tuple[str, str]] = set()
    inside = False
    for line in lines:
        if match := FRAME.fullmatch(line):
            assert not inside
            assert not arrows
            frames.append(match[1])
            inside = True
        elif match := NODE.fullmatch(line):
            assert inside
            assert match[1] not in labels
            labels[match[1]] = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), match[2])
        elif line == "  end":
            assert inside
            inside = False
        else:
            match = ARROW.fullmatch(line)
            assert match, f"not a line of a flowchart: {line!r}"
            assert not inside
            assert {match[1], match[2]} <= labels.keys()
            arrows.add((match[1], match[2]))
    assert not inside
    assert len(set(frames)) == len(frames)
    return labels, arrows


def test_units_are_listed_in_start_order_with_what_they_need(shop: Any) -> None:
    done = shop.run("graph", "shop")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "application:Database",
        "application:Cart      needs application:Database",
        "application:Till      needs application:Cart",
    ]


def test_json_has_the_owner_too(shop: Any) -> None:
    rows = json.loads(shop.run("graph", "shop", "--format", "json").stdout)
    assert rows[1] == {"unit": "application:Cart", "owner": "application", "needs": ["application:Database"]}


def test_mermaid_is_valid_and_says_the_same(shop: Any) -> None:
    done = shop.run("graph", "shop", "--format", "mermaid")
    labels, arrows = parsed(done.stdout)
    assert {(labels[a], labels[b]) for a, b in arrows} == {
        ("application:Database", "application:Cart"),
        ("application:Cart", "application:Till"),
    }


@pytest.mark.parametrize("name", ["end", 'a"]', "x --> y", "<b>", "a[b](c){d}|e|;#", "größe", "%% no", "`md`", "n1"])
def test_no_name_breaks_the_mermaid(name: str) -> None:
    labels, arrows = parsed(as_mermaid({name: [], "other": [name]}, {name: name, "other": "application"}))
    assert labels == {"n0": name, "n1": "other"}
    assert arrows == {("n0", "n1")}


def test_the_mermaid_check_refuses_what_is_not_a_flowchart() -> None:
    with pytest.raises(AssertionError):
        parsed('flowchart LR\n  subgraph g0["a"]\n    n0["say "hi""]\n  end\n')


def test_edges_that_follow_from_others_are_left_out() -> None:
    assert reduced({"a": [], "b": ["a"], "c": ["a", "b"], "d": ["c", "a"]}) == {
        "a": frozenset(),
        "b": {"a"},
        "c": {"b"},
        "d": {"c"},
    }
    assert as_text({}) == ""


def test_without_an_application_the_installed_plugins_are_shown(fw: Any) -> None:
    fw.install("alpha")
    fw.install("beta", manifest='requires = ["alpha"]\n')
    done = fw.run("graph", "-p", "alpha", "-p", "beta")
    assert done.returncode == 0
    assert "there is no application here" in done.stderr
    lines = done.stdout.splitlines()
    assert next(line for line in lines if line.startswith("beta")).split() == ["beta", "needs", "alpha"]


@pytest.mark.parametrize(
    "words",
    [["nowhere"], ["shop:nothing"], ["shop", "--mode"], ["shop", "--format", "svg"], ["shop", "--config", "no.toml"]],
)
def test_wrong_input_is_one_message(shop: Any, words: list[str]) -> None:
    done = shop.run("graph", *words)
    assert done.returncode == 2
    assert done.stderr
    assert done.stdout == ""


def test_a_module_that_fails_is_told_with_its_place(fw: Any) -> None:
    fw.write("broken.py", "from framework import App\n1 / 0\n")
    done = fw.run("graph", "broken")
    assert done.returncode == 2
    assert "broken.py:2" in done.stderr


def test_a_reader_that_goes_away_is_no_error(shop: Any) -> None:
    """As in ``fw graph | head -1``."""
    process = shop.start("config", "show", "shop")
    process.stdout.close()
    assert process.wait(timeout=60) in (0, 1)
