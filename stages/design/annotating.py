"""Which texts the model is shown to annotate, and how it is asked: the same for texts of any method and of people.

Of each label the texts come in the order of a digest of what they say, which is chance as far as any text goes, and the
first of them are the sample: a larger one only appends, so it asks for nothing twice while it is a multiple of the
texts of a request. A request has texts of one label, since values may depend on it, and neither names it nor says where
the texts are from or what they were to be. So the requests with real texts are the same ones for every method.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from stages.checks.annotations import read_annotations
from stages.core.records import Annotation
from stages.llm.chat import Answer, ChatRequest, format_for, list_schema, object_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stages.core.annotating import Annotate, Sought
    from stages.core.records import Text
    from stages.core.sections import Llm
    from stages.core.tasks import LabelledText
    from stages.design.templates import Templates
    from stages.llm.chat import Asker, Outcome

TEMPLATE = "values"


class Batch(NamedTuple):
    """Texts of one label that share a request, with their places in their file."""

    real: bool
    label: str
    texts: tuple[tuple[int, str], ...]


class Annotated(NamedTuple):
    """A request, what came of it, and what is known of each of its texts now."""

    batch: Batch
    request: ChatRequest
    outcome: Outcome
    texts: list[Annotation]


def batches_of(
    texts: Sequence[Text | LabelledText], labels: Sequence[str], chosen: Annotate, *, real: bool
) -> list[Batch]:
    """The sample, in requests: a round over all labels, then the next, so that a larger sample appends."""
    places = {label: list[int]() for label in labels}
    for place, text in enumerate(texts):
        places[text.label].append(place)
    found = []
    for label, all_places in places.items():
        sample = sorted(all_places, key=lambda place: (_digest(texts[place].text), place))[: chosen.texts]
        for start in range(0, len(sample), chosen.texts_per_request):
            part = sample[start : start + chosen.texts_per_request]
            found.append((start, Batch(real, label, tuple((place, texts[place].text) for place in part))))
    return [batch for _, batch in sorted(found, key=lambda pair: pair[0])]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class AnnotationRequests:
    """The requests of batches, in their order; gone through as often as wanted.

    Attributes:
        batches: The texts.
        domain: What they are.
        sought: By label, what is asked about them.
        templates: Those of annotation.
        llm: The model.
    """

    batches: Sequence[Batch]
    domain: str
    sought: Mapping[str, Sequence[Sought]]
    templates: Templates
    llm: Llm

    def __iter__(self) -> Iterator[ChatRequest]:
        return map(self.of, self.batches)

    def of(self, batch: Batch) -> ChatRequest:
        """The request of one batch."""
        sought = self.sought[batch.label]
        # Half of a surrogate pair, which a model may have written, cannot be sent.
        plain = (text.encode("utf-8", "replace").decode() for _, text in batch.texts)
        shown = [{"number": number, "text": text} for number, text in enumerate(plain, 1)]
        given = {
            "domain": self.domain,
            "texts": json.dumps({"texts": shown}, ensure_ascii=False),
            "n": len(shown),
            "attributes": sought,
        }
        values = {each.name: {"type": "string", "enum": list(each.answers)} for each in sought}
        item = object_schema(number={"type": "integer"}, values=object_schema(**values))
        form = format_for(self.llm.response_format, "annotations", object_schema(texts=list_schema(item)))
        messages = ({"role": "user", "content": self.templates.render(TEMPLATE, given)},)
        return ChatRequest(self.llm.model, messages, self.llm.sampling, form)

    def asked_of(self, asker: Asker) -> Iterator[Annotated]:
        """What came of each request, in their order; nobody is asked where there is none."""
        outcomes = asker.ask(self) if self.batches else iter(())
        for batch, request, outcome in zip(self.batches, self, outcomes, strict=True):
            said = read_annotations(outcome, len(batch.texts), self.sought[batch.label])
            key = request.key if isinstance(outcome, Answer) else ""
            texts = [_annotation(batch, shown, each, key) for shown, each in zip(batch.texts, said, strict=True)]
            yield Annotated(batch, request, outcome, texts)


def _annotation(batch: Batch, shown: tuple[int, str], said: dict[str, str] | str, key: str) -> Annotation:
    values, reason = ({}, said) if isinstance(said, str) else (said, None)
    return Annotation(batch.real, batch.label, *shown, values, reason, key)
