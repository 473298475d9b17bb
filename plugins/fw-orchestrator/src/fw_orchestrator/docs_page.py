"""The page at ``/_public/docs``: every endpoint, with a form that tries it from the browser. No outside resource."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fw_orchestrator.config import OrchestratorSettings
    from fw_orchestrator.engine import Engine

_COMMON = (
    ("GET", "/jobs", "Jobs, newest first: ?status, blueprint, state, limit, offset", "client"),
    ("GET", "/jobs/quarantined", "Jobs that wait for an operator", "client"),
    ("GET", "/jobs/{job_id}", "One job: state, progress, error, result", "client"),
    ("GET", "/jobs/{job_id}/history", "What happened to a job", "client"),
    ("POST", "/jobs/{job_id}/cancel", "End a job", "client"),
    ("GET", "/blueprints/{name}/graph", "A blueprint as DOT; ?format=mermaid or svg", "client"),
    ("GET", "/dashboard", "Jobs by status, number of workers", "client"),
    ("GET", "/workers", "Workers that are alive", "client"),
    ("GET", "/workers/catalog", "What they can do", "client"),
    ("POST", "/admin/jobs/{job_id}/resume", "Take a quarantined job up again", "admin"),
    ("GET", "/admin/definitions", "Definitions, and jobs that wait for others", "admin"),
)
_PUBLIC = (
    ("GET", "/_public/status", "Whether the orchestrator answers", ""),
    ("GET", "/_public/metrics", "Metrics for Prometheus", ""),
    ("POST", "/_public/webhooks/approval/{job_id}", 'Decide: {"decision", "token"}', ""),
)
_WORKERS = (
    ("POST", "/_worker/workers/register", "Register", "worker"),
    ("PATCH", "/_worker/workers/{worker_id}", "Heartbeat", "worker"),
    ("GET", "/_worker/workers/{worker_id}/tasks/next", "Wait for a task", "worker"),
    ("POST", "/_worker/tasks/result", "Hand in a result", "worker"),
    ("POST", "/_worker/events", "Report progress or an event", "worker"),
)

Row = tuple[str, str, str, str]


def docs_page(engine: Engine, settings: OrchestratorSettings) -> str:
    """The whole page."""
    from fw_orchestrator.client_api import endpoint_path, prefixes

    parts = []
    if settings.client_api:
        own = [
            ("POST", endpoint_path(blueprint, settings), f"New job of {blueprint.name}", "client")
            for blueprint in engine.blueprints.values()
            if blueprint.api_endpoint is not None
        ]
        parts.append(_section("Blueprints", own))
        parts += [
            _section(f"Jobs and workers: {prefix}", [(m, prefix + p, w, t) for m, p, w, t in _COMMON])
            for prefix in prefixes(engine, settings)
        ]
    parts += [_section("Public", list(_PUBLIC)), _section("Worker protocol", list(_WORKERS))]
    return _PAGE.replace("@sections@", "\n".join(parts))


def _section(title: str, rows: list[Row]) -> str:
    return f"<h2>{escape(title)}</h2>" + "".join(_entry(*row) for row in rows)


def _entry(method: str, path: str, words: str, whose: str) -> str:
    body = json.dumps({"initial_data": {}}) if whose == "client" and method == "POST" and "{" not in path else "{}"
    area = "" if method == "GET" else f"<textarea rows=3>{escape(body)}</textarea>"
    return (
        f'<details><summary><b class="{method}">{method}</b> <code>{escape(path)}</code> {escape(words)}</summary>'
        f'<form data-method="{method}" data-token="{whose}"><input value="{escape(path)}" aria-label="path">{area}'
        "<button>Try</button><pre></pre></form></details>"
    )


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Orchestrator API</title>
<meta name="viewport" content="width=device-width"><style>
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}code{font-size:.95em}
details{border:1px solid #ddd;border-radius:6px;margin:.4rem 0;padding:.4rem .7rem}summary{cursor:pointer}
input,textarea{width:100%;box-sizing:border-box;font:inherit;margin:.3rem 0}pre{white-space:pre-wrap;background:#f6f6f6}
.GET{color:#2563c9}.POST{color:#2f855a}.PATCH,.PUT{color:#b7791f}label{display:block}</style>
<h1>Orchestrator API</h1>
<label>Client token <input id="client" type="password" autocomplete="off"></label>
<label>Worker token <input id="worker" type="password" autocomplete="off"></label>
<label>Admin token <input id="admin" type="password" autocomplete="off"></label>
@sections@
<script>
const names = {client: "X-Client-Token", worker: "X-Worker-Token", admin: "X-Admin-Token"};
for (const form of document.forms) form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const {method, token} = form.dataset, area = form.querySelector("textarea"), out = form.querySelector("pre");
  const headers = {"Content-Type": "application/json"};
  if (token) headers[names[token]] = document.getElementById(token).value;
  try {
    const options = {method, headers, body: area ? area.value : undefined};
    const answer = await fetch(form.querySelector("input").value, options);
    out.textContent = answer.status + " " + answer.statusText + "\\n" + await answer.text();
  } catch (error) { out.textContent = String(error); }
});
</script></html>
"""
