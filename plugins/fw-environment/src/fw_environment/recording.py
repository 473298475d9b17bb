"""`Recording`: what came into a world, and what its state was after each step, as hashes."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fw_environment.desync import Difference, difference
from fw_environment.errors import BadFile, NotNow
from fw_environment.inputs import Input, check_input
from fw_environment.packing import pack, unpack
from fw_environment.state import State, hash_of

if TYPE_CHECKING:
    from fw_environment.environment import Environment

FORMAT = "fw-environment recording 1"


@dataclass
class Recording:
    """A run: the state that it began with, the inputs of each step, and the digests of each state after it.

    ``states`` holds the whole states too, where the recorder was told to keep them: a difference then names the
    entity and both values, not only the field.
    """

    start: bytes
    inputs: list[tuple[Input, ...]] = field(default_factory=list)
    digests: list[dict[str, bytes]] = field(default_factory=list)
    states: list[bytes] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def hashes(self) -> list[bytes]:
        """The hash of the state after each step."""
        return [hash_of(digests) for digests in self.digests]

    def to_bytes(self) -> bytes:
        """The recording for a file."""
        return pack((FORMAT, self.start, self.inputs, self.digests, self.states))

    @classmethod
    def from_bytes(cls, data: bytes, place: str = "The recording") -> Recording:
        """What :meth:`to_bytes` wrote; `BadFile` where it is cut or something else."""
        head = unpack(data, place)
        if not isinstance(head, tuple) or len(head) != 5 or head[0] != FORMAT:
            raise BadFile(place, f"It does not begin with {FORMAT!r}.", "Record it with this version.")
        _, start, inputs, digests, states = head
        checked = [tuple([check_input(item, place) for item in items]) for items in inputs]
        return cls(start, checked, list(digests), list(states))

    def save(self, path: str | Path) -> None:
        """Write the file, whole or not at all."""
        write_whole(Path(path), self.to_bytes())

    @classmethod
    def read(cls, path: str | Path) -> Recording:
        """Read the file."""
        return cls.from_bytes(Path(path).read_bytes(), str(path))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


class Recorder:
    """Records a world from where it stands: ``with Recorder(env) as recording: env.step(100)``."""

    def __init__(self, env: Environment, *, states: bool = False) -> None:
        self._env = env
        self._states = states
        self.recording = Recording(b"")

    def __enter__(self) -> Recording:
        self.recording = Recording(self._env.snapshot().to_bytes())
        self._env.watchers.append(self._keep)
        return self.recording

    def __exit__(self, *_: object) -> None:
        self._env.watchers.remove(self._keep)

    def _keep(self, env: Environment) -> None:
        state = env.snapshot()
        self.recording.inputs.append(env.inputs.last)
        self.recording.digests.append(state.digests())
        if self._states:
            self.recording.states.append(state.to_bytes())


def replay(env: Environment, recording: Recording, *, until: int | None = None) -> Difference | None:
    """Run the recording in ``env``, up to ``until`` steps; the first difference between the two runs, if there is one.

    The world must have the systems, event handlers, classes and policies of the recorded one; it is put where the
    recording began. It stands at the difference, or at the end of the recording.
    """
    if env.stepping:
        raise NotNow("A replay was asked for inside a step.", "Ask between two steps.")
    env.restore(env.load(recording.start))
    env.inputs.live = False
    try:
        for number, inputs in enumerate(recording.inputs[:until]):
            env.inputs.feed(inputs)
            env.step()
            state = env.snapshot()
            digests = state.digests()
            if digests != recording.digests[number]:
                return _told(env, state, digests, recording, number)
    finally:
        env.inputs.live = True
    return None


def _told(env: Environment, state: State, digests: dict[str, bytes], recording: Recording, number: int) -> Difference:
    if recording.states:
        found = difference(env.load(recording.states[number]), state)
        if found is not None:
            return found
    was = recording.digests[number]
    parts = [name for name in [*was, *digests] if was.get(name) != digests.get(name)]
    # Who is there and what is due says more than the counts that differ with it.
    part = next((name for name in parts if name != "world"), parts[0])
    return Difference(env.tick, part, None, None)
