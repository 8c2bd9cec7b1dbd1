"""The plan: which attribute values each text shall have.

Deterministic from the seed and prefix-stable: a larger `per_label` only appends. `balanced` deals each label's values
of a dimension from a shuffled deck that is shuffled anew when it is used up, so that after any number of texts no value
is ahead of another by more than one. `random` is the paper's independent draw.

Shuffles are by hash, not by Python's generator: they are the same in every version, and they depend on positions, not
on names, so that renaming a value moves no other.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from stages.core.records import PlannedText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def plan_texts(
    label: str, values: Mapping[str, Sequence[str]], count: int, design: str, seed: int
) -> Iterator[PlannedText]:
    """The first `count` texts of one label.

    Args:
        label: The label's name.
        values: The values to draw from, by dimension. A dimension without values is left out.
        count: How many texts.
        design: "balanced" or "random".
        seed: Another seed, another plan.
    """
    draw = _balanced if design == "balanced" else _random
    draws = {name: draw(f"{seed}|{label}|{name}", len(each)) for name, each in values.items() if each}
    for index in range(count):
        yield PlannedText(index, {name: values[name][next(positions)] for name, positions in draws.items()})


def _balanced(name: str, size: int) -> Iterator[int]:
    deck = 0
    while True:
        yield from sorted(range(size), key=lambda card: _hash(f"{name}|{deck}|{card}"))
        deck += 1


def _random(name: str, size: int) -> Iterator[int]:
    turn = 0
    while True:
        yield _hash(f"{name}|{turn}") % size
        turn += 1


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
