"""The page of all gates, as stage `report` writes it: a column a method, a row a gate, and where each links to."""

from __future__ import annotations

import re
from typing import Any

import pytest

from stages import report
from stages.core import files, paths
from tests.conftest import edit_params
from tests.small_grid import METHODS, TASK, write_grid


def written() -> str:
    report.main()
    return paths.GATES_PAGE.read_text(encoding="utf-8")


def rows(page: str) -> dict[str, list[tuple[str, str]]]:
    """Of the first table: by gate, the class and the text of each method's cell."""
    found = dict[str, list[tuple[str, str]]]()
    for row in re.findall(r"<tr><td>.*?</tr>", page):
        name, *cells = re.findall(r"<td[^>]*?(?:class=\"number *(.*?)\")?>(.*?)</td>", row)
        found.setdefault(name[1], cells)
    return found


def result(gate: str, *, failed: int, severity: str = "fail") -> dict[str, Any]:
    about = {"gate": gate, "table": "texts", "limit": "none", "checked": 9, "severity": severity, "worst": []}
    return {**about, "passed": not failed, "failed": failed}


def verdict(method: str, *results: dict[str, Any]) -> None:
    missed = [each for each in results if not each["passed"]]
    stops = [each for each in missed if each["severity"] == "fail"]
    counts = {"gates": len(results), "failed": len(stops), "warned": len(missed) - len(stops), "passed": not stops}
    files.write_json(paths.verdict_file(TASK, method), {**counts, "sha256": "", "results": list(results)})


@pytest.mark.usefixtures("project")
def test_each_gate_of_each_method() -> None:
    write_grid()
    one, two = METHODS
    verdict(
        one, result("label_noise", failed=3, severity="warn"), result("length", failed=0), result("length", failed=0)
    )
    verdict(two, result("length", failed=2), result("length", failed=1, severity="warn"))
    page = written()
    assert rows(page) == {
        "all": [("good", "passed, 1 warned"), ("bad", "failed, 1 warned")],
        "label noise": [("", "warned: 3"), ("soft", "-")],
        "length": [("good", "0"), ("bad", "failed: 3")],
    }
    for method in METHODS:
        assert f'<a href="{TASK}/{method}.html">{method}</a>' in page
        assert paths.validation_page(TASK, method).parent == paths.GATES_PAGE.parent / TASK


@pytest.mark.usefixtures("project")
def test_each_task_of_the_grid_has_its_table() -> None:
    edit_params(lambda each: each["run"].update(tasks=[TASK, "others"]))
    write_grid()
    write_grid(task="others", failed=True)
    page = written()
    assert re.findall("<h2>(.*?)</h2>", page) == [TASK, "others"]
    assert page.index("failed: 1") > page.index("<h2>others</h2>"), "the other one's gates passed"
