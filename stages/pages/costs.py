"""What methods cost beside a baseline, in sentences; those that the test texts carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.measures.efficiency import best, crossings
from stages.pages.claims import comparable, share_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.measures.efficiency import Costs
    from stages.pages.evidence import Evidence


def cost_sentences(costs: Costs, student: str, known: Evidence) -> Iterator[str]:
    """One on each method that is held against the baseline, on each crossing, and on each without a curve there."""
    if costs.reaches and not comparable(student, costs.baseline, known):
        yield (
            f"What {costs.baseline} scores with {student}, chance may give too on {known.texts:,} test texts: what "
            "other methods cost for the same score is not said."
        )
    else:
        yield from (told(costs, method) for method in costs.reaches)
    yield from (
        f"{each.ahead} is above {each.behind} from {costs.shown(each.cost)} on."
        for each in crossings(costs.curves)
        if each.clear
    )
    yield from (
        f"{method} is not drawn: what its texts cost is not known."
        for method, points in known.curves.get(student, {}).items()
        if points and method not in costs.curves
    )


def told(costs: Costs, method: str) -> str:
    """At what share of the baseline's cost a method that is held against it scores as well, as far as that is known."""
    found = costs.reaches[method]
    target, _ = best(costs.curves[costs.baseline])
    score = f"{costs.baseline}'s best macro-F1 ({target:.3f})"
    if found.low is None:
        return f"{method} does not reach {score}."
    if not share_known(found):
        return (
            f"Whether {method} reaches {score} these test texts leave open; if it does, then from "
            f"{_percent(found.low)} of those {costs.unit} on."
        )
    share = f"{'no more than ' if found.at_once else ''}{_percent(found.share)}"
    more = f"; with finding the attributes {_percent(found.with_attributes)}" if found.with_attributes else ""
    bounds = f"between {_percent(found.low)} and {_percent(found.high)}{more}"
    return f"{method} reaches {score} at {share} of its {costs.unit} ({bounds})."


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"
