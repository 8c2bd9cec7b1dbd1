"""When two texts are the same text; and texts of strangers, for what reads them and on a terminal."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class HasText(Protocol):
    """A record with a text."""

    @property
    def text(self) -> str:
        """The text."""
        ...


Record = TypeVar("Record", bound=HasText)

# Why a text is left out that others have said before.
DUPLICATE = "duplicate"  # the same text, but for case, white space and punctuation, as one before it
IN_TEST_SET = "in_test_set"  # a text of the test set, but for a word or so: a score on it would measure memory

# Joiners are letters' business in Persian, Hindi and emoji; other format characters turn writing round or hide it.
_JOINERS = "\u200c\u200d"
_UNSHOWN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")

# Thirty characters on end that may be marks on the one before them (U+FF9E and U+FF9F become such marks).
_MARKS = re.compile(r"(?:[^\w\s]|[\uff9e\uff9f]){30}")
_JOINER = "\N{COMBINING GRAPHEME JOINER}"  # marks are not sorted across it


def normalised(text: str) -> str:
    """The text as it is compared with others: compatibility form, no case, words only.

    Python sorts the marks on a character in a time that is quadratic in their number, and a model may write a hundred
    thousand. So long runs are parted as in the Stream-Safe Text Format (Unicode Standard Annex 15, section 13).
    """
    parted = _MARKS.sub(lambda found: found[0] + _JOINER, text)
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", parted).casefold())) or text.strip()


def without(records: Iterable[Record], others: Iterable[HasText]) -> list[Record]:
    """The records whose texts are not among those of `others`: what a score is to be measured on is not trained on."""
    known = among(each.text for each in others)
    return [each for each in records if not known(each.text)]


def among(texts: Iterable[str]) -> Callable[[str], bool]:
    """Whether a text is, as it is compared, one of `texts`."""
    known = {normalised(each) for each in texts}
    return lambda text: normalised(text) in known


def encodable(text: str) -> str:
    """`text` with a question mark for each half of a surrogate pair, which JSON can hold and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def harmless(text: str) -> str:
    """`text` with every character that is an order to a terminal, or that nobody sees, as its escape; lines stay."""
    return text if text.isascii() and text.isprintable() else "".join(map(_escaped, text))


def _escaped(char: str) -> str:
    if char in "\n" + _JOINERS or unicodedata.category(char) not in _UNSHOWN:
        return char
    return " " if char == "\t" else char.encode("unicode_escape", "surrogatepass").decode("ascii")
