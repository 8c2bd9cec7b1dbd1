"""Phrases out of the lines of a file that a chat model wrote: lists, numbered or not, quoted or not, with remarks.

A line is a phrase, or it is skipped for one of the reasons below, which are counted. A phrase is cleaned of what the
list put around it and never changed inside.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stages.checks.texts import is_refusal
from stages.core.texts import DUPLICATE, normalised
from stages.llm.reading import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable

BLANK = "blank"
PLACEHOLDER = "placeholder"  # "Other topics on X": stands for values that nobody named
REMARK = "remark"  # the model speaks to its reader: "Here are ten topics:"
UNREADABLE = "unreadable"  # not printable, or longer than any attribute value
UNKNOWN_LABEL = "unknown label"  # where labels are listed: none of the task is called so
ITSELF = "the label itself"  # where similar labels are listed
ALL_LABELS = "in a list of all labels"  # likewise: it says nothing about which are near

LONGEST = 500  # characters; the longest that was published has 335

_MARKER = re.compile(r"""(?:\d{1,3}[.)](?=\s|["'\u201c]|[^\W\d])|[-*\u2022\u2013])\s*""")
_PLACEHOLDER = re.compile(r"others? \w+(?: (?:of|on|for|in|about|from) .*)?\W*\Z", re.IGNORECASE)
_REMARK = re.compile(r"(?:sure|certainly|here (?:are|is)|note|i apologi[sz]e|as an ai)\b.*[:.!]\Z|.*:\Z", re.IGNORECASE)
_ABBREVIATED = re.compile(r"(?:\b(?:etc|inc|co|jr|sr|ltd|vs)|\.\w{1,3}|\b[A-Z])\.\Z", re.IGNORECASE)
_QUOTES = (('"', '"'), ("'", "'"), ("\u201c", "\u201d"), ("\u2018", "\u2019"), ("`", "`"))
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"), None)


@dataclass(slots=True)
class Phrases:
    """What was found in some lines.

    Attributes:
        lines: Number of lines, blank ones included.
        phrases: In their order, each once.
        skipped: Number of lines that are no phrase, by reason.
    """

    lines: int = 0
    phrases: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def skip(self, reason: str, count: int) -> None:
        """Count what was skipped for `reason`."""
        if count:
            self.skipped[reason] += count


def read_phrases(lines: Iterable[str]) -> Phrases:
    """The phrases in lines of text."""
    found, seen = Phrases(), set[str]()
    for line in lines:
        found.lines += 1
        phrase, reason = _phrase(line)
        if not reason and normalised(phrase) in seen:
            reason = DUPLICATE
        if reason:
            found.skipped[reason] += 1
        else:
            seen.add(normalised(phrase))
            found.phrases.append(phrase)
    return found


def _phrase(line: str) -> tuple[str, str | None]:
    """The phrase in one line; or the reason why there is none."""
    bare = line.translate(_INVISIBLE).strip()
    if not bare:
        return "", BLANK
    text = tidy(bare, LONGEST)
    if not text:
        return "", UNREADABLE
    text = _unquoted(_MARKER.sub("", text, count=1) if _MARKER.match(text) else text)
    if _REMARK.match(text) or is_refusal(text):
        return "", REMARK
    text = _unquoted(_without_end(text))
    if _PLACEHOLDER.match(text):
        return "", PLACEHOLDER
    return (text, None) if re.search(r"\w", text) else ("", BLANK)


def _unquoted(text: str) -> str:
    """`text` without quotation marks that stand around the whole of it."""
    for first, last in _QUOTES:
        inner = text[1:-1]
        if len(text) > 2 and text[0] == first and text[-1] == last and first not in inner and last not in inner:  # noqa: PLR2004
            return inner.strip()
    return text


def _without_end(text: str) -> str:
    """`text` without the punctuation that ends it as an entry of a list; a full stop of an abbreviation stays."""
    text = text.rstrip(" ,;")
    return text if _ABBREVIATED.search(text) else text.rstrip(" .,;")
