"""Attributes that people wrote: taken as they are, asked for nowhere, and wrong ones told with their line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stages import attributes, brief, prompts
from stages.core import paths
from stages.core.errors import InputError
from stages.core.tasks import load_task
from stages.design import forecasting
from stages.design.preflight import check_grid
from stages.design.table import read_table
from tests.conftest import TASK, edit_params, find_attributes, write_task

WRITTEN = """\
dimensions:
- name: tone
  about: how the writer sounds
  values: {calm: 3, annoyed: 1}
- name: topic
  about: what it is about
  per_label:
    noise: [a party, a washing machine]
    parcel: [a parcel]
    plants: [a fern]
similar:
  noise: [parcel]
"""


def write(text: str) -> Path:
    path = paths.written_attributes("notes")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _here(project: Path) -> None:
    del project


def test_what_people_wrote_is_taken_and_nothing_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    write(WRITTEN)
    find_attributes("notes")  # there is no endpoint
    assert "tone, topic; taken from data/tasks/notes/attributes.yaml" in capsys.readouterr().err
    table = read_table(paths.attributes_file("notes"))
    assert table.dimensions[0].shares_for("noise") == (0.75, 0.25)
    assert table.dimensions[1].values_for("noise") == ("a party", "a washing machine")
    assert table.similar == {"noise": ("parcel",)}
    assert paths.attributes_answers("notes").read_text() == ""
    metrics = json.loads(paths.attributes_metrics("notes").read_text())
    assert metrics["imported"] is True
    assert metrics["requests"] == metrics["dropped"] == 0
    prompts.main("notes", "attrprompt")
    assert "a washing machine" in paths.prompts_file("notes", "attrprompt").read_text()


def test_the_plan_asks_nothing_for_them(capsys: pytest.CaptureFixture[str]) -> None:
    write(WRITTEN)
    attributes.main("notes", plan=True)
    assert "attributes of notes: nothing to ask" in capsys.readouterr().out
    edit_params(lambda each: each["run"].update(methods=["attrprompt"]))
    forecasting.main()
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("attributes of notes: nothing to ask")
    assert second.startswith("notes/attrprompt: 12 requests")


def test_every_mistake_is_told_with_its_line_before_anything_is_paid() -> None:
    write(
        """\
dimensions:
- name: Tone!
  about: how the writer sounds
  values: [calm]
- name: topic
  about: what it is about
  per_label:
    noise: [a party]
    parcle: [a parcel]
    plants: []
- name: topic
  about: it once more
- name: length
  about: how long
  values: [short]
similar:
  noise: [noise, dogs]
  cats: [noise]
"""
    )
    with pytest.raises(InputError) as caught:
        check_grid()
    place = "data/tasks/notes/attributes.yaml"
    task = "data/tasks/notes/task.yaml"
    assert list(caught.value.problems) == [
        f"{place}:2: dimensions.0.name: 'Tone!' is no slug: only a-z, 0-9 and _, and at least one of them",
        f"{place}:5: dimensions.1.name: 2 dimensions have the name 'topic'",
        f"{place}:9: dimensions.1.per_label.parcle: 'parcle' is no label of {task}",
        f"{place}:7: dimensions.1.per_label: topic has no values for parcel, plants",
        f"{place}:11: dimensions.2.name: 2 dimensions have the name 'topic'",
        f"{place}:11: dimensions.2: topic has no values; give it values: or per_label:",
        f"{place}:15: dimensions.3.values: 'short' is no length: write it as '8 to 20 words'",
        f"{place}:18: similar.cats: 'cats' is no label of {task}",
        f"{place}:17: similar.noise.dogs: 'dogs' is no label of {task}",
        f"{place}:17: similar.noise: 'noise' cannot be taken for itself",
    ]
    with pytest.raises(InputError):
        find_attributes("notes")
    assert not Path("data/attributes").exists()


def test_values_for_all_stand_in_for_a_label_without_its_own() -> None:
    write("dimensions:\n- name: topic\n  about: a\n  values: [b]\n  per_label: {noise: [c]}\n")
    check_grid()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dimensions: []\n", "there are none; remove the file"),
        ("dimension: []\n", "unknown key; did you mean dimensions?"),
        ("dimensions:\n- name: a\n  about: b\n  values: [1984]\n", "attributes.yaml:4"),
        ("", "expected keys and values"),
    ],
)
def test_a_file_that_holds_nothing_of_use(text: str, said: str) -> None:
    write(text)
    with pytest.raises(InputError, match=said):
        check_grid()


def test_labels_that_go_together_may_be_written_too() -> None:
    dimensions = "dimensions:\n- name: tone\n  about: a\n  values: [loud]\n"
    write(dimensions)
    brief.main("notes")
    assert "together" not in paths.brief_file("notes").read_text(), "nothing of it where texts have one label"
    write(dimensions + "together:\n  noise: {parcel: 0.1}\n")
    with pytest.raises(InputError, match=r"attributes.yaml:5: together: .* write kind: multilabel into task.yaml"):
        check_grid()
    write_task("notes", TASK + "kind: multilabel\ntogether: {plants: {noise: 0.3}}\n")
    find_attributes("notes")
    found = read_table(paths.attributes_file("notes")).together
    assert found == {"noise": {"parcel": 0.1}, "plants": {"noise": 0.3}}
    write(dimensions + "together:\n  noise: {noise: 0.1}\n")
    with pytest.raises(InputError, match=r"attributes.yaml:6: together.noise.noise: 'noise' always goes together"):
        check_grid()


def test_an_import_needs_no_params_and_no_test_set() -> None:
    folder = Path("published/style")
    folder.mkdir(parents=True)
    (folder / "style.txt").write_text("short\nlong\n")
    paths.test_file("notes").unlink()
    Path("params.yaml").unlink()
    attributes.main("notes", folder="published")
    assert [each.name for each in read_table(paths.written_attributes("notes")).dimensions] == ["style"]
    assert load_task("notes").dimensions == ()
