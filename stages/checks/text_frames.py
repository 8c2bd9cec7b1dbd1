"""The tables of texts: a row a text, with what is to be said of it; and the ones of them that are embedded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stages.checks.doubts import doubted
from stages.checks.language import foreign_language, home_language
from stages.checks.model_talk import model_talk, placeholder
from stages.checks.overlap import TestRuns, nearest, repeated
from stages.checks.private import personal_data
from stages.core.lengths import LENGTH, count_words, parse_range
from stages.core.texts import normalised
from stages.measures.duplicates import near_duplicates
from stages.measures.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.checks.frames import Setting
    from stages.core.gates import Validation
    from stages.core.records import Text

_SHOWN = 160  # characters of a text


def texts_frame(accepted: Sequence[Text], setting: Setting, limits: Validation) -> pd.DataFrame:
    """A row a text.

    Columns, beside label, index and text:
        plain: As texts are compared.
        words: How many.
        asked_off: By how many words it is outside of the length that was asked for; none where no length was.
        strange: Those labels beside its own that it cannot have.
        near, across: The first near-duplicate before it with a label in common, and without.
        overlap: How much of which test text is in it, where that is `limits.overlap` or more; overlap_by: that share.
        talk, blank, private, language: What was found there.

    A finding is a string, and none where nothing was found.
    """
    texts = [each.text for each in accepted]
    runs, home = TestRuns(each.text for each in setting.real), home_language(each.text for each in setting.real)
    groups = near_duplicates(Words.of(texts), limits.alike)
    within, across = repeated(groups, [each.labels for each in accepted])
    overlaps = [runs.overlap(text) for text in texts]
    over = [each if each and each.share >= limits.overlap else None for each in overlaps]
    known = set(setting.labels)
    return pd.DataFrame(
        {
            "label": _column([each.label for each in accepted]),
            "index": [each.index for each in accepted],
            "text": _column(texts),
            "plain": _column([normalised(text) for text in texts]),
            "words": [count_words(text) for text in texts],
            "asked_off": np.array([_asked_off(each) for each in accepted], dtype=np.float64),
            "strange": _column([_strange(each, known) for each in accepted]),
            "near": _column([None if at is None else f"as {shown(texts[at])!r}" for at in within]),
            "across": _column(
                [None if at is None else f"as {shown(texts[at])!r} of {accepted[at].label}" for at in across]
            ),
            "overlap": _column([each and f"{each.share:.0%} of {shown(each.text)!r}" for each in over]),
            "overlap_by": np.array([each.share if each else 0.0 for each in over]),
            "talk": _column([model_talk(text, certain=False) for text in texts]),
            "blank": _column([placeholder(text, certain=False) for text in texts]),
            "private": _column([personal_data(text) for text in texts]),
            "language": _column([foreign_language(text, home) for text in texts]),
        }
    )


def embedded_frame(accepted: Sequence[Text], setting: Setting, limits: Validation) -> pd.DataFrame:
    """A row for each text that is embedded: all of them, or `limits.embedded`; of test texts as many at most.

    Columns, beside label, index and text:
        meaning: Which test text it says again, where the cosine is `limits.meaning` or more; meaning_by: the cosine.
        doubted: The label that it looks like instead.
    """
    chosen = [accepted[row] for row in _spread(len(accepted), limits.embedded)]
    texts = [each.text for each in chosen]
    real = [setting.real[row].text for row in _spread(len(setting.real), limits.embedded)]
    meanings: list[str | None] = [None] * len(chosen)
    doubts, cosines = list(meanings), np.zeros(len(chosen))
    if chosen:
        vectors = setting.encode(texts)
        doubts = doubted(texts, [each.labels for each in chosen], vectors)
        if real:
            cosines, places = nearest(vectors, setting.encode(real))
            meanings = [
                f"{cosine:.2f} to {shown(real[place])!r}" if cosine >= limits.meaning else None
                for cosine, place in zip(cosines, places, strict=True)
            ]
    return pd.DataFrame(
        {
            "label": _column([each.label for each in chosen]),
            "index": [each.index for each in chosen],
            "text": _column(texts),
            "meaning": _column(meanings),
            "meaning_by": cosines,
            "doubted": _column([each and f"looks like {each}" for each in doubts]),
        }
    )


def _spread(count: int, most: int) -> list[int]:
    """Places of all of so many rows, or of the most that there may be, as far apart as they can be."""
    return [number * count // min(count, most) for number in range(min(count, most))]


def shown(text: str) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."


def _column(values: Sequence[str | None]) -> pd.Series[str]:
    # Left to itself pandas takes a column of which all is missing for one of numbers.
    return pd.Series(list(values), dtype=object)


def _strange(text: Text, known: set[str]) -> str | None:
    strange = [each for number, each in enumerate(text.also, 1) if each not in known or each in text.labels[:number]]
    return ", ".join(strange) or None


def _asked_off(text: Text) -> float | None:
    if LENGTH not in text.attributes:
        return None
    asked, words = parse_range(text.attributes[LENGTH]), count_words(text.text)
    return max(asked.low - words, words - asked.high, 0)
