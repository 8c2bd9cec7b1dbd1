from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import islice

from stages.design.coverage import Coverage, DimensionCoverage, Tally
from stages.design.further import further_labels
from stages.design.plan import Factor, Incompatible, plan_texts

TONE = Factor("tone", ("warm", "cold", "never"), (0.75, 0.25, 0.0))
PLACE = Factor("place", ("home", "work"), (0.5, 0.5))


def coverage(
    factors: list[Factor], rows: Iterable[Mapping[str, str]], incompatible: Collection[Incompatible] = ()
) -> Coverage:
    tally = Tally(factors, incompatible)
    for row in rows:
        tally.add(row)
    return tally.coverage()


def test_what_some_rows_reached() -> None:
    rows = [{"tone": "warm", "place": "home"}, {"tone": "warm", "place": "home", "more": "x"}, {}, {"tone": "warm"}]
    found = coverage([TONE, PLACE], iter(rows))
    assert found.as_json() == {
        "rows": 4,
        "core": 1,
        "dimensions": {
            "tone": {"values": 2, "seen": 0.5, "deviation": 0.75},
            "place": {"values": 2, "seen": 0.5, "deviation": 1.0},
        },
        "pairs": 4,
        "pairs_seen": 0.25,
    }


def test_an_incompatible_pair_is_not_to_be_seen() -> None:
    bad = [frozenset({("place", "work"), ("tone", "warm")})]
    rows = [{"tone": "warm", "place": "home"}, {"tone": "cold", "place": "home"}, {"tone": "warm", "place": "work"}]
    found = coverage([TONE, PLACE], rows, bad)
    assert (found.pairs, round(found.pairs_seen * 3)) == (3, 2)


def test_nothing_planned_is_nothing_missed() -> None:
    found = coverage([Factor("tone", (), ())], [])
    assert found.as_json() == {
        "rows": 0,
        "core": 0,
        "dimensions": {"tone": {"values": 0, "seen": 1.0, "deviation": 0.0}},
        "pairs": 0,
        "pairs_seen": 1.0,
    }


def test_a_balanced_plan_reaches_everything() -> None:
    rows = (each.attributes for each in plan_texts("noise", [TONE, PLACE], 60, design="balanced", seed=1))
    found = coverage([TONE, PLACE], rows)
    assert found.pairs_seen == 1
    assert all(each.seen == 1 and each.deviation < 1 for each in found.dimensions.values())


def further_coverage(shares: Mapping[str, float], rows: Iterable[tuple[str, ...]]) -> DimensionCoverage | None:
    tally = Tally([], together=shares)
    for row in rows:
        tally.add({}, row)
    return tally.coverage().together


def test_further_labels_that_rows_reached() -> None:
    shares = {"parcel": 0.5, "plants": 0.25, "pets": 0.25, "never": 0.0}
    found = further_coverage(shares, [("parcel",), (), ("parcel", "plants"), ("parcel",)])
    assert found == DimensionCoverage(3, 2 / 3, 1.0)
    further = islice(further_labels("1|noise", shares, design="balanced"), 40)
    assert further_coverage(shares, further) == DimensionCoverage(3, 1.0, 0.0)
    assert Tally([]).coverage().together is None
