"""`ProcessShards`: each shard in a process of its own."""

from __future__ import annotations

import multiprocessing
import traceback
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Self

from fw_gym.errors import ShardFailed
from fw_gym.shards import Batch, Shard

if TYPE_CHECKING:
    from fw_gym.model import Model
    from fw_gym.policies import Policy
    from fw_gym.spaces import GymSpace
    from fw_gym.task import Task

_PATIENCE = 5.0
"""Seconds that a process has to end by itself."""


class ProcessShards:
    """Shards in processes of this machine. Task and policies must be picklable, so their functions have names."""

    def __init__(self, task: Task | Model, *, shards: int = 2, lanes: int = 16, seed: int = 0) -> None:
        """``lanes`` are those of each shard."""
        # A forked process would share locks and threads with this one in whatever state they are.
        context = multiprocessing.get_context("spawn")
        self.lanes = shards * lanes
        self._links: list[Connection] = []
        self._processes: list[Any] = []
        try:
            for number in range(shards):
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs, task, lanes, seed, number), daemon=True)
                process.start()
                theirs.close()
                self._links.append(ours)
                self._processes.append(process)
            spaces: list[tuple[GymSpace, GymSpace]] = [self._answer(number) for number in range(shards)]
        except BaseException:
            self.close()
            raise
        self.observation_space, self.action_space = spaces[0]

    def rollout(self, policy: Policy, steps: int) -> Batch:
        """See `Shards`."""
        if not self._links:
            raise ShardFailed(0, "It is closed")
        try:
            for number, link in enumerate(self._links):
                self._tell(number, link, (policy, steps))
            return Batch.side_by_side([self._answer(number) for number in range(len(self._links))])
        except BaseException:
            # Answers that nobody has taken would be taken for those to the next call.
            self.close()
            raise

    def _tell(self, number: int, link: Connection, what: Any) -> None:
        try:
            link.send(what)
        except OSError as error:
            raise self._died(number) from error

    def _answer(self, number: int) -> Any:
        try:
            failed, found = self._links[number].recv()
        except (EOFError, OSError) as error:
            raise self._died(number) from error
        if failed:
            what, trace = found
            failure = ShardFailed(number, what)
            failure.add_note(trace)
            raise failure
        return found

    def _died(self, number: int) -> ShardFailed:
        process = self._processes[number]
        process.join(_PATIENCE)
        return ShardFailed(number, f"Its process has ended with {process.exitcode}")

    def close(self) -> None:
        """Let the processes end; those that do not within 5 s are killed."""
        for link in self._links:
            link.close()
        for process in self._processes:
            process.join(_PATIENCE)
            if process.is_alive():
                process.kill()
                process.join()
        self._links, self._processes = [], []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _serve(link: Connection, task: Task | Model, lanes: int, seed: int, number: int) -> None:
    """Answer until the other side is gone."""
    try:
        shard = Shard(task, lanes, seed, number)
        link.send((False, (shard.env.single_observation_space, shard.env.single_action_space)))
        while True:
            policy, steps = link.recv()
            link.send((False, shard.rollout(policy, steps)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:  # noqa: BLE001 - told to the other side as ShardFailed
        link.send((True, (f"{type(error).__name__}: {error}", traceback.format_exc())))
