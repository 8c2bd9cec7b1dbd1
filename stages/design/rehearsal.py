"""A rehearsal of an interview: which questions will be put, without putting any.

A question whose answer is at hand is answered by it; any other by its example, which is as long as an answer may be.
So the questions that follow from answers can be counted before the first is paid for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from stages.core import paths
from stages.core.templates import Templates
from stages.design.attributes import find_attributes
from stages.design.interview import TRIES, read_answer, request_of
from stages.llm.ask import Asking, Sources, sources_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stages.core.params import Everything
    from stages.core.sections import Llm
    from stages.core.tasks import Task
    from stages.design.brief import Brief
    from stages.design.interview import Question
    from stages.design.table import AttributeTable
    from stages.llm.chat import Answer, ChatRequest
    from stages.llm.forecast import Forecast

Found = TypeVar("Found")


@dataclass(slots=True)
class Rehearsal:
    """Answers questions without asking.

    Attributes:
        at_hand: Gives the answer to a request, if there is one.
        requests: What an interview would ask for, answered or not.
    """

    at_hand: Callable[[ChatRequest], Answer | None]
    templates: Templates
    llm: Llm
    requests: list[ChatRequest] = field(default_factory=list)

    def ask(self, questions: Sequence[Question[Found]]) -> list[Found]:
        """What was read out of each answer or example, in the order of the questions."""
        return [self._answer(each) for each in questions]

    def _answer(self, question: Question[Found]) -> Found:
        for turn in range(TRIES):
            request = request_of(question, turn, self.templates, self.llm)
            self.requests.append(request)
            answer = self.at_hand(request)
            if answer is None:
                break
            try:
                return read_answer(question, answer)
            except ValueError:
                continue  # an interview would put the question again
        return question.read(question.example)


def attribute_sources(everything: Everything, task: str) -> Sources:
    """Where the answers about a task's attributes come from. Never in batches: questions build on answers."""
    ops = everything.ops.model_copy(update={"transport": "direct"})
    return sources_for(Asking(task, f"attributes of {task}", everything.llm, ops))


def rehearse(
    everything: Everything, task: Task, brief: Brief, sources: Sources
) -> tuple[list[ChatRequest], AttributeTable]:
    """The requests that finding the attributes takes, and the table: where answers are missing, one of that size."""
    if brief.table is not None:
        return [], brief.table
    rehearsal = Rehearsal(sources.at_hand, Templates(paths.ATTRIBUTE_TEMPLATES), everything.llm)
    methods = [everything.methods[name] for name in everything.run.methods]
    table = find_attributes(task, everything.attributes, methods, rehearsal, brief.examples, to_count=brief.to_count)
    return rehearsal.requests, table


def forecast_attributes(everything: Everything, task: Task, brief: Brief) -> tuple[Forecast, AttributeTable]:
    """What stage `attributes` would ask, and the table that it would find."""
    with attribute_sources(everything, task.slug) as sources:
        requests, table = rehearse(everything, task, brief, sources)
        return sources.forecast(requests), table
