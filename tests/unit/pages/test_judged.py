"""What the page says of a judge."""

from __future__ import annotations

import pytest

from stages.core import files, paths
from stages.core.templates import Templates
from stages.pages.judged import judged_page
from tests.conftest import ROOT
from tests.small_grid import METHODS, TASK, write_grid

ODD = "<script>alert(1)</script>{{ 7 * 7 }}"


def page() -> str:
    shown = judged_page(TASK, METHODS)
    return Templates(ROOT / "data/templates/pages", html=True).render(
        "judged", {"task": {"name": TASK, "judged": shown}}
    )


@pytest.mark.usefixtures("project")
def test_agreement_comes_first_then_the_shares_and_the_texts() -> None:
    write_grid(ODD)
    shown = judged_page(TASK, METHODS)
    assert shown
    assert shown.trusted
    assert shown.agreement[0].startswith("The judge is trusted: kappa 1.00 (0.79 to 1.00) on 24 real texts, 0.6 wanted")
    assert shown.agreement[1] == "It gives the label that people gave to 100% (86% to 100%) of them."
    assert [len(row) for row in shown.rows] == [len(shown.header)] * 2
    assert shown.rows[0][:5] == ["attrprompt", "2", "100% (34% to 100%)", "100% (34% to 100%)", "1.0"]
    assert shown.rows[1][:5] == ["real texts", "24", "0% (0% to 14%)", "0% (0% to 14%)", "4.0"]
    assert shown.rows[0][5] == "100% (100% to 100%)"
    html = page()
    assert html.index("kappa 1.00") < html.index("<table>") < html.index("is &lt;i&gt;this&lt;/i&gt; about parcels?")
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}" in html


@pytest.mark.usefixtures("project")
def test_a_judge_that_is_not_trusted_is_told_of_as_such() -> None:
    write_grid()
    path = paths.judge_metrics(TASK, METHODS[1])
    scores = files.read_json(path, "judge")
    files.write_json(path, {**scores, "trusted": False, "told": "not trusted: kappa 0.41 (0.30 to 0.52)"})
    html = page()
    assert "<li>The judge is not trusted: kappa 0.41 (0.30 to 0.52).</li>" in html
    assert "so no gate goes by what follows" in html
    files.write_json(path, {**scores, "generated": {**scores["generated"], "texts": 0}})
    assert judged_page(TASK, METHODS) is None
    path.unlink()
    assert judged_page(TASK, METHODS) is None
