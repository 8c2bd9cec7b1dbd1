from __future__ import annotations

import pytest

from stages.core.templates import Templates
from stages.measures.variety import read_studies
from stages.pages.variety import variety
from tests.conftest import ROOT
from tests.small_grid import METHODS, TASK, write_grid


@pytest.mark.usefixtures("project")
def test_figures_and_shortcuts_are_shown() -> None:
    write_grid("<i>")
    shown = variety(read_studies(TASK, METHODS))
    page = Templates(ROOT / "data/templates/pages", html=True).render("variety", {"variety": shown})
    assert '<th scope="row">attrprompt</th>' in page
    assert "Near-duplicates here have half of their words" in page, "a measure of its own, not the gates'"
    assert "<b>decibel&lt;i&gt;</b> (noise: 4 of its texts, 0 of others; of real texts 0 and 0)" in page


@pytest.mark.usefixtures("project")
def test_how_values_came_out_beside_the_plan() -> None:
    write_grid()
    found = {each.attribute: each for each in variety(read_studies(TASK, METHODS)).balance}
    assert {each.method for each in found.values()} == {"attrprompt"}, "texts of the other have no attributes"
    # Of eight planned texts of a label four are calm; the first, a calm one, was thrown out of each.
    tone = found["tone"]
    assert tone.commonest.startswith("angry: 57% (")
    assert tone.off == "7%"
    assert tone.worst == "noise: 7%, by chance 16%"
    assert not tone.far
