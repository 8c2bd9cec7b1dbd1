"""The rules of the house that a linter does not know."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest

from stages.core import errors
from stages.core.params import load_everything
from stages.measures.summary import markdown_table, summary_table
from tests.conftest import ROOT

STAGES = sorted((ROOT / "stages").glob("*.py"))
CODE = sorted((ROOT / "stages").rglob("*.py"))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_can_be_read_at_one_go(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    most = 120 if path in STAGES else 300 if path.name == "paths.py" else 220  # that one is a list
    assert len(text.splitlines()) <= most
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, node.name


def test_the_tree_of_errors_is_the_one_that_is_drawn() -> None:
    drawn = set(re.findall(r"(\w+Error)\b", errors.__doc__ or ""))
    classes = {each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)}
    assert drawn == {each.__name__ for each in classes}
    assert all(issubclass(each, errors.AttrPromptError) for each in classes)


def test_no_pickle_and_no_other_yaml() -> None:
    for path in CODE:
        assert not re.search(r"^\s*(import|from) (pickle|joblib|yaml|dill)\b", path.read_text(), re.MULTILINE), path


def test_the_map_names_every_room_and_stage() -> None:
    told = (ROOT / "stages/__init__.py").read_text()
    for path in (ROOT / "stages").iterdir():
        if path.name not in ("__init__.py", "__pycache__"):
            assert re.search(rf"\b{path.stem}\b", told), path


def test_git_holds_no_large_file_and_nothing_that_dvc_keeps() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in listed:
        recorded = name.startswith("data/recordings/")  # they grow with what is asked, and are what runs without a key
        assert (ROOT / name).stat().st_size < (4_000_000 if recorded else 1_000_000), name
        assert not re.match(
            r"data/(attributes|prompts|generated|clean|validation|models|metrics|reports/\w+/dataset)/", name
        ), name


def test_the_readme_shows_the_results_that_are_committed() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    summary = json.loads((ROOT / "data/reports/summary.json").read_text())
    grid = load_everything(ROOT / "params.yaml").run
    table = markdown_table(*summary_table(summary, "support_tickets", grid), 1)
    assert table in readme, f"the README's table is out of date; it is\n{table}"


def test_every_path_that_a_page_names_is_there() -> None:
    for page in DOCUMENTS:
        for name in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / name).exists(), f"{page}: {name}"


def test_the_readme_leads_to_every_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in DOCUMENTS[1:]:
        assert f"](docs/{page.name})" in readme


def test_every_make_target_that_a_page_names_is_there() -> None:
    said, makefile = "".join(page.read_text() for page in DOCUMENTS), (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`?make ([a-z-]+)", said)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
