"""Generated texts are tidy, and those that people type are not: so some are roughened, anew in each epoch."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_LETTERS_A_TYPO = 60
_SHORTEST = 8  # letters; a typo in fewer may make another word


def roughened(texts: Sequence[str], share: float, *seeds: int) -> list[str]:
    """The texts as people might have typed them, another draw for other seeds.

    Each of these by itself: with a probability of `share` times a half, no punctuation at the end; times three tenths,
    lower case and no punctuation; times three tenths, one typo or more: a letter left out, doubled, or swapped with the
    next.
    """
    if not share:
        return list(texts)
    random = np.random.default_rng(seeds)
    return [_roughened(text, share, random) for text in texts]


def _roughened(text: str, share: float, random: np.random.Generator) -> str:
    end, all_of_it, typos = random.random(3) < share * np.array([0.5, 0.3, 0.3])
    found = text
    if end:
        while found and _is_punctuation(found[-1]):
            found = found[:-1].rstrip()
    if all_of_it:
        found = "".join(each for each in found.lower() if not _is_punctuation(each))
    if typos and len(found) >= _SHORTEST:
        for _ in range(1 + len(found) // _LETTERS_A_TYPO):
            at, what = int(random.integers(1, len(found) - 2)), random.integers(3)
            here, after = found[at], found[at + 1]
            found = found[:at] + ("", here * 2, after + here)[what] + found[at + (2 if what == 2 else 1) :]  # noqa: PLR2004 - two letters are swapped
    return found if found.strip() else text


def _is_punctuation(letter: str) -> bool:
    return unicodedata.category(letter).startswith("P")
