"""Applications that serve on free ports, and what their pages of metrics say."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from framework import App
from fw_testing.harness import app_with

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


class Scraped:
    """A page of metrics, read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.samples: Samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        return self.samples[name, frozenset(labels.items())]

    def labels_of(self, name: str, label: str) -> set[str]:
        return {dict(labels)[label] for sample, labels in self.samples if sample == name}


class Client:
    """Talks to one running App."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def status(self, method: str, path: str, **options: Any) -> int:
        async with self.session.request(method, path, **options) as response:
            await response.read()
            return response.status

    async def scrape(self, path: str = "/metrics") -> Scraped:
        async with self.session.get(path) as response:
            assert response.status == 200
            assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            return Scraped(await response.text())


@pytest.fixture
def web() -> Callable[..., App]:
    """Make an App with http and observability; settings of the latter are keywords."""

    def make(*plugins: Any, **settings: Any) -> App:
        return app_with("http", "observability", *plugins, defaults={"observability": settings})

    return make


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[App], Any]]:
    """Start an App and give a client; all are stopped after the test."""
    async with AsyncExitStack() as stack:

        async def start(app: App) -> Client:
            await stack.enter_async_context(app)
            session = aiohttp.ClientSession(app.http.url, timeout=aiohttp.ClientTimeout(total=20))
            return Client(await stack.enter_async_context(session))

        yield start
