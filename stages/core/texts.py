"""When two texts are the same text."""

from __future__ import annotations

import re
import unicodedata


def normalised(text: str) -> str:
    """The text as it is compared with others: compatibility form, no case, words only."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())) or text.strip()
