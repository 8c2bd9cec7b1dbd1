"""What is said of costs, and what is not where the test texts do not carry it."""

from __future__ import annotations

from stages.measures.curves import Point
from stages.measures.efficiency import Costs, compare_costs
from stages.pages.costs import cost_sentences
from stages.pages.evidence import Evidence

STUDENT = "tfidf"


def points(*rows: tuple[float, float], extra: float = 0.0) -> list[Point]:
    """Points of (dollars, macro-F1), each with an interval of 0.05 to either side."""
    return [
        Point(1.0, 9, round(cost * 1e4), cost, 0, cost + extra, value, value - 0.05, value + 0.05)
        for cost, value in rows
    ]


def said(costs: Costs | None, *informed: str) -> list[str]:
    assert costs
    known = Evidence({}, 240, {(each, STUDENT) for each in informed}, [], {}, {}, {}, {}, 0.95)
    return list(cost_sentences(costs, STUDENT, known))


def costs(**more: list[Point]) -> Costs | None:
    first = {"simprompt": points((0.01, 0.3), (0.04, 0.5))}
    return compare_costs({**first, **more}, "simprompt")


def test_what_is_told() -> None:
    found = costs(
        attrprompt=points((0.01, 0.4), (0.04, 0.6), extra=0.01),
        open=points((0.01, 0.1), (0.04, 0.46)),
        poor=points((0.01, 0.1), (0.04, 0.44)),
    )
    best = "simprompt's best macro-F1 (0.500)"
    assert said(found, "simprompt") == [
        f"attrprompt reaches {best} at 50 % of its dollars (between 35 % and 71 %; with finding the attributes 75 %).",
        f"Whether open reaches {best} these test texts leave open; if it does, then from 96 % of those dollars on.",
        f"poor does not reach {best}.",
    ]
    assert said(compare_costs({"poor": points((0.01, 0.1))}, "simprompt"), "poor") == []


def test_a_crossing_is_told_where_the_bands_lie_apart_before_and_after_it() -> None:
    clear, vague = points((0.01, 0.1), (0.04, 0.7)), points((0.01, 0.25), (0.04, 0.7))
    assert "x is above simprompt from $0.0200 on." in said(costs(x=clear), "simprompt")
    assert not any("is above" in each for each in said(costs(x=vague), "simprompt"))


def test_a_score_that_chance_gives_too_is_no_measure_of_costs() -> None:
    [only] = said(costs(attrprompt=points((0.01, 0.4), (0.04, 0.6))), "attrprompt")
    assert only.startswith("What simprompt scores with tfidf, chance may give too on 240 test texts")
