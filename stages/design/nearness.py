"""Which phrases mean nearly the same: cosine of their embeddings by the frozen encoder that comes with the project."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from stages.students.encoder import PACKAGED, Encoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


def cosines(phrases: Sequence[str]) -> NDArray[np.float32]:
    """The cosine of each two of n phrases: (n, n)."""
    vectors = _encoder().encode(phrases)
    found: NDArray[np.float32] = vectors @ vectors.T
    return found


def nearest(phrases: Sequence[str], most: int) -> list[tuple[int, ...]]:
    """For each phrase the numbers of the `most` others that are nearest to it, nearest first."""
    ranked = (-cosines(phrases)).argsort(axis=1, kind="stable")
    return [tuple(int(other) for other in row if other != number)[:most] for number, row in enumerate(ranked)]


def same_as(phrases: Sequence[str], cosine: float) -> list[int]:
    """For each phrase the number of the first one that it says again: its own where it says something new.

    A phrase says another again if they are equal but for case and blanks, or have at least this cosine.
    """
    if len(phrases) < 2:  # noqa: PLR2004 - nothing to compare
        return list(range(len(phrases)))
    found, plain = cosines(phrases), [" ".join(each.casefold().split()) for each in phrases]
    kept = list[int]()
    first = list[int]()
    for number in range(len(phrases)):
        before = (each for each in kept if plain[each] == plain[number] or found[number][each] >= cosine)
        first.append(next(before, number))
        if first[-1] == number:
            kept.append(number)
    return first


@cache
def _encoder() -> Encoder:
    return Encoder(PACKAGED)
