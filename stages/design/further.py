"""Which further labels the texts of one label have, where a text may have several.

A further label of share s stands in more than n s - 1 and fewer than n s + 1 of the first n texts, whatever n is, as
values of attributes do (see `quotas`); and labels are spread over the texts as evenly as that: where the shares sum to
T, each text has ceil(T) of them or one fewer. So they are not dealt independently of one another, which would now and
then heap five labels on one text that no person would give them.

This is Pfair scheduling (Baruah, Cohen, Plaxton, Varvel 1996: Proportionate progress, Algorithmica 15): labels are
tasks of weight s, texts the time slots of ceil(T) processors, and what is missing to ceil(T) is a task for "none". Copy
j (from 1) of a label must have one of the texts floor((j - 1) / s) to ceil(j / s) - 1, counted from 0. The rule is PD2
(Anderson and Srinivasan 2004: Mixed Pfair/ERfair scheduling, Journal of Computer and System Sciences 68), which meets
all of these windows: of the copies that are released, those due first; of those due at once, one whose window overlaps
the next copy's; of these, the one after which most copies follow that would have to move along with it (the group
deadline: they are due so close to one another that each must take the last place of its window if the one before
does). What is still even is for chance to break.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import count
from math import ceil
from typing import TYPE_CHECKING

from stages.design.quotas import exact, noise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def further_labels(key: str, together: Mapping[str, float], *, design: str) -> Iterator[tuple[str, ...]]:
    """The further labels of one text after another, without end.

    Args:
        key: Another key, another plan.
        together: The share of the texts, from 0 to 1, that have each further label.
        design: "balanced"; or "random": each label independently of the others and of the texts before.
    """
    shares = {name: exact(share) for name, share in together.items() if share}
    return _balanced(key, shares) if design == "balanced" else _random(key, shares)


def _random(key: str, shares: Mapping[str, Fraction]) -> Iterator[tuple[str, ...]]:
    for text in count():
        yield tuple(name for name, share in shares.items() if noise(f"{key}|{name}|{text}") < share * 2**64)


def _balanced(key: str, shares: Mapping[str, Fraction]) -> Iterator[tuple[str, ...]]:
    whole = sum(shares.values(), start=Fraction(0))
    most = ceil(whole)
    turns = [_Turns(f"{key}|{name}", name, share) for name, share in shares.items()]
    if most > whole:
        turns.append(_Turns(f"{key}|", None, most - whole))
    for text in count():
        chosen = sorted((each for each in turns if each.released <= text), key=lambda each: each.urgency)[:most]
        for each in chosen:
            each.take()
        yield tuple(each.name for each in turns if each.name is not None and each in chosen)


class _Turns:
    """The copies of one label: when the next one is released, and how urgent it is (least: most urgent)."""

    def __init__(self, key: str, name: str | None, share: Fraction) -> None:
        self.name, self.released, self.urgency = name, 0, (0, 0, 0, 0)
        self._key, self._share, self._copy = key, share, 0
        self.take()

    def take(self) -> None:
        """Give the next copy to a text."""
        self._copy += 1
        share, copy = self._share, self._copy
        due = ceil(copy / share)
        self.released = (copy - 1) // share
        overlaps = due > copy // share
        # Of a light label no window is so short that a copy would push the next one.
        group = ceil(ceil(due * (1 - share)) / (1 - share)) if overlaps and 2 * share >= 1 else 0
        self.urgency = (due, -overlaps, -group, noise(f"{self._key}|{copy}"))
