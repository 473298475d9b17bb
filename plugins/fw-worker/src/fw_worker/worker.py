"""The component: puts the runners together and gives them a life within the application."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

from framework import App, AppReady, AppStopping, Component
from framework.config import AppSettings
from fw_rxon import Reception
from fw_worker.bound import BoundFunction
from fw_worker.bound_skill import BoundSkill
from fw_worker.capacity import Capacity
from fw_worker.catalogue import Catalogue
from fw_worker.commands import Commands
from fw_worker.config import WorkerSettings
from fw_worker.errors import MissingToken, NoOrchestrator
from fw_worker.facade import WorkerFacade
from fw_worker.loading import load_skills
from fw_worker.observation import Observation
from fw_worker.precedence import Precedence, Turn
from fw_worker.runner import Runner
from fw_worker.threads import SkillThreads
from fw_worker.transport import Transport

_log = logging.getLogger("fw.worker")


class Worker(Component):
    """Offers the application's skills: `start` checks them, `open` connects, `drain` finishes, `stop` clears up."""

    def __init__(self, app: App, settings: WorkerSettings, facade: WorkerFacade, observation: Observation) -> None:
        self._app = app
        self._settings = settings
        self._facade = facade
        self._observation = observation
        self._runners: list[Runner] = []
        self._threads: SkillThreads | None = None
        self._life: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Work out the skills. Raises `SkillError`, `NoSkills`; with something to offer `MissingToken` and the like."""
        catalogue = Catalogue(self._skills(), self._settings.amounts)
        if not catalogue.names:
            _log.warning("no skill is declared, so there is nothing to offer; declare one with @app.worker.skill(...)")
            return
        settings = self._settings
        self._check_time_to_stop()
        self._threads = threads = SkillThreads()
        commands = Commands(self._commands(), threads)
        capacity = Capacity(catalogue.limits(settings.concurrency))
        each = (settings,) if settings.embedded else settings.each
        precedence = Precedence(len(each), failover=settings.share == "failover")
        self._runners = [
            Runner(
                settings=one,
                catalogue=catalogue,
                transport=await self._transport(one),
                capacity=capacity,
                threads=threads,
                turn=Turn(precedence, index),
                commands=commands,
                observation=self._observation,
            )
            for index, one in enumerate(each)
        ]

    def _check_time_to_stop(self) -> None:
        drain = self._settings.drain_timeout + self._settings.cancel_timeout
        whole = self._app.config.get(AppSettings).stop_timeout
        if drain >= whole:
            _log.warning(
                "on a stop tasks have worker.drain_timeout + worker.cancel_timeout = %g s, but everything is cut off "
                "after %g s, results that wait included; raise [app] stop_timeout, or lower the others",
                drain,
                whole,
            )

    def _skills(self) -> Iterator[BoundSkill]:
        for declaration in self._facade.declared("skill"):
            yield BoundSkill(declaration.item, declaration.place, self._compile, self._app.scope)
        for item, place in load_skills(self._settings.skills):
            yield BoundSkill(item, place, self._compile, self._app.scope)

    def _commands(self) -> Iterator[BoundFunction]:
        for declaration in self._facade.declared("command"):
            item = declaration.item
            yield BoundFunction(item.name, item.function, declaration.place, self._compile, self._app.scope)

    def _compile(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return self._app.compile(function, marked_only=True)

    async def _transport(self, settings: WorkerSettings) -> Transport:
        if settings.embedded:
            from fw_worker.embedded_transport import EmbeddedTransport

            if self._app.container.provider(Reception) is None:
                raise NoOrchestrator
            return EmbeddedTransport(await self._app.container.resolve(Reception), settings.worker_id)
        if not (settings.token or settings.certificate):
            raise MissingToken
        from fw_worker.http_transport import HttpTransport

        return HttpTransport(settings)

    def open(self) -> None:
        """Register and take tasks from now on; returns at once."""
        if self._runners:
            self._life = asyncio.create_task(self._live(), name="worker")
            self._life.add_done_callback(self._ended)

    async def drain(self) -> None:
        """Take nothing new; give what runs `drain_timeout` seconds, then stop it; hand in all results; say farewell."""
        if self._life is None:
            return
        for runner in self._runners:
            runner.finish()
        done, _ = await asyncio.wait({self._life}, timeout=self._settings.drain_timeout)
        if not done:
            for runner in self._runners:
                runner.hurry()
        await self._life

    async def stop(self) -> None:
        """Cut off what a drain has not ended, if there was one."""
        if self._life is not None and not self._life.done():
            self._life.cancel()
            await asyncio.wait({self._life})
        if self._threads is not None:
            self._threads.close()
        self._runners, self._threads, self._life = [], None, None

    async def _live(self) -> None:
        async with asyncio.TaskGroup() as group:
            for runner in self._runners:
                group.create_task(runner.run(), name="runner")

    def _ended(self, life: asyncio.Task[None]) -> None:
        if not life.cancelled() and life.exception() is not None:
            _log.critical("the worker broke down", exc_info=life.exception())
            self._app.request_stop("the worker broke down")


def open_worker(event: AppReady, worker: Worker) -> None:
    """The door opens when everything is up."""
    worker.open()


async def drain_worker(event: AppStopping, worker: Worker) -> None:
    """The door closes, and what came through it is finished, before any unit stops."""
    await worker.drain()
