from __future__ import annotations

import pytest

from stages.pages.gates import read_checked
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
