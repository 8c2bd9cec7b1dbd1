"""The reserve of a plan: further requests, sent only for labels that lack texts because others were rejected.

In rounds. In each, every label that lacks n texts gets as many of its next requests as have n texts or more between
them; then what came is judged. So no request is sent for a label that has all its texts, and the last one of each label
was needed. Completions stand in the order in which they were asked for, and that follows from the answers alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stages.core.errors import AnswersMissingError
from stages.core.records import Rejected
from stages.design.rounds import ask_in_rounds
from stages.llm.chat import NOT_ASKED, REJECTED, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stages.checks.judging import Judging
    from stages.core.files import Json
    from stages.core.records import Generated, Prompt
    from stages.core.sections import Llm
    from stages.llm.ask import Sources
    from stages.llm.chat import Asker, ChatRequest, Outcome
    from stages.llm.prices import Prices

UNREACHED = NoAnswer(NOT_ASKED, "neither recorded nor stored, and there is nobody to ask")


@dataclass(frozen=True, slots=True)
class PartOfPlan:
    """The requests of a plan that are sent in any case, or its reserve; gone through as often as wanted."""

    prompts: Iterable[Prompt]
    reserve: bool = False

    def __iter__(self) -> Iterator[Prompt]:
        return (each for each in self.prompts if each.reserve == self.reserve)


@dataclass(frozen=True, slots=True)
class Reachable:
    """Asks where that is possible; else gives what is at hand, and `UNREACHED` for the rest.

    A label that lacks texts is for the gates to judge: whoever has no endpoint goes on with what there is.

    Attributes:
        sources: Where answers come from.
        rehearsal: Whether nobody is to be asked, endpoint or not.
    """

    sources: Sources
    rehearsal: bool = False

    def ask(self, requests: Iterable[ChatRequest]) -> Iterator[Outcome]:
        """One outcome for each request, in their order."""
        if not self.rehearsal:
            try:
                yield from self.sources.ask(requests)
            except AnswersMissingError:
                pass  # raised before the first outcome, and nothing was sent
            else:
                return
        yield from (answer or UNREACHED for _, answer in self.sources.look_up(requests))


@dataclass(slots=True)
class OfLabel:
    """What became of the texts of one label.

    Attributes:
        asked: Requests of its reserve that were sent.
        texts: Texts that these asked for.
        accepted: Those of them that were.
        reasons: Why texts were rejected, its planned ones and those of the reserve.
    """

    asked: int = 0
    texts: int = 0
    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Refill:
    """Makes up for rejected texts.

    Attributes:
        judging: Judges completions, as `clean` does.
        reserve: That of the plan.
        labels: By label, what became of its texts.
        asked: The requests of the reserve that were sent, or were at hand.
        unreached: Those that would have been sent next, if there had been somebody to ask.
        waiting: The rest of the reserve of the labels that lacked texts in the beginning.
        held: Labels that are asked for no further in this run, because one of their requests has no answer.
    """

    judging: Judging
    reserve: Iterable[Prompt]
    labels: dict[str, OfLabel] = field(default_factory=dict)
    asked: list[Prompt] = field(default_factory=list)
    unreached: list[Prompt] = field(default_factory=list)
    waiting: list[Prompt] = field(default_factory=list)
    held: set[str] = field(default_factory=set)

    def run(self, generated: Iterable[Generated], llm: Llm, prices: Prices, asker: Asker) -> Iterator[Generated]:
        """The completions that are there, then those that are asked for in place of rejected texts.

        A label waits for the next run where one of its requests got no answer: those after it might not be needed. A
        request that the endpoint rejects (400) never gets one, and holds nothing up.
        """
        for each in generated:
            self._judge(each)
            yield each
        lacking = self.judging.lacking
        if lacking:
            self.waiting = [each for each in self.reserve if each.label in lacking]
        while part := self._next_round():
            for one in ask_in_rounds(part, llm, asker):
                if one.outcome is UNREACHED:
                    self.unreached.append(one.prompt)
                    self.held.add(one.prompt.label)
                    continue
                if isinstance(one.outcome, NoAnswer) and one.outcome.reason != REJECTED:
                    self.held.add(one.prompt.label)
                self.asked.append(one.prompt)
                each = one.record(prices)
                self._judge(each)
                yield each

    def most(self) -> list[Prompt]:
        """What may be asked for yet, if all texts were rejected."""
        lacking = self.judging.lacking
        return [*self.unreached, *(each for each in self.waiting if each.label in lacking)]

    def as_json(self) -> Json:
        """As it stands in a metrics file: the labels of which texts were rejected."""
        lacking = self.judging.lacking
        return {
            label: {
                "asked": each.asked,
                "texts": each.texts,
                "accepted": each.accepted,
                "lacking": lacking.get(label, 0),
                "reasons": dict(each.reasons),
            }
            for label, each in self.labels.items()
            if each.reasons
        }

    def _next_round(self) -> list[Prompt]:
        lacking = Counter({label: n for label, n in self.judging.lacking.items() if label not in self.held})
        part: list[Prompt] = []
        left: list[Prompt] = []
        for each in self.waiting:
            (part if lacking[each.label] > 0 else left).append(each)
            lacking[each.label] -= len(each.rows)
        self.waiting = left
        return part

    def _judge(self, each: Generated) -> None:
        label = self.labels.setdefault(each.label, OfLabel())
        results = self.judging.of(each)
        rejected = [result.reason for result in results if isinstance(result, Rejected)]
        label.reasons.update(rejected)
        if each.reserve:
            label.asked += 1
            label.texts += len(results)
            label.accepted += len(results) - len(rejected)
