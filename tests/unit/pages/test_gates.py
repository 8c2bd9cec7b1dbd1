from __future__ import annotations

import re

import pytest

from stages.core import paths
from stages.core.params import load_everything
from stages.core.templates import Templates
from stages.pages.gates import read_checked
from stages.pages.gates_index import gates_index
from tests.small_grid import METHODS, TASK, write_grid


@pytest.mark.usefixtures("project")
def test_what_became_of_the_texts() -> None:
    write_grid(failed=True)
    passed, failed = (read_checked(TASK, method) for method in METHODS)
    assert passed.reasons == [("too long", 3)], "counts of what was reported are no reasons"
    assert (passed.planned, passed.accepted, passed.gates, passed.failed) == (24, 21, 1, [])
    worst = "label noise / attribute scene / value noise at night: found 0"
    assert failed.failed == [("attribute coverage", "all values", worst)]
    assert failed.page == "../validation/notes/attrprompt.html"


@pytest.mark.usefixtures("project")
def test_all_verdicts_on_one_page_each_with_a_link() -> None:
    write_grid(failed=True)
    page = gates_index(load_everything().run, Templates(paths.PAGE_TEMPLATES, html=True))
    assert re.findall(r'href="(.+?)"', page) == [f"{TASK}/{method}.html" for method in METHODS]
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in re.findall(r"<tr><td>.*?</tr>", page)]
    assert rows == [["all", "passed", "failed"], ["attribute", "coverage", "0", "failed:", "1"]]
