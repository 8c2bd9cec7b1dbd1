"""What the report says first of a task: which method is best and how surely, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.measures.differences import APART
from stages.measures.summary import students_of
from stages.pages.evidence import Best, listed
from stages.pages.steps import next_steps

if TYPE_CHECKING:
    from stages.core.files import Json
    from stages.pages.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Headline:
    """Sentences: the first thing to know, the worth in texts of people (or nothing), what else is known, what to do."""

    claim: str
    worth: str
    facts: list[str]
    steps: list[str]


def headline(known: Evidence) -> Headline:
    """What to say first of a task."""
    best = Best.of(known.summary)
    facts = (_beside_next(best, known), _better_than(best, known), *_cost(best, known))
    return Headline(_claim(best, known), _worth(best), [each for each in facts if each], next_steps(best, known))


def _claim(best: Best, known: Evidence) -> str:
    score = (
        f"macro-F1 {best.scores['macro_f1']:.3f} with {best.student} ({known.confidence:.0%} interval "
        f"{best.scores['macro_f1_low']:.3f} to {best.scores['macro_f1_high']:.3f})"
    )
    if best.next is None:
        return f"{best.method} has {score}."
    gap = best.beside(best.next, known.pairs)
    if gap is None:
        return f"{best.method} scores highest: {score}."
    if gap.verdict == APART:
        return f"{best.method} scores highest, {score}, but cannot be told apart from {best.next}."
    return f"{best.method} is best: {score}."


def _worth(best: Best) -> str:
    worth = best.scores.get("worth_in_words")
    return f"Its texts are worth {worth} texts of people a class." if worth else ""


def _beside_next(best: Best, known: Evidence) -> str:
    if best.next is None:
        return ""
    score = students_of(known.summary[best.next])[best.student]["macro_f1"]
    gap = best.beside(best.next, known.pairs)
    if gap is None:
        return f"Next is {best.next} ({score:.3f}); blends are not held against other methods text by text."
    side = 1 if gap.first == best.method else -1
    value, low, high = (side * each for each in (gap.gap.value, *(gap.gap.low, gap.gap.high)[::side]))
    told = "no more than chance explains" if gap.verdict == APART else "more than chance explains"
    return f"Next is {best.next} ({score:.3f}): {value:.3f} less ({low:+.3f} to {high:+.3f}), which is {told}."


def _better_than(best: Best, known: Evidence) -> str:
    worse = [
        pair.second if pair.first == best.method else pair.first
        for pair in known.pairs
        if pair.student == best.student and pair.verdict == f"{best.method} better"
    ]
    worse = [each for each in worse if each != best.next]
    return f"It is better than {listed(worse)} by more than chance explains." if worse else ""


def _cost(best: Best, known: Evidence) -> list[str]:
    found, attributes = known.summary[best.method], known.summary["attributes"]
    if "tokens" not in found:
        return [f"Its {found['accepted']:,} texts were made elsewhere, at a cost that is not known."]
    told = f"Its {found['accepted']:,} texts took {_paid(found)}"
    if attributes["tokens"]:
        told += f"; what was asked about the labels, once for the task, took {_paid(attributes)} more"
    costs = known.costs.get(best.student)
    return [f"{told}.", *([costs.told(best.method)] if costs and best.method in costs.reaches else [])]


def _paid(found: Json) -> str:
    dollars = found["dollars"]
    return f"{found['tokens']:,} tokens{'' if dollars is None else f' (${dollars:.4f})'}"
