"""`fw completion`"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fw_cli.candidates import candidates

BASH = """\
eval "$(fw completion bash)"
COMP_LINE="$1"; COMP_POINT=${#1}
read -ra COMP_WORDS <<< "$1"
[[ "$1" == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_fw_complete
printf '%s\\n' "${COMPREPLY[@]}"
complete -p fw
"""


def in_bash(fw: Any, line: str) -> list[str]:
    """What bash offers for a line, by the printed script and the installed ``fw``."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH, "bash", line],
        cwd=fw.folder,
        env=fw.environment(PATH=path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    *offered, registered = done.stdout.splitlines()
    assert registered == "complete -o default -F _fw_complete fw"
    return [word for word in offered if word]


@pytest.mark.needs("posix")
@pytest.mark.parametrize(
    "line, wanted",
    [
        ("fw ", {"run", "plugins", "graph", "doctor", "init", "config", "completion"}),
        ("fw gr", {"graph"}),
        ("fw run --m", {"--mode"}),
        ("fw plugins why al", {"alpha"}),
        ("fw run -p no:al", {"alpha"}),
        ("fw nonsense ", set()),
    ],
)
def test_bash_completes(fw: Any, line: str, wanted: set[str]) -> None:
    fw.install("alpha")
    offered = set(in_bash(fw, line))
    assert wanted <= offered
    assert all(word.startswith(line.rpartition(" ")[2].rpartition(":")[2]) for word in offered)
    assert bool(offered) is bool(wanted)


@pytest.mark.needs("posix")
def test_the_bash_script_is_valid(fw: Any) -> None:
    script = fw.run("completion", "bash").stdout
    subprocess.run(["bash", "-n"], input=script, text=True, check=True, timeout=60)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script_of_their_own(fw: Any, shell: str) -> None:
    script = fw.run("completion", shell).stdout
    assert f"completion candidates {shell}" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True, timeout=60)


@pytest.mark.parametrize(
    "line, wanted",
    [
        ("fw run --", {"--mode", "--config", "--env", "--log-level", "--set", "--help", "--explain", "--reload"}),
        ("fw run --log-level w", {"warning"}),
        ("fw run --explain --j", {"--json"}),
        ("fw -p cli gra", {"graph"}),
        ("fw graph --format ", {"json", "mermaid", "text"}),
        ("fw config ch", {"check"}),
        ("fw config show --s", {"--set", "--sources"}),
        ("fw plugins ", {"list", "refresh", "why"}),
        ("fw plugins list --", {"--json"}),
        ("fw completion ", {"bash", "fish", "zsh"}),
        ("fw init ", {"plugin", "service", "simulation"}),
        ("fw -p no:cl", {"no:cli"}),
        ("fw --v", {"--version"}),
        ("fw 'run", set()),
        ("fw run shop", set()),
    ],
)
def test_candidates(line: str, wanted: set[str]) -> None:
    assert set(candidates(line, "zsh")) == wanted


@pytest.mark.parametrize("words", [[], ["tcsh"], ["bash", "zsh"], ["candidates", "tcsh", "fw "], ["candidates"]])
def test_wrong_words_are_refused(fw: Any, words: list[str]) -> None:
    done = fw.run("completion", *words)
    assert done.returncode == 2
    assert "usage: fw completion" in done.stderr
