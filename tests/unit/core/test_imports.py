"""Which files a module runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stages import code
from stages.core.imports import ImportGraph
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

MODULES = {
    "__init__": '"""A docstring."""',
    "first": "import json\nfrom pack.room import near\nfrom pack import second as other",
    "second": "def f():\n    import pack.room.late",
    "apart": "from __future__ import annotations",
    "room/__init__": "from pack.room.of_all import everything",
    "room/near": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pack.room.typed import T",
    "room/of_all": "everything = 1",
    "room/late": "import pack.first",
    "room/typed": "T = int",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name, text in MODULES.items():
        path = tmp_path / "pack" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "pack"


def test_what_a_module_imports_at_its_top_in_functions_and_in_circles(package: Path) -> None:
    found = {str(path.relative_to(package)) for path in ImportGraph(package).closure("pack.first")}
    every = ("first", "second", "room/__init__", "room/near", "room/of_all", "room/late")
    assert found == {f"{name}.py" for name in every}, "neither a type's module nor a mere docstring"


def test_one_byte_of_one_module_changes_the_stages_that_import_it(package: Path) -> None:
    before = code.run(package)
    (package / "room/late.py").write_text(MODULES["room/late"] + "\n")
    after = code.run(package)
    assert {stage for stage in before if before[stage] != after[stage]} == {"first", "second"}
    assert list(before["apart"]) == ["pack/apart.py"]


def test_the_stages_of_this_project() -> None:
    found = {stage: set(listed) for stage, listed in code.run(ROOT / "stages").items()}
    assert {"stages/clean.py", "stages/checks/texts.py", "stages/llm/reading.py"} <= found["clean"]
    assert "stages/students/linear.py" in found["train"], "imports inside functions count"
    assert "stages/llm/client.py" not in found["clean"]
    assert all("stages/__init__.py" not in each for each in found.values()), "the map changes no result"
