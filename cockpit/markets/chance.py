"""Numbers that look random and depend on nothing but their name: the same market in every process and after every restart."""

from hashlib import blake2b
from math import floor, sqrt

DAY_SECONDS = 86_400
_LEVELS = 17
"""Halvings of a day until the pieces are shorter than a second."""


def uniform(*name: object) -> float:
    """A number in [0, 1)."""
    return int.from_bytes(_digest(name), "big") / 2.0**64


def normal(*name: object) -> float:
    """A number of mean 0 and variance 1, near-Gaussian and never beyond 3.5: the centred sum of four uniform ones."""
    d = _digest(name)
    total = (d[0] << 8 | d[1]) + (d[2] << 8 | d[3]) + (d[4] << 8 | d[5]) + (d[6] << 8 | d[7])
    return (total / 65535.0 - 2.0) * 1.7320508075688772


def bridge(second: float, *name: object) -> float:
    """A Brownian bridge over one day, 0 at 00:00 and at 24:00, with the steps of a walk of variance 1 a day.

    `second` counts from 00:00. Built by midpoint displacement (Levy's construction), so any moment is found without a path.
    """
    left, right = 0.0, 0.0
    position = second / DAY_SECONDS
    index, scale = 0, 0.5
    for level in range(_LEVELS):
        middle = (left + right) / 2 + scale * normal(*name, level, index)
        position *= 2
        if position < 1:
            right = middle
            index *= 2
        else:
            left = middle
            position -= 1
            index = index * 2 + 1
        scale /= sqrt(2)
    return left + (right - left) * position


def jumps(second: float, chance: float, size: float, *name: object) -> float:
    """The bridge of a jump: with probability `chance` a day's path leaps once, by about `size`, and drifts back evenly."""
    if uniform(*name, "jump") >= chance:
        return 0.0
    at = floor((0.02 + 0.96 * uniform(*name, "when")) * DAY_SECONDS)
    leap = size * (0.6 + 0.8 * uniform(*name, "size")) * (1 if uniform(*name, "side") < 0.5 else -1)
    return leap * ((second >= at) - second / DAY_SECONDS)


def _digest(name: tuple[object, ...]) -> bytes:
    return blake2b("|".join(map(str, name)).encode(), digest_size=8).digest()
