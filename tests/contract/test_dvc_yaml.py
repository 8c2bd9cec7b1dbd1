"""What dvc.yaml says and what the code does are the same. DVC cannot see to that itself."""

from __future__ import annotations

import importlib
import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from dvc_render.vega_templates import TEMPLATES
from ruamel.yaml import YAML

from stages.core.params import Everything, StageParams
from tests.conftest import ROOT

DVC: dict[str, Any] = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text())
PARAMS: dict[str, Any] = YAML(typ="safe").load((ROOT / "params.yaml").read_text())
STAGES: dict[str, dict[str, Any]] = DVC["stages"]
NAMES = sorted(STAGES)


def entries(stage: str, kind: str) -> list[str]:
    """The paths (or params) under one key of a stage, without their settings."""
    return [next(iter(each)) if isinstance(each, dict) else each for each in STAGES[stage].get(kind, [])]


def test_each_stage_is_a_module_and_each_module_a_stage() -> None:
    assert sorted(path.stem for path in (ROOT / "stages").glob("*.py") if path.stem != "__init__") == NAMES


@pytest.mark.parametrize("stage", NAMES)
def test_each_stage_depends_on_its_code(stage: str) -> None:
    assert f"data/code/{stage}.json" in entries(stage, "deps") or stage == "code"


@pytest.mark.parametrize("stage", NAMES)
def test_params_are_the_fields_of_the_stages_params(stage: str) -> None:
    declared: type[StageParams] = importlib.import_module(f"stages.{stage}").Params
    fields = {re.sub(r"\{(\w+)\}", r"${item.\1}", field.alias or name) for name, field in declared.model_fields.items()}
    assert set(entries(stage, "params")) == fields
    assert declared.model_config["extra"] == "forbid"
    assert declared.model_config["frozen"]


def test_every_section_but_ops_is_tracked() -> None:
    tracked = {param.split(".")[0] for stage in NAMES for param in entries(stage, "params")}
    assert tracked == set(Everything.model_fields) - {"ops"}


@pytest.mark.parametrize("stage", NAMES)
def test_the_command_runs_the_module_with_its_axes(stage: str) -> None:
    axes = "".join(f" --{axis} ${{item.{axis}}}" for axis in STAGES[stage].get("matrix", {}))
    assert STAGES[stage]["cmd"] == f"python -m stages.{stage}{axes}"
    assert STAGES[stage]["desc"].endswith(("Free.", "COSTS MONEY unless recorded or stored."))


@pytest.mark.parametrize("stage", NAMES)
def test_what_the_docstring_says_is_read_and_written_is_what_dvc_knows(stage: str) -> None:
    told = importlib.import_module(f"stages.{stage}").__doc__ or ""
    reads, writes = told.split("Reads ")[1].split("Writes ")
    for kind, part in (("deps", reads), ("outs", writes), ("metrics", writes), ("plots", writes)):
        for path in entries(stage, kind):
            if not path.startswith("data/code/"):  # of every stage but `code`: its own
                name = Path(re.sub(r"\$\{item\.(\w+)\}", r"<\1>", path))
                assert str(name) in part or name.name in part or f"{name.parent.name}/{name.name}" in part, (kind, path)
    assert f"python -m stages.{stage}" in told


def test_the_cells_of_the_grid_have_different_names() -> None:
    for stage in NAMES:
        axes = [
            PARAMS["run"][re.sub(r"\$\{run\.(\w+)\}", r"\1", axis)] for axis in STAGES[stage].get("matrix", {}).values()
        ]
        names = ["-".join(cell) for cell in itertools.product(*axes)]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[a-z0-9_]+", value) for axis in axes for value in axis)


def test_what_reviewers_read_is_in_git_and_the_rest_is_not() -> None:
    # One metrics file for the grid: `dvc metrics show` and `dvc exp show` have a column for each key of each file.
    assert [path for stage in NAMES for path in entries(stage, "metrics")] == ["data/reports/summary.json"]
    for stage in NAMES:
        for kind in ("metrics", "plots"):
            assert all(each[next(iter(each))]["cache"] is False for each in STAGES[stage].get(kind, []))
            assert all(path.startswith(("data/plots/", "data/reports/")) for path in entries(stage, kind))
        for each in STAGES[stage].get("outs", []):
            # `cache: false` on an out turns the run cache off: only the report, which is cheap, has such.
            assert isinstance(each, str) != (stage == "report")


@pytest.mark.parametrize("stage", NAMES)
def test_each_plot_says_what_it_shows(stage: str) -> None:
    for each in STAGES[stage].get("plots", []):
        [(path, plot)] = each.items()
        assert {"template", "x", "y", "title"} <= set(plot), path
        cell = "/".join(re.findall(r"\$\{item\.\w+\}|gold", path))
        assert plot["title"].startswith(f"{cell}: "), "pages have the plots of all cells in one heap"
        template = ROOT / ".dvc/plots" / f"{plot['template']}.json"
        assert template.exists() or plot["template"] in {known.DEFAULT_NAME for known in TEMPLATES}
        if template.exists():
            wanted = set(re.findall(r"<DVC_METRIC_(\w+)>", template.read_text()))
            assert wanted - {"DATA"} <= {key.upper() for key in plot}, "what is not said shows as <DVC_METRIC_...>"


def test_rooms_import_no_stage_and_no_room_knows_params_or_data() -> None:
    stage_modules = {f"stages.{name}" for name in NAMES}
    for path in (ROOT / "stages").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        imported = set(re.findall(r"(?:from|import) (stages\.\w+)\b(?!\.)", text))
        assert not imported & stage_modules, path
        relative = str(path.relative_to(ROOT / "stages"))
        if relative not in ("core/params.py", "core/paths.py"):
            code = re.sub(r'""".*?"""', "", text, flags=re.DOTALL)
            assert not re.search(r'Path\(.{0,3}data|["\']params\.yaml["\']\)', code), path


def test_params_have_no_anchors_whose_aliases_dvc_would_write_back() -> None:
    """`dvc exp run -S` sets a key, and then writes over it what another alias of the same entry says."""
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    assert not re.search(r":\s+[&*]\w", text)


def test_the_mean_is_of_students_as_they_stand_above() -> None:
    students = PARAMS["students"]
    for name, member in students["mean"]["of"].items():
        assert member["student"] == students[name]


def test_a_page_says_what_runs_again() -> None:
    page = (ROOT / "docs/running_again.md").read_text(encoding="utf-8")
    for section in Everything.model_fields:
        stages = [name for name in STAGES if any(each.split(".")[0] == section for each in entries(name, "params"))]
        told = re.search(rf"^\| `{section}` \| (.*?) \|", page, re.MULTILINE)
        assert told, section
        assert set(told[1].split(", ")) == set(stages or ["none"]), section
