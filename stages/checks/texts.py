"""Which texts are thrown out, and why. Every reason is a constant; they are counted in the metrics.

A text is never changed here, only taken or left: the paper's own code deleted non-ASCII characters, `$`, `%` and
hyphens, and took any text with the word "sorry" for a refusal, which a customer's complaint may well hold.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from stages.checks.model_talk import model_talk, placeholder
from stages.checks.overlap import TestRuns
from stages.core.lengths import LENGTH, WordRange, count_words, parse_range
from stages.core.texts import DUPLICATE, IN_TEST_SET, among, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REFUSED = "refused"  # the model declined to write the text
MODEL_TALK = "model_talk"  # the model speaks of its task: "Sure! Here are ten examples"
PLACEHOLDER = "placeholder"  # a blank is left to be filled in: [Company Name]
MALFORMED = "malformed"  # the item is no string
MISSING = "missing"  # the answer has fewer items than were asked for, or is not in the form that was asked for
CUT_OFF = "cut_off"  # the answer ran into the limit on its length
EMPTY = "empty"  # nothing but white space
GARBLED = "garbled"  # control characters, half a surrogate pair, the replacement character
TOO_SHORT = "too_short"  # fewer words than were asked for, beyond the tolerance
TOO_LONG = "too_long"  # more
TOO_MANY_CHARACTERS = "too_many_characters"  # more than so many words can have: they run on without white space

REASONS = (
    REFUSED, MODEL_TALK, PLACEHOLDER, MALFORMED, MISSING, CUT_OFF, EMPTY, GARBLED, TOO_SHORT, TOO_LONG,
    TOO_MANY_CHARACTERS, DUPLICATE, IN_TEST_SET,
)  # fmt: skip

# A model that speaks of itself as one, or that declines at the very beginning and names what it was asked to write.
_SPEAKS_AS_MODEL = re.compile(
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b[^.?!]{0,60}\bI\b"
    r"|\bI(?:['\u2019]m| am) (?:just |only )?an? (?:ai|(?:large )?language model)\b",
    re.IGNORECASE,
)
_DECLINES = re.compile(
    r"\A\W*+(?:I(?:['\u2019]m| am) )?(?:very |so |really )?(?:sorry|afraid)?\W*+(?:but )?"
    r"I (?:can(?:no|['\u2019])t|can not|won['\u2019]?t|(?:am|['\u2019]m) (?:not able|unable) to|must decline to)"
    r" (?:assist|comply|fulfil+|provide|generate|write|create|produce|help)\b[^.?!]{0,60}"
    r"\b(?:content|request|prompt|example|text|that|this)s?\b(?=\W*(?:\Z|[.?!,]))",
    re.IGNORECASE,
)
_ALLOWED_CONTROLS = "\n\t\r"
# People's texts have up to 21 characters a word. Some writing has no white space, and some texts hold a long address:
# the least is for these, where the task's words are few.
_CHARACTERS_A_WORD, _LEAST_CHARACTERS = 50, 1000


def is_refusal(text: str) -> bool:
    """Whether a model declines here to write a text, rather than being sorry in one."""
    return bool(_SPEAKS_AS_MODEL.search(text) or _DECLINES.match(text))


def is_garbled(text: str) -> bool:
    """Whether a text holds what no keyboard types: control characters, half a surrogate pair, U+FFFD."""
    return any(
        char == "\N{REPLACEMENT CHARACTER}"
        or (unicodedata.category(char) in ("Cc", "Cs") and char not in _ALLOWED_CONTROLS)
        for char in text
    )


class TextCheck:
    """Judges texts one after the other; it remembers those that it took.

    Args:
        words: The task's range of words.
        tolerance: How far a text may be outside of the range that it was asked for (see `WordRange.widened`).
        test_texts: The texts of the test set.
    """

    def __init__(self, words: WordRange, tolerance: float, test_texts: Iterable[str]) -> None:
        self._words, self._tolerance = words, tolerance
        self._characters = max(_CHARACTERS_A_WORD * words.widened(tolerance).high, _LEAST_CHARACTERS)
        test = list(test_texts)
        self._in_test, self._runs = among(test), TestRuns(test)
        self._taken = set[str]()

    def judge(self, text: str, attributes: Mapping[str, str]) -> str | None:
        """The reason why `text` is thrown out; None where it is taken."""
        reason = self._in_itself(text, attributes)
        if reason:
            return reason
        plain = normalised(text)
        if plain in self._taken:
            return DUPLICATE
        overlap = self._runs.overlap(text)
        if self._in_test(text) or (overlap and overlap.verbatim):
            return IN_TEST_SET
        self._taken.add(plain)
        return None

    def _in_itself(self, text: str, attributes: Mapping[str, str]) -> str | None:
        if not text.strip():
            return EMPTY
        if is_garbled(text):
            return GARBLED
        if is_refusal(text):
            return REFUSED
        if model_talk(text, certain=True):
            return MODEL_TALK
        return PLACEHOLDER if placeholder(text, certain=True) else self._length(text, attributes)

    def _length(self, text: str, attributes: Mapping[str, str]) -> str | None:
        asked = parse_range(attributes[LENGTH]) if LENGTH in attributes else self._words
        allowed, found = asked.widened(self._tolerance), count_words(text)
        if found not in allowed:
            return TOO_SHORT if found < allowed.low else TOO_LONG
        # By the task's words and not by those that were asked for: it is no finer a measure than that.
        return TOO_MANY_CHARACTERS if len(text) > self._characters else None
