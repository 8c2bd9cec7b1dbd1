"""When two texts are the same text."""

from __future__ import annotations

import re
import unicodedata

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
