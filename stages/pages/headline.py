"""What the report says first of a task: which method is best and how surely, what it cost, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core.params import GOLD
from stages.measures.differences import APART
from stages.measures.summary import methods_of, students_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.files import Json
    from stages.measures.curves import Point
    from stages.measures.differences import Pair
    from stages.measures.efficiency import Costs
    from stages.pages.confusion import Matrix
    from stages.pages.gates import Checked

_RISES = 0.01  # macro-F1 by which the last step of a learning curve has to rise for more texts to be worth a thought
_MANY = 0.1  # share of the planned texts, thrown out


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of a task.

    Attributes:
        summary: The task's part of the summary.
        pairs: Every two methods with each student.
        curves: By student and method.
        costs: By student.
        checked: By method.
        confused: The matrix of each method and student.
        confidence: Of all intervals.
    """

    summary: Json
    pairs: Sequence[Pair]
    curves: Mapping[str, Mapping[str, Sequence[Point]]]
    costs: Mapping[str, Costs | None]
    checked: Mapping[str, Checked]
    confused: Mapping[tuple[str, str], Matrix]
    confidence: float


@dataclass(frozen=True, slots=True)
class Headline:
    """Sentences: the first thing to know, the worth in texts of people (or nothing), what else is known, what to do."""

    claim: str
    worth: str
    facts: list[str]
    steps: list[str]


@dataclass(frozen=True, slots=True)
class Best:
    """The method and student with the highest macro-F1, real training data apart; `next` is the next best method."""

    method: str
    student: str
    scores: Json
    next: str | None

    @classmethod
    def of(cls, summary: Json) -> Best:
        """The best of a task; of equal ones the first. The next one is so with the same student."""
        methods = {name: students_of(each) for name, each in methods_of({"": summary}, "") if name != GOLD}
        cells = [(name, student) for name, students in methods.items() for student in students]
        method, student = max(cells, key=lambda cell: methods[cell[0]][cell[1]]["macro_f1"])
        others = [name for name in methods if name != method]
        after = max(others, key=lambda name: methods[name][student]["macro_f1"], default=None)
        return cls(method, student, methods[method][student], after)


def headline(known: Evidence) -> Headline:
    """What to say first of a task."""
    best = Best.of(known.summary)
    return Headline(
        _claim(best, known),
        _worth(best),
        [each for each in (_beside_next(best, known), _apart_from(best, known), *_cost(best, known)) if each],
        [*_failed(known), *_more_texts(best, known), *_undecided(best, known), *_confused(best, known),
         *_real(best, known), *_thrown_out(best, known)],
    )  # fmt: skip


def _claim(best: Best, known: Evidence) -> str:
    score = (
        f"macro-F1 {best.scores['macro_f1']:.3f} with {best.student} ({known.confidence:.0%} interval "
        f"{best.scores['macro_f1_low']:.3f} to {best.scores['macro_f1_high']:.3f})"
    )
    if best.next is None:
        return f"{best.method} has {score}."
    gap = _gap(best, best.next, known.pairs)
    if gap is None:
        return f"{best.method} scores highest: {score}."
    if gap.verdict == APART:
        return f"{best.method} scores highest, {score}, but cannot be told apart from {best.next}."
    return f"{best.method} is best: {score}."


def _gap(best: Best, other: str, pairs: Sequence[Pair]) -> Pair | None:
    """The comparison of the best with another method, with its student; blends are not compared."""
    names = {best.method, other}
    return next((each for each in pairs if {each.first, each.second} == names and each.student == best.student), None)


def _worth(best: Best) -> str:
    worth, low, high = (best.scores.get(f"worth{bound}") for bound in ("", "_low", "_high"))
    if worth is None:
        return ""
    bounds = [f"{name} {each:.0f}" for name, each in (("at least", low), ("at most", high)) if each is not None]
    shown = f" ({', '.join(bounds)})" if bounds else ""
    return f"Its texts are worth {worth:.0f} texts of people a class{shown}."


def _beside_next(best: Best, known: Evidence) -> str:
    if best.next is None:
        return ""
    score = students_of(known.summary[best.next])[best.student]["macro_f1"]
    gap = _gap(best, best.next, known.pairs)
    if gap is None:
        return f"Next is {best.next} ({score:.3f}); blends are not held against other methods text by text."
    side = 1 if gap.first == best.method else -1
    value, low, high = (side * each for each in (gap.gap.value, *(gap.gap.low, gap.gap.high)[::side]))
    told = "no more than chance explains" if gap.verdict == APART else "more than chance explains"
    return f"Next is {best.next} ({score:.3f}): {value:.3f} less ({low:+.3f} to {high:+.3f}), which is {told}."


def _apart_from(best: Best, known: Evidence) -> str:
    worse = [
        pair.second if pair.first == best.method else pair.first
        for pair in known.pairs
        if pair.student == best.student and pair.verdict == f"{best.method} better"
    ]
    worse = [each for each in worse if each != best.next]
    return f"It is better than {_listed(worse)} by more than chance explains." if worse else ""


def _cost(best: Best, known: Evidence) -> list[str]:
    found, attributes = known.summary[best.method], known.summary["attributes"]
    if "tokens" not in found:
        return [f"Its {found['accepted']:,} texts were made elsewhere, at a cost that is not known."]
    told = f"Its {found['accepted']:,} texts took {_paid(found)}"
    if attributes["tokens"]:
        told += f"; what was asked about the labels, once for the task, took {_paid(attributes)} more"
    costs = known.costs.get(best.student)
    return [f"{told}.", *([costs.told(best.method)] if costs and best.method in costs.reaches else [])]


def _failed(known: Evidence) -> list[str]:
    return [
        f"Mend {each.method} first: it failed {_listed([name for name, *_ in each.failed])}, so nothing trains on its "
        "texts, and its scores are of other ones."
        for each in known.checked.values()
        if each.failed
    ]


def _more_texts(best: Best, known: Evidence) -> list[str]:
    """Whether the learning curve still rises at its end."""
    points = known.curves[best.student].get(best.method, ())[-2:]
    if len({each.texts for each in points}) < 2:  # noqa: PLR2004 - one point is no curve
        return []
    before, last = points
    gain = last.macro_f1 - before.macro_f1
    step = f"from {before.texts:,} texts to {last.texts:,} the macro-F1 of {best.method}"
    if gain >= _RISES:
        rising = f"{step} rose by {gain:.3f}, and the curve has not levelled off"
        return [f"Ask for more texts (prompts.per_label): {rising}."]
    flat = f"{step} changed by {gain:+.3f}"
    return [f"Try another method, or better descriptions of the labels, before more texts: {flat}."]


def _undecided(best: Best, known: Evidence) -> list[str]:
    gap = _gap(best, best.next, known.pairs) if best.next else None
    if gap is None or best.next is None or gap.verdict != APART:
        return []
    seen = (gap.gap.high - gap.gap.low) / 2
    steps = [
        f"Add test texts to tell {best.method} from {best.next}: on these, less than about {seen:.2f} does not show."
    ]
    mine, theirs = known.summary[best.method], known.summary[best.next]
    for unit in ("dollars", "tokens"):
        if mine.get(unit) and theirs.get(unit):
            saved = 1 - theirs[unit] / mine[unit]
            return [*steps, f"Until then {best.next} will do: it costs {saved:.0%} less."] if saved > 0 else steps
    return steps


def _confused(best: Best, known: Evidence) -> list[str]:
    matrix = known.confused[best.method, best.student]
    if not matrix.worst:
        return []
    return [f"Say in task.yaml what sets these labels apart: {_listed([str(each) for each in matrix.worst[:2]])}."]


def _real(best: Best, known: Evidence) -> list[str]:
    gold = students_of(known.summary.get(GOLD, {})).get(best.student)
    if gold is None:
        return []
    more = gold["macro_f1"] - best.scores["macro_f1"]
    side = f"{more:.3f} above that" if more > 0 else f"{-more:.3f} below that"
    return [f"Real training texts ({known.summary[GOLD]['accepted']:,}) come to {gold['macro_f1']:.3f}, {side}."]


def _thrown_out(best: Best, known: Evidence) -> list[str]:
    found = known.checked.get(best.method)
    if found is None or not found.reasons or found.accepted > (1 - _MANY) * found.planned:
        return []
    reason, texts = found.reasons[0]
    share = 1 - found.accepted / found.planned
    return [
        f"See why {share:.0%} of the planned texts of {best.method} were thrown out: {texts:,} of them as {reason}."
    ]


def _paid(found: Json) -> str:
    dollars = found["dollars"]
    return f"{found['tokens']:,} tokens{'' if dollars is None else f' (${dollars:.4f})'}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
