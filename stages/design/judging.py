"""Which texts a judge is shown, and how it is asked: the same for texts of any method and of people.

A request has texts of any labels, in the order of a digest of what they say, so that neither the order nor the company
of a text says anything of its label. For that, a larger sample deals all texts anew. What is told is the kind of text
and all labels; not which label a text was given, by which method, or that people wrote some.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.checks.judgements import read_judgements
from stages.core.judgements import REALISM, Judgement
from stages.design.showing import Batch, ShownRequests, by_digest, parts, sample_of
from stages.llm.chat import STRING, ChatRequest, format_for, list_schema, object_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.judgements import Judge
    from stages.core.records import Text
    from stages.core.tasks import LabelledText, Task
    from stages.llm.chat import Outcome

TEMPLATE = "texts"


def dealt(texts: Sequence[Text | LabelledText], task: Task, chosen: Judge, *, real: bool) -> list[Batch]:
    """The sample, in requests; none where no text of a method is to be judged."""
    count = chosen.real if real and chosen.texts else chosen.texts
    drawn = (each for of_label in sample_of(texts, task.names, count).values() for each in of_label)
    return [Batch(real, part) for part in parts(sorted(drawn, key=by_digest), chosen.texts_per_request)]


@dataclass(frozen=True, slots=True)
class JudgeRequests(ShownRequests[Judgement]):
    """The requests of batches.

    Attributes:
        task: Its labels, each described.
        most: How many labels are wanted of a text, at most.
    """

    task: Task
    most: int

    def of(self, batch: Batch) -> ChatRequest:
        """The request of one batch."""
        label = object_schema(label={"type": "string", "enum": list(self.task.names)}, percent={"type": "integer"})
        item = object_schema(
            number={"type": "integer"},
            labels=list_schema(label),
            realism={"type": "integer", "enum": list(REALISM)},
            why=STRING,
        )
        form = format_for(self.llm.response_format, "judgements", object_schema(texts=list_schema(item)))
        most = min(self.most, len(self.task.names))
        content = self.templates.render(TEMPLATE, {**self.given(batch), "task": self.task, "most": most})
        return ChatRequest(self.llm.model, ({"role": "user", "content": content},), self.llm.sampling, form)

    def read(self, batch: Batch, outcome: Outcome, key: str) -> list[Judgement]:
        """The judgement of each text."""
        found = read_judgements(outcome, len(batch.texts), self.task.names, self.most, multilabel=self.task.multilabel)
        return [
            Judgement(batch.real, each.labels, each.place, each.text, {}, None, "", said, key)
            if isinstance(said, str)
            else Judgement(batch.real, each.labels, each.place, each.text, *said, None, key)
            for each, said in zip(batch.texts, found, strict=True)
        ]
