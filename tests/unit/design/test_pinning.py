"""Dimensions that were found are pinned, and a label more then asks for what is about it and its neighbours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from stages.core.errors import ArtifactError, InputError
from stages.core.tasks import Task, load_task
from stages.design.pinning import pin_dimensions
from stages.design.table import AttributeTable, write_table
from tests.conftest import TASK, write_task
from tests.unit.design.test_attributes import FakeModel, find

FILE, TABLE = Path("data/tasks/notes/task.yaml"), Path("data/attributes/notes/attributes.yaml")


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    monkeypatch.chdir(tmp_path)
    write_task("notes", "# by hand\n" + TASK)
    return load_task("notes")


def asked(model: FakeModel) -> dict[str, str]:
    return {each.key: each.messages[0]["content"] for each in model.asked}


def test_pinned_as_found_nothing_is_asked_anew(task: Task) -> None:
    first, again = FakeModel(), FakeModel()
    table, _ = find(task, first)
    write_table(TABLE, table)
    assert "scene, tone pinned" in next(pin_dimensions(task))
    text = FILE.read_text()
    assert text.startswith("# by hand\n" + TASK)
    assert text.endswith(
        "dimensions:\n- name: scene\n  about: what happened\n  per_label: true\n"
        "- name: tone\n  about: how it sounds\n  ordered: true\n"
    )
    pinned = load_task("notes")
    assert find(pinned, again)[0] == table
    assert set(asked(again)) < set(asked(first)), "all but the question for dimensions, word for word"
    assert "all dimensions are pinned already" in next(pin_dimensions(pinned))
    assert FILE.read_text() == text


def near_plants(prompt: str, _: int) -> Any:
    """A new label that is near to plants, and plants to it; the others are near to one another."""
    about = re.search(r'text of "(.+?)" most easily', prompt)
    near = {"noise": "parcel", "parcel": "noise", "plants": "pets" if "- pets" in prompt else "noise", "pets": "plants"}
    return {"similar": [near[about[1]]]} if about else None


def test_a_label_more_asks_about_itself_and_its_neighbours(task: Task) -> None:
    write_table(TABLE, find(task, FakeModel(near_plants))[0])
    list(pin_dimensions(task))
    before, after = FakeModel(near_plants), FakeModel(near_plants)
    find(load_task("notes"), before)
    FILE.write_text(FILE.read_text().replace("dimensions:\n", "  pets: is about an animal\ndimensions:\n"))
    find(load_task("notes"), after)
    new = [text for key, text in asked(after).items() if key not in asked(before)]
    about = [re.search(r'(?:text of|one class of them,|Texts of the class) "(.+?)"', text) for text in new]
    kinds = [re.search(r'\{"(\w+)": \[', text) for text in new]
    found = sorted((kind[1], label[1]) for kind, label in zip(kinds, about, strict=True) if kind and label)
    assert found == sorted([
        *(("similar", name) for name in ("noise", "parcel", "plants", "pets")),  # the new one may be near to any
        *((kind, name) for kind in ("values", "verdicts") for name in ("plants", "pets")),
    ])  # fmt: skip
    assert len(new) == len(found), "and nothing else: no dimensions, no values that all labels share"


def test_what_cannot_be_pinned(task: Task) -> None:
    with pytest.raises(ArtifactError, match="stage attributes writes"):
        next(pin_dimensions(task))
    write_table(Path("data/tasks/notes/attributes.yaml"), AttributeTable())
    with pytest.raises(InputError, match="nothing to pin"):
        next(pin_dimensions(task))
