"""Steering of many bodies at once: what each wants to change about its velocity.

(Reynolds, Steering Behaviors for Autonomous Characters, 1999.) All arrays are (N, 2), a row for each body; where one
place or velocity stands for all, (2,) does. Results are added, weighted as you like, `limited` to what a body can do,
and added to the velocities times dt. `pairs` of neighbours come from `PointIndex.pairs`: each pair once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float64]
Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def limited(vectors: Vectors, most: float) -> Vectors:
    """The vectors, those longer than `most` cut to that length."""
    length = _length(vectors)
    return vectors * np.divide(most, length, out=np.ones_like(length), where=length > most)


def seek(places: Vectors, velocities: Vectors, targets: Vectors, speed: float) -> Vectors:
    """Straight to the targets, at full speed through them."""
    return _unit(targets - places) * speed - velocities


def flee(places: Vectors, velocities: Vectors, threats: Vectors, speed: float) -> Vectors:
    """Straight away from the threats."""
    return _unit(places - threats) * speed - velocities


def arrive(places: Vectors, velocities: Vectors, targets: Vectors, speed: float, slowing: float) -> Vectors:
    """To the targets, ever slower within `slowing` of them, so as to stop there."""
    way = targets - places
    return _unit(way) * np.minimum(speed, _length(way) * (speed / slowing)) - velocities


def pursue(places: Vectors, velocities: Vectors, prey: Vectors, prey_velocities: Vectors, speed: float) -> Vectors:
    """To where the prey will be by the time one can be there, if it goes on as it does."""
    return seek(places, velocities, _foreseen(places, prey, prey_velocities, speed), speed)


def evade(places: Vectors, velocities: Vectors, hunters: Vectors, hunter_velocities: Vectors, speed: float) -> Vectors:
    """Away from where the hunters will be by then."""
    return flee(places, velocities, _foreseen(places, hunters, hunter_velocities, speed), speed)


def flow(velocities: Vectors, directions: Vectors, speed: float) -> Vectors:
    """Along `directions` of length 1, as `FlowField.directions` gives them; where they are 0, to a stop."""
    return directions * speed - velocities


def separate(places: Vectors, pairs: Pairs, radius: float) -> Vectors:
    """Away from neighbours nearer than `radius`: from each with 1 at no distance, down to 0 at the radius.

    Two bodies in one place are pushed apart along x.
    """
    one, two = pairs
    apart = places[one] - places[two]
    distance = _length(apart)
    direction = np.where(distance > 0, _unit(apart), (1.0, 0.0))
    push = direction * np.maximum(0.0, 1.0 - distance / radius)
    return _total(one, push, len(places)) - _total(two, push, len(places))


def align(velocities: Vectors, pairs: Pairs) -> Vectors:
    """Towards the mean velocity of one's neighbours; 0 for who has none."""
    return _mean_of_neighbours(velocities, pairs, velocities)


def cohere(places: Vectors, pairs: Pairs) -> Vectors:
    """Towards the middle of one's neighbours; 0 for who has none."""
    return _mean_of_neighbours(places, pairs, places)


def avoid(
    places: Vectors, velocities: Vectors, centres: Vectors, radii: npt.ArrayLike, *, seconds: float, body: float = 0.0
) -> Vectors:
    """Sideways, around the round obstacle that one would be the first to run into within `seconds`, else 0.

    The sooner and the straighter the hit, the stronger: up to the body's own speed. `body` is the radius of the bodies;
    whoever heads for the very middle turns to the left (where y points up).
    """
    if not len(centres):
        return np.zeros_like(velocities)
    speed = _length(velocities)
    heading = _unit(velocities)
    way = centres[None, :, :] - places[:, None, :]
    reach = np.broadcast_to(np.asarray(radii, dtype=np.float64), len(centres))[None, :] + body
    along = (way * heading[:, None, :]).sum(axis=2)
    aside = heading[:, None, 0] * way[:, :, 1] - heading[:, None, 1] * way[:, :, 0]
    entry = along - np.sqrt(np.maximum(reach**2 - aside**2, 0.0))
    inside = entry < 0
    far = speed * seconds
    hit = (np.abs(aside) < reach) & (along > 0) & (entry < far) & (speed > 0)
    entry = np.where(hit, np.where(inside, 0.0, entry), np.inf)
    first = entry.argmin(axis=1)
    rows = np.arange(len(places))
    threatened = hit[rows, first]
    side = np.where(aside[rows, first] > 0, -1.0, 1.0)
    soon = 1.0 - np.divide(entry[rows, first], far[:, 0], out=np.ones(len(places)), where=threatened)
    straight = 1.0 - np.abs(aside[rows, first]) / reach[0, first]
    strength = np.where(threatened, side * soon * (0.5 + straight / 2), 0.0)[:, None] * speed
    left = np.stack([-heading[:, 1], heading[:, 0]], axis=1)
    return left * strength


def _length(vectors: Vectors) -> Vectors:
    length: Vectors = np.sqrt((vectors * vectors).sum(axis=-1, keepdims=True))
    return length


def _unit(vectors: Vectors) -> Vectors:
    length = _length(vectors)
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)


def _foreseen(places: Vectors, others: Vectors, velocities: Vectors, speed: float) -> Vectors:
    return others + velocities * (_length(others - places) / speed)


def _total(bodies: npt.NDArray[np.int64], vectors: Vectors, count: int) -> Vectors:
    """For each body the sum of its vectors, in the order of the pairs: equal inputs give equal bytes."""
    return np.stack([np.bincount(bodies, vectors[:, axis], minlength=count) for axis in (0, 1)], axis=1)


def _mean_of_neighbours(values: Vectors, pairs: Pairs, own: Vectors) -> Vectors:
    """How far the mean of its neighbours' values lies from each body's own."""
    one, two = pairs
    count = len(own)
    number = (np.bincount(one, minlength=count) + np.bincount(two, minlength=count))[:, None]
    total = _total(one, values[two], count) + _total(two, values[one], count)
    return np.where(number > 0, total / np.maximum(number, 1) - own, 0.0)
