"""Texts that are shown to a model, a few a request, for it to say something of each: what `annotate` and `judge` share.

Of each label the texts come in the order of a digest of what they say, which is chance as far as any text goes, and
the first of them are the sample. Neither label nor origin is told, so requests with real texts are the same for all
methods.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

from stages.core.texts import encodable
from stages.llm.chat import NOT_ASKED, USELESS, Answer, ChatRequest, NoAnswer, Outcome
from stages.llm.prices import Cost, Prices

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.core.files import Json
    from stages.core.records import Text
    from stages.core.sections import Llm
    from stages.core.tasks import LabelledText
    from stages.core.templates import Templates
    from stages.llm.chat import Asker


class HasReason(Protocol):
    """What is known of one text; `reason` says why it is nothing, None where it is something."""

    @property
    def reason(self) -> str | None:
        """One of `llm/chat` where there is no answer, else of the room `checks`."""
        ...


Record = TypeVar("Record", bound=HasReason)


class Shown(NamedTuple):
    """A text with its labels, and its place in its file."""

    labels: tuple[str, ...]
    place: int
    text: str

    @property
    def label(self) -> str:
        """That it was planned for; of a real text the first."""
        return self.labels[0]


class Batch(NamedTuple):
    """Texts that share a request, all of them real or none."""

    real: bool
    texts: tuple[Shown, ...]


class Answered(NamedTuple, Generic[Record]):
    """A request, what came of it, and what is known of each of its texts now."""

    batch: Batch
    request: ChatRequest
    outcome: Outcome
    texts: list[Record]


def sample_of(texts: Sequence[Text | LabelledText], labels: Sequence[str], count: int) -> dict[str, list[Shown]]:
    """By label, so many of its texts, in the order of their digests. A text counts for the first of its labels."""
    found = {label: list[Shown]() for label in labels}
    for place, text in enumerate(texts):
        found[text.label].append(Shown(text.labels, place, text.text))
    return {label: sorted(each, key=by_digest)[:count] for label, each in found.items()}


def by_digest(shown: Shown) -> tuple[bytes, int]:
    """What texts are put in order by."""
    return hashlib.sha256(shown.text.encode("utf-8", "surrogatepass")).digest(), shown.place


def parts(texts: Sequence[Shown], size: int) -> Iterator[tuple[Shown, ...]]:
    """The texts, so many at a time."""
    return (tuple(texts[start : start + size]) for start in range(0, len(texts), size))


@dataclass(frozen=True, slots=True)
class ShownRequests(ABC, Generic[Record]):
    """The requests of batches, in their order; gone through as often as wanted.

    Attributes:
        batches: The texts.
        domain: What they are.
        templates: Those of the stage.
        llm: The model.
    """

    batches: Sequence[Batch]
    domain: str
    templates: Templates
    llm: Llm

    def __iter__(self) -> Iterator[ChatRequest]:
        return map(self.of, self.batches)

    @abstractmethod
    def of(self, batch: Batch) -> ChatRequest:
        """The request of one batch."""

    @abstractmethod
    def read(self, batch: Batch, outcome: Outcome, key: str) -> list[Record]:
        """What is known of each text of a batch.

        Args:
            batch: The texts.
            outcome: What came of their request.
            key: Of the answer; empty where there is none.
        """

    def given(self, batch: Batch) -> Json:
        """What every template of this kind is given: domain, texts (JSON) and n, how many."""
        # Half of a surrogate pair, which a model may have written, cannot be sent.
        plain = (encodable(each.text) for each in batch.texts)
        shown = [{"number": number, "text": text} for number, text in enumerate(plain, 1)]
        return {"domain": self.domain, "texts": json.dumps({"texts": shown}, ensure_ascii=False), "n": len(shown)}

    def asked_of(self, asker: Asker) -> Iterator[Answered[Record]]:
        """What came of each request, in their order; nobody is asked where there is none."""
        outcomes = asker.ask(self) if self.batches else iter(())
        for batch, request, outcome in zip(self.batches, self, outcomes, strict=True):
            key = request.key if isinstance(outcome, Answer) else ""
            yield Answered(batch, request, outcome, self.read(batch, outcome, key))


def counted(found: Sequence[Answered[Record]], llm: Llm, done: str) -> Json:
    """What requests cost and what came of their texts; `real`: the same of real texts, which all methods share.

    Args:
        found: The requests.
        llm: The model, with its price.
        done: What texts are called of which something is known.
    """
    prices = Prices(llm.model, llm.price_per_million)
    mine, real = ([each for each in found if each.batch.real == real] for real in (False, True))
    return {**_counted(mine, prices, done), "real": _counted(real, prices, done)}


def _counted(found: Sequence[Answered[Record]], prices: Prices, done: str) -> Json:
    cost, texts = Cost(), [text for each in found for text in each.texts]
    for each in found:
        answer = None if isinstance(each.outcome, NoAnswer) else each.outcome
        tokens = (answer.prompt_tokens, answer.completion_tokens) if answer else (0, 0)
        cost.add(*tokens, prices.dollars(*tokens, batch=bool(answer and answer.batch)))
    reasons = Counter(text.reason for text in texts if text.reason)
    return {**cost.as_json(), "texts": len(texts), done: len(texts) - reasons.total(), **reasons}


def came_to_nothing(found: Sequence[Answered[Record]]) -> tuple[list[ChatRequest], Counter[str]]:
    """The requests whose answers say nothing of use of any text; and how many came to nothing, by reason.

    Returns:
        Those of no use, so that they can be put again.
        By reason, these and those without an answer; not those that nobody was there to be asked, which was told.
    """
    answered = (each for each in found if isinstance(each.outcome, Answer))
    useless = [each.request for each in answered if all(text.reason for text in each.texts)]
    reasons = (each.outcome.reason for each in found if isinstance(each.outcome, NoAnswer))
    return useless, Counter(reason for reason in reasons if reason != NOT_ASKED) + Counter({USELESS: len(useless)})
