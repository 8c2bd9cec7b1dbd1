"""When two texts are the same text."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class HasText(Protocol):
    """A record with a text."""

    @property
    def text(self) -> str:
        """The text."""
        ...


Record = TypeVar("Record", bound=HasText)


def normalised(text: str) -> str:
    """The text as it is compared with others: compatibility form, no case, words only."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())) or text.strip()


def without(records: Iterable[Record], others: Iterable[HasText]) -> list[Record]:
    """The records whose texts are not among those of `others`: what a score is to be measured on is not trained on."""
    known = {normalised(each.text) for each in others}
    return [each for each in records if normalised(each.text) not in known]
