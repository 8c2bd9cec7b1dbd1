"""What to do next about a task: sentences, what hinders most first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.measures.differences import APART
from stages.measures.enough import WANTED, half_width, texts_for
from stages.pages.claims import Standing, rises, standing
from stages.pages.evidence import listed

if TYPE_CHECKING:
    from stages.pages.evidence import Best, Evidence

_MANY = 0.1  # share of the planned texts, thrown out
_TOP = 0.995  # an upper bound from which on a score leaves no room to be better
_CONFUSED = (3, 0.1)  # texts, and share of the label's: with fewer there is nothing that a description could mend


def next_steps(best: Best, known: Evidence) -> list[str]:
    """What the evidence gives reason to do, the best method being what it is."""
    stands = standing(best, known)
    if stands is Standing.CHANCE:
        return [*_test_texts(stands, known), *_failed(known), *_thrown_out(best, known)]
    return [
        *_test_texts(stands, known),
        *_failed(known),
        *_more_texts(best, known),
        *_undecided(best, known),
        *_confused(best, known),
        *_thrown_out(best, known),
    ]


def _test_texts(stands: Standing, known: Evidence) -> list[str]:
    """Whether there are too few of them to say anything, or who is best."""
    lacking = texts_for(WANTED, known.confidence) - known.texts
    if stands not in (Standing.CHANCE, Standing.TIED) or lacking <= 0:
        return []
    half = 100 * half_width(0.5, known.texts, known.confidence)
    now = f"on {known.texts:,} the interval of an accuracy is up to ±{half:.0f} points"
    return [f"Add test texts before anything else: {now}; {lacking:,} more make it ±{100 * WANTED:.0f}."]


def _failed(known: Evidence) -> list[str]:
    return [
        f"Mend {each.method} first: it failed {listed([name for name, *_ in each.failed])}, so nothing trains on its "
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
    high, rising = best.scores["macro_f1_high"], rises(before, last)
    if high >= _TOP and (not rising or best.scores["macro_f1"] >= _TOP):
        full = f"these cannot show a better score, its interval goes up to {high:.3f}"
        return [f"Take harder test texts, or more: {full}."]
    if rising:
        told = f"{step} rose by {gain:.3f}, and the curve has not levelled off"
        return [f"Ask for more texts (prompts.per_label): {told}."]
    small = f"rose by {gain:.3f}, which its intervals do not tell from nothing"
    flat = f"{step} {small if gain > 0 else f'fell by {-gain:.3f}' if gain else 'did not change'}"
    return [f"Try another method, or better descriptions of the labels, before more texts: {flat}."]


def _undecided(best: Best, known: Evidence) -> list[str]:
    gap = best.beside(best.next, known.pairs)
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
    texts, share = _CONFUSED
    worst = known.confused[best.method, best.student].worst
    often = [str(each) for each in worst if each.texts >= max(texts, share * each.of)][:2]
    return [f"Say in task.yaml what sets these labels apart: {listed(often)}."] if often else []


def _thrown_out(best: Best, known: Evidence) -> list[str]:
    found = known.checked.get(best.method)
    if found is None or not found.reasons or found.accepted > (1 - _MANY) * found.planned:
        return []
    reason, texts = found.reasons[0]
    share = 1 - found.accepted / found.planned
    return [
        f"See why {share:.0%} of the planned texts of {best.method} were thrown out: {texts:,} of them as {reason}."
    ]
