"""The page at ``/_public/docs``: every endpoint, with a form that tries it from the browser. No outside resource."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape

from fw_orchestrator.endpoints import Endpoint, Endpoints


def policy() -> str:
    """The page's Content-Security-Policy: its own script, its own style, calls to its own server, nothing else."""
    script = b64encode(sha256(_SCRIPT.encode()).digest()).decode()
    rest = "style-src 'unsafe-inline'; connect-src 'self'; img-src data:"
    return f"default-src 'none'; script-src 'sha256-{script}'; {rest}"


def docs_page(endpoints: Endpoints) -> str:
    """The whole page."""
    parts = [
        f"<h2>{escape(group)}</h2>" + "".join(_entry(endpoint) for endpoint in found)
        for group, found in endpoints.groups()
    ]
    return _PAGE.replace("@sections@", "\n".join(parts)).replace("@script@", _SCRIPT)


def _entry(endpoint: Endpoint) -> str:
    method, path = endpoint.method, escape(endpoint.path)
    query = f"<small>?{escape(', '.join(endpoint.query))}</small>" if endpoint.query else ""
    area = ""
    if endpoint.example is not None:
        body = json.dumps(endpoint.example, indent=2)
        area = f'<textarea rows={body.count(chr(10)) + 1} aria-label="body">{escape(body)}</textarea>'
    return (
        f'<details><summary><b class="{method}">{method}</b> <code>{path}</code> {escape(endpoint.words)}</summary>'
        f'<form data-method="{method}" data-token="{endpoint.who}"><input value="{path}" aria-label="path">'
        f"{query}{area}<button>Try</button><pre></pre></form></details>"
    )


_SCRIPT = """
const names = {client: "X-Client-Token", worker: "X-Worker-Token", admin: "X-Admin-Token"};
for (const form of document.forms) form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const {method, token} = form.dataset, area = form.querySelector("textarea"), out = form.querySelector("pre");
  const headers = area ? {"Content-Type": "application/json"} : {};
  if (token) headers[names[token]] = document.getElementById(token).value;
  try {
    const options = {method, headers, body: area ? area.value : undefined};
    const answer = await fetch(form.querySelector("input").value, options);
    let text = await answer.text();
    try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* a picture, metrics, or nothing */ }
    out.textContent = answer.status + " " + answer.statusText + "\\n" + text;
  } catch (error) { out.textContent = String(error); }
});
"""
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Orchestrator API</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"><style>
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}code{font-size:.95em}
details{border:1px solid #ddd;border-radius:6px;margin:.4rem 0;padding:.4rem .7rem}summary{cursor:pointer}
input,textarea{width:100%;box-sizing:border-box;font:inherit;margin:.3rem 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f6f6f6}
.GET{color:#2563c9}.POST{color:#2f855a}.PATCH,.PUT{color:#b7791f}label{display:block}
textarea{font-family:monospace}small{display:block;color:#666}</style>
<h1>Orchestrator API</h1>
<label>Client token <input id="client" type="password" autocomplete="off"></label>
<label>Worker token <input id="worker" type="password" autocomplete="off"></label>
<label>Admin token <input id="admin" type="password" autocomplete="off"></label>
@sections@
<script>@script@</script></html>
"""
