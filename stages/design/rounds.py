"""Asking in rounds, where what a request says depends on what was reported before it; all others are one round.

The plan has all requests from the start, in the order of their rounds. Those of a round go out together, over all
labels; each is completed from the answers of the rounds before. So a plan is asked for in the same words whether it is
asked at one go or by runs that were stopped, and what is answered is never asked for again.
"""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from stages.checks.completions import NoText
from stages.checks.reports import read_reports
from stages.core.records import IMPORTED, Generated
from stages.design.missing import Seen, completed
from stages.llm.chat import NOT_ASKED, REJECTED, NoAnswer
from stages.llm.requests import PromptRequests

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from stages.core.records import Prompt
    from stages.core.sections import Llm
    from stages.llm.chat import Answer, Asker, ChatRequest, Outcome
    from stages.llm.prices import Prices

_WAITS = NoAnswer(NOT_ASKED, "what it would say depends on an answer of an earlier round, and that is missing")
_UNKNOWN = NoAnswer(NOT_ASKED, "a rehearsal asks nothing")


class Asked(NamedTuple):
    """A prompt as it was sent, and what came of it; None twice for a text that was made elsewhere."""

    prompt: Prompt
    request: ChatRequest | None
    outcome: Outcome | None

    def record(self, prices: Prices) -> Generated:
        """What is kept of it, at these prices of its tokens."""
        prompt, request, outcome = self
        same = (prompt.label, prompt.rows, prompt.as_json, prompt.sample)
        unknown, more = (None, None, None, None), (prompt.report, prompt.reserve)
        if request is None or outcome is None:
            return Generated(*same, "", prompt.text, IMPORTED, 0, 0, None, *unknown)
        if isinstance(outcome, NoAnswer):
            return Generated(*same, "", None, outcome.reason, 0, 0, prices.dollars(0, 0), *unknown, *more)
        tokens = (outcome.prompt_tokens, outcome.completion_tokens)
        source = (outcome.model, outcome.fingerprint, outcome.request_id, outcome.answered_at)
        dollars, came = prices.dollars(*tokens, batch=outcome.batch), (outcome.completion, outcome.finish_reason)
        return Generated(*same, request.key, *came, *tokens, dollars, *source, *more)


def ask_in_rounds(prompts: Iterable[Prompt], llm: Llm, asker: Asker, *, patient: bool = True) -> Iterator[Asked]:
    """What came of each prompt, in their order.

    Args:
        prompts: Rounds in their order. Iterated over several times.
        llm: The model.
        asker: Who is asked.
        patient: Whether the requests of a label wait for the next run where one of an earlier round got no answer. What
            they say would be another thing once it has one, and would be paid for again. An answer of no use is an
            answer, and a request that the endpoint rejects (400) never gets one: neither holds anything up.
    """
    seen, held = dict[str, Seen](), set[str]()
    number, more = 0, True
    while more:
        part = _Round(prompts, number, deepcopy(seen), frozenset(held))
        requests = PromptRequests(part.asked, llm)
        outcomes = iter(asker.ask(requests))
        for prompt in part:
            if prompt.text is not None:
                yield Asked(prompt, None, None)
                continue
            outcome = _WAITS if prompt.label in part.held else next(outcomes)
            if not isinstance(outcome, NoAnswer):
                _note(prompt, outcome, seen)
            elif patient and prompt.report and outcome.reason != REJECTED:
                held.add(prompt.label)
            yield Asked(prompt, requests.of(prompt), outcome)
        number, more = number + 1, part.more


def rehearsed(
    prompts: Iterable[Prompt], llm: Llm, at_hand: Callable[[ChatRequest], Answer | None]
) -> Iterable[ChatRequest]:
    """The requests that asking would send; where answers of an earlier round are missing, some as long as they may be.

    Args:
        prompts: Rounds in their order. Iterated over several times.
        llm: The model.
        at_hand: Gives the answer to a request, if there is one.
    """
    told = any(each.report for each in prompts)
    return _Rehearsed(prompts, llm, at_hand) if told else PromptRequests(prompts, llm)


def _note(prompt: Prompt, answer: Answer, seen: dict[str, Seen]) -> None:
    """Count what an answer reports."""
    if prompt.report is None or answer.completion is None:
        return
    of_label = seen.setdefault(prompt.label, {})
    for each in read_reports(answer.completion, len(prompt.rows), prompt.report.spreads):
        if isinstance(each, NoText) or not each.text:
            continue
        for dimension, value in each.values.items():
            of_label.setdefault(dimension, Counter())[value] += 1


@dataclass(slots=True)
class _Round:
    """The prompts of one round, completed, made anew each time they are gone through.

    Attributes:
        prompts: Of all rounds, in their order.
        number: Of this one.
        seen: By label, what was reported before it.
        held: Labels that nothing is asked for.
        more: Whether there is a later round; known when this one was gone through.
    """

    prompts: Iterable[Prompt]
    number: int
    seen: dict[str, Seen]
    held: Collection[str]
    more: bool = False

    def __iter__(self) -> Iterator[Prompt]:
        for each in self.prompts:
            number = each.report.round if each.report else 0
            if number > self.number:
                self.more = True
                return
            if number == self.number:
                yield completed(each, self.seen.get(each.label, {}))

    @property
    def asked(self) -> Iterable[Prompt]:
        """Those that are asked for, to be gone through several times as well."""
        return _Unheld(self) if self.held else self


@dataclass(frozen=True, slots=True)
class _Unheld:
    of: _Round

    def __iter__(self) -> Iterator[Prompt]:
        return (each for each in self.of if each.label not in self.of.held)


@dataclass(frozen=True, slots=True)
class _Rehearsed:
    """Requests, made anew each time they are gone through, and an asker that asks nobody."""

    prompts: Iterable[Prompt]
    llm: Llm
    at_hand: Callable[[ChatRequest], Answer | None]

    def __iter__(self) -> Iterator[ChatRequest]:
        asked = ask_in_rounds(self.prompts, self.llm, self, patient=False)
        return (each.request for each in asked if each.request is not None)

    def ask(self, requests: Iterable[ChatRequest]) -> Iterator[Outcome]:
        """What is at hand."""
        return (self.at_hand(each) or _UNKNOWN for each in requests)
