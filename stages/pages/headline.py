"""What the report says first of a task: which method is best and how surely, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core.params import GOLD
from stages.measures.curves import Cost
from stages.measures.differences import APART
from stages.measures.human import MORE
from stages.measures.summary import students_of
from stages.pages.besides import paid
from stages.pages.claims import Standing, comparable, standing, worth_known
from stages.pages.costs import told
from stages.pages.evidence import Best, listed
from stages.pages.steps import next_steps

if TYPE_CHECKING:
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
    stands = standing(best, known)
    facts = _cost(best, known)
    if stands is not Standing.CHANCE:
        beside = [_beside_next(best, known), _better_than(best, known), _real(best, known), _of_students(best, known)]
        facts = [*beside, *facts, _share(best, known)]
    worth = "" if stands is Standing.CHANCE else _worth(best)
    return Headline(_claim(best, stands, known), worth, [each for each in facts if each], next_steps(best, known))


def _claim(best: Best, stands: Standing, known: Evidence) -> str:
    score = (
        f"macro-F1 {best.scores['macro_f1']:.3f} with {best.student} ({known.confidence:.0%} interval "
        f"{best.scores['macro_f1_low']:.3f} to {best.scores['macro_f1_high']:.3f})"
    )
    if stands is Standing.CHANCE:
        return (
            f"On {known.texts:,} test texts no score can be told from chance (one label for all texts, or labels drawn "
            f"at random). The highest is {best.method}'s, {score}."
        )
    if stands is Standing.TIED:
        return f"{known.texts:,} test texts do not say which method is best. {best.method} scores highest: {score}."
    if stands is Standing.BEST:
        return f"{best.method} is best: {score}."
    if best.next is None:
        return f"{best.method} has {score}."
    gap = best.beside(best.next, known.pairs)
    apart = f", but cannot be told apart from {best.next}" if gap and gap.verdict == APART else ""
    return f"{best.method} scores highest{',' if apart else ':'} {score}{apart}."


def _worth(best: Best) -> str:
    worth = best.scores.get("worth_in_words")
    if not worth or not worth_known(worth):
        return ""
    tried = "" if "(" in worth else f", the {'most' if worth.startswith(MORE) else 'fewest'} that were tried"
    return f"Its texts are worth {worth} texts of people a class{tried}."


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
    return f"{best.method} is better than {listed(worse)} by more than chance explains." if worse else ""


def _real(best: Best, known: Evidence) -> str:
    gold = students_of(known.summary.get(GOLD, {})).get(best.student)
    if gold is None:
        return ""
    more = gold["macro_f1"] - best.scores["macro_f1"]
    side = f"{abs(more):.3f} {'above' if more > 0 else 'below'} {best.method}"
    return f"Real training texts ({known.summary[GOLD]['accepted']:,}) come to {gold['macro_f1']:.3f}, {side}."


def _of_students(best: Best, known: Evidence) -> str:
    others = [each for each in students_of(known.summary[best.method]) if each != best.student]
    if not others:
        return ""
    return f"That {best.student} is ahead of {listed(others)} shows on these same test texts, and is not tested."


def _cost(best: Best, known: Evidence) -> list[str]:
    found, attributes = known.summary[best.method], known.summary["attributes"]
    texts = best.scores.get("texts", found["accepted"])  # of a blend it may differ by student
    if "tokens" not in found:
        return [f"Its {texts:,} texts were made elsewhere, at a cost that is not known."]
    took = f"Its {texts:,} texts took {paid(Cost(found['tokens'], found['dollars']))}"
    if attributes["tokens"]:
        took += f"; what was asked about the labels, once for the task, took {paid(Cost(**attributes))} more"
    return [f"{took}."]


def _share(best: Best, known: Evidence) -> str:
    """At what share of the baseline's cost it scores as well."""
    costs = known.costs.get(best.student)
    if costs is None or best.method not in costs.reaches or not comparable(best.student, costs.baseline, known):
        return ""
    return told(costs, best.method)
