"""The page that shows what is served: it is whole, asks nobody else, and a real browser makes calls on it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from fw_orchestrator.blueprint import StateMachineBlueprint
from fw_testing.browser import chromium

from .orchestration import ADMIN_TOKEN, CLIENT_TOKEN, WORKER_TOKEN, Site, nothing, one_task, site


def versioned() -> StateMachineBlueprint:
    blueprint = StateMachineBlueprint("second", api_version="v2", api_endpoint="/jobs/second")
    blueprint.handler_for("start", is_start=True, is_end=True)(nothing)
    return blueprint


async def page_of(running: Site) -> tuple[str, Any]:
    async with running.session.get(f"{running.app.http.url}/_public/docs") as answer:
        return await answer.text(), answer.headers


async def test_it_shows_every_operation_that_is_served() -> None:
    async with site(one_task(), versioned()) as running:
        page, _ = await page_of(running)
        document = (await running.call("GET", "/openapi.json")).body
        served = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
        shown = re.findall(r'<b class="\w+">(\w+)</b> <code>([^<]+)</code>', page)
        assert sorted(shown) == sorted(served)
        for path in ("/api/jobs/flow", "/api/v2/jobs/second", "/api/v2/jobs/{job_id}", "/_worker/ws/{worker_id}"):
            assert path in page


async def test_it_runs_no_code_but_its_own() -> None:
    blueprint = StateMachineBlueprint("second", api_endpoint='/jobs/"><img')
    blueprint.handler_for("start", is_start=True, is_end=True)(nothing)
    async with site(blueprint) as running:
        page, headers = await page_of(running)
        assert "<img" not in page
        assert "&lt;img" in page
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'sha256-")
        assert "connect-src 'self'" in policy
        assert not re.search(r"https?://|innerHTML|eval\(", page)


async def test_what_may_stand_in_a_query_and_whose_token_is_needed_is_described() -> None:
    async with site(one_task()) as running:
        described = (await running.call("GET", "/openapi.json")).body["paths"]["/api/jobs"]["get"]
        assert described["description"] == "Needs the header `X-Client-Token`."
        may = {one["name"]: one["required"] for one in described["parameters"]}
        assert may == dict.fromkeys(("status", "blueprint", "state", "limit", "offset"), False)


async def test_every_body_is_described() -> None:
    """OpenAPI says what each call takes, so that tools can make calls of it."""
    async with site(one_task()) as running:
        paths = (await running.call("GET", "/openapi.json")).body["paths"]
        described = {path for path, methods in paths.items() for one in methods.values() if "requestBody" in one}
        assert described == {
            "/api/jobs/flow",
            "/api/admin/jobs/{job_id}/resume",
            "/_public/webhooks/approval/{job_id}",
            "/_worker/workers/register",
            "/_worker/workers/{worker_id}",
            "/_worker/tasks/result",
            "/_worker/events",
            "/_worker/auth/token/refresh",
        }
        assert "$ref" not in json.dumps(paths["/_worker/workers/register"]["post"]["requestBody"])


@pytest.mark.needs("chromium")
async def test_a_browser_creates_a_job_looks_at_it_and_is_refused(tmp_path: Path) -> None:
    async with site(one_task()) as running, chromium(tmp_path / "profile") as page:
        await page.open(f"{running.app.http.url}/_public/docs")
        await page.until("document.forms.length > 20")

        async def attempt(method: str, path: str, real: str = "", body: str | None = None) -> str:
            """Fill in one form and send it; what it shows."""
            texts = "document.querySelectorAll('summary')"
            wanted = json.dumps(f"{method} {path} ")
            find = f"[...{texts}].find(each => (each.innerText + ' ').startsWith({wanted})).parentNode"
            await page.value(f"window.card = {find}; card.open = true; card.querySelector('pre').textContent = ''; 1")
            if real:
                await page.value(f"card.querySelector('input').value = {json.dumps(real)}")
            if body is not None:
                await page.value(f"card.querySelector('textarea').value = {json.dumps(body)}")
            await page.value("card.querySelector('button').click()")
            return str(await page.until("card.querySelector('pre').textContent"))

        assert (await attempt("POST", "/api/jobs/flow")).startswith("401 Unauthorized")
        for who, token in (("client", CLIENT_TOKEN), ("worker", WORKER_TOKEN), ("admin", ADMIN_TOKEN)):
            await page.value(f"document.getElementById('{who}').value = '{token}'")
        made = await attempt("POST", "/api/jobs/flow")
        assert made.startswith("202 Accepted")
        job_id = json.loads(made.partition("\n")[2])["job_id"]
        assert '"status": "accepted"' in made or '"status":"accepted"' in made
        shown = await attempt("GET", "/api/jobs/{job_id}", f"/api/jobs/{job_id}")
        assert job_id in shown
        assert (await attempt("POST", "/api/jobs/flow", body='{"initial_data": 5}')).startswith("422 ")
        assert (await attempt("POST", "/_worker/workers/register")).startswith("200 OK")
        assert (await attempt("GET", "/api/workers")).count('"worker_id"') == 1
        assert (await attempt("GET", "/api/admin/definitions")).startswith("200 OK")
        assert "orchestrator_jobs_created_total 1" in await attempt("GET", "/_public/metrics")
        assert (await attempt("POST", "/api/jobs/{job_id}/cancel", f"/api/jobs/{job_id}/cancel")).startswith("200 OK")
        (tmp_path / "docs.png").write_bytes(await page.picture())
        asked = {one["params"]["request"]["url"] for one in page.events if one["method"] == "Network.requestWillBeSent"}
        assert all(url.startswith((running.app.http.url, "data:")) for url in asked), asked
        errors = [one for one in page.events if one["method"] in ("Runtime.exceptionThrown", "Log.entryAdded")]
        assert [one for one in errors if not re.search("401|422|'verbose'", str(one))] == []
