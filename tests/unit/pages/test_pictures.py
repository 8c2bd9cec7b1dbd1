"""The pictures: marks and lines inside their frames."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from stages.core.templates import Templates
from stages.measures.curves import Point
from stages.measures.efficiency import Costs, compare_costs
from stages.pages.curve_picture import FRAME, HEIGHT, LEFT, WIDTH, curve_panel
from stages.pages.picture import WIDTH as PICTURE_WIDTH
from stages.pages.picture import panels
from stages.pages.scores import strips
from tests.conftest import ROOT


def points(*found: tuple[float, float]) -> list[Point]:
    return [Point(1.0, 9, 50, cost, 50, cost, value, value - 0.05, value + 0.05) for cost, value in found]


def costs() -> Costs:
    curves = {
        "simprompt": points((0.01, 0.3), (0.04, 0.5)),
        "attrprompt": points((0.01, 0.4), (0.04, 0.6)),
        "poor": points((0.01, 0.1), (0.04, 0.46)),
    }
    found = compare_costs(curves, "simprompt")
    assert found
    return found


def test_the_picture_has_a_mark_for_each_student_inside_its_frame(summary: dict[str, Any]) -> None:
    templates = Templates(ROOT / "data/templates/pages", html=True)
    svg = templates.render("picture.svg", {"panels": panels(summary), "width": PICTURE_WIDTH, "confidence": 0.95})
    root = ET.fromstring(svg)
    titles = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["attrprompt, tfidf: 0.800", "gold, tfidf: 0.900", "simprompt, tfidf: 0.700"]
    for panel in panels(summary):
        assert all(0 < mark.low <= mark.dot <= mark.high < PICTURE_WIDTH for mark in panel.marks)
        assert panel.ticks[0][0] == "0.6"
        assert panel.ticks[-1][0] == "1.0"


def test_strips_stand_on_the_scale_of_their_ticks(summary: dict[str, Any]) -> None:
    found = strips(summary, "notes")
    assert [name for name, _ in found.ticks] == ["0.6", "0.7", "0.8", "0.9", "1.0"]
    places = dict(found.ticks)
    [strip] = found.methods["attrprompt"]
    assert strip.dot == pytest.approx(places["0.8"])
    assert strip.told == "0.800 (0.750 to 0.850)"
    assert places["0.7"] < strip.low < strip.dot < strip.high < places["0.9"]
    assert all(0 <= place <= 100 for place in places.values())


def test_the_picture_has_a_line_for_each_method_inside_its_frame() -> None:
    panel = curve_panel(costs())
    svg = Templates(ROOT / "data/templates/pages", html=True).render("curve.svg", {"panel": panel, **FRAME})
    root = ET.fromstring(svg)
    titles = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles[:2] == [
        "simprompt: 0.300 (0.250 to 0.350) for $0.0100",
        "simprompt: 0.500 (0.450 to 0.550) for $0.0400",
    ]
    assert len(titles) == 6
    for line in panel.lines:
        for place in line.band.split():
            x, y = map(float, place.split(","))
            assert LEFT < x < WIDTH
            assert panel.top <= y < HEIGHT
    assert [name for name, _ in panel.x_ticks] == ["$0.01", "$0.02"]
    assert [method for method, *_ in panel.legend] == ["simprompt", "attrprompt", "poor"]


def test_where_no_cost_is_known_the_line_is_over_texts() -> None:
    def made_elsewhere(*found: tuple[int, float]) -> list[Point]:
        return [Point(1.0, texts, None, None, None, None, value, value - 0.05, value + 0.05) for texts, value in found]

    costs = compare_costs({"theirs": made_elsewhere((3, 0.4), (3, 0.4), (30, 0.7))}, "theirs")
    assert costs
    assert (costs.unit, costs.reaches) == ("texts", {})
    panel = curve_panel(costs)
    assert [name for name, _ in panel.x_ticks] == ["5", "10", "20"]
    [line] = panel.lines
    assert [title for *_, title in line.dots] == [
        "theirs: 0.400 (0.350 to 0.450) for 3 texts",
        "theirs: 0.700 (0.650 to 0.750) for 30 texts",
    ]
    single = compare_costs({"theirs": made_elsewhere((3, 0.4))}, "theirs")
    assert single
    assert [name for name, _ in curve_panel(single).x_ticks] == ["3"]
    beside = compare_costs({"theirs": made_elsewhere((3, 0.4)), "simprompt": points((0.01, 0.3))}, "simprompt")
    assert beside
    assert (beside.unit, list(beside.curves)) == ("dollars", ["simprompt"])
