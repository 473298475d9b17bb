"""Metrics in the text format that Prometheus reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fw_orchestrator.engine import Engine

_COUNTERS = {
    "orchestrator_jobs_created_total": ("Jobs created by this engine.", "jobs_created", ""),
    "orchestrator_transitions_total": ("Transitions committed by this engine.", "transitions", ""),
    "orchestrator_jobs_cancelled_total": ("Jobs cancelled through this engine.", "jobs_cancelled", ""),
    "orchestrator_results_total": ("Results of tasks by what became of them.", "results_", "answer"),
}


async def exposition(engine: Engine) -> str:
    """The whole text."""
    lines: list[str] = []
    for name, (words, key, label) in _COUNTERS.items():
        lines += [f"# HELP {name} {words}", f"# TYPE {name} counter"]
        if label:
            found = {word: number for word, number in engine.counted.items() if word.startswith(key)}
            lines += [
                f'{name}{{{label}="{word.removeprefix(key)}"}} {number}' for word, number in sorted(found.items())
            ]
        else:
            lines.append(f"{name} {engine.counted[key]}")
    lines += ["# HELP orchestrator_jobs Jobs in the store.", "# TYPE orchestrator_jobs gauge"]
    for count in await engine.store.counts():
        labels = {"blueprint": count.blueprint, "definition": count.definition, "state": count.state}
        words = ",".join(f'{name}="{_escaped(text)}"' for name, text in {**labels, "status": count.status}.items())
        lines.append(f"orchestrator_jobs{{{words}}} {count.number}")
    since = engine.surroundings.clock() - engine.settings.worker_timeout
    gauges = {
        "orchestrator_workers": ("Workers that are alive.", len(await engine.store.workers(seen_since=since))),
        "orchestrator_waiting_polls": ("Workers' requests that wait at this engine for a task.", len(engine.pollers)),
        "orchestrator_active_jobs": ("Jobs whose handlers run in this engine.", engine.active),
    }
    for name, (words, number) in gauges.items():
        lines += [f"# HELP {name} {words}", f"# TYPE {name} gauge", f"{name} {number}"]
    return "\n".join([*lines, ""])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
