"""Which texts the model is shown to annotate, and how it is asked: the same for texts of any method and of people.

A request has texts of one label, since values may depend on it, and neither names it nor says where the texts are from
or what they were to be. A larger sample only appends, so it asks for nothing twice while it is a multiple of the texts
of a request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.checks.annotations import read_annotations
from stages.core.records import Annotation
from stages.design.showing import Batch, ShownRequests, parts, sample_of
from stages.llm.chat import ChatRequest, format_for, list_schema, object_schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.annotating import Annotate, Sought
    from stages.core.records import Text
    from stages.core.tasks import LabelledText
    from stages.llm.chat import Outcome

TEMPLATE = "values"


def batches_of(
    texts: Sequence[Text | LabelledText], labels: Sequence[str], chosen: Annotate, *, real: bool
) -> list[Batch]:
    """The sample, in requests: a round over all labels, then the next, so that a larger sample appends."""
    found = list[tuple[int, Batch]]()
    for sample in sample_of(texts, labels, chosen.texts).values():
        found += [(turn, Batch(real, part)) for turn, part in enumerate(parts(sample, chosen.texts_per_request))]
    return [batch for _, batch in sorted(found, key=lambda pair: pair[0])]


@dataclass(frozen=True, slots=True)
class AnnotationRequests(ShownRequests[Annotation]):
    """The requests of batches of one label each.

    Attributes:
        sought: By label, what is asked about its texts.
    """

    sought: Mapping[str, Sequence[Sought]]

    def of(self, batch: Batch) -> ChatRequest:
        """The request of one batch."""
        sought = self.sought[batch.texts[0].label]
        values = {each.name: {"type": "string", "enum": list(each.answers)} for each in sought}
        item = object_schema(number={"type": "integer"}, values=object_schema(**values))
        form = format_for(self.llm.response_format, "annotations", object_schema(texts=list_schema(item)))
        content = self.templates.render(TEMPLATE, {**self.given(batch), "attributes": sought})
        return ChatRequest(self.llm.model, ({"role": "user", "content": content},), self.llm.sampling, form)

    def read(self, batch: Batch, outcome: Outcome, key: str) -> list[Annotation]:
        """The annotation of each text."""
        found = read_annotations(outcome, len(batch.texts), self.sought[batch.texts[0].label])
        return [
            Annotation(batch.real, each.label, each.place, each.text, *_split(said), key)
            for each, said in zip(batch.texts, found, strict=True)
        ]


def _split(said: dict[str, str] | str) -> tuple[dict[str, str], str | None]:
    """The values, and the reason why there are none."""
    return ({}, said) if isinstance(said, str) else (said, None)
