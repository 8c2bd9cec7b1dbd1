from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stages.core.errors import ArtifactError, RequestsFailedError
from stages.core.params import load_everything
from stages.core.sections import Attributes
from stages.core.tasks import Dimension, Task, load_task
from stages.design.attributes import find_attributes
from stages.design.interview import Interview
from stages.design.table import AttributeTable, read_table, write_table
from stages.design.templates import Templates
from stages.llm.chat import Answer, ChatRequest, NoAnswer, Outcome
from tests.conftest import ROOT, write_task
from tests.llm_server import answer


class FakeModel:
    """Answers by rule and remembers what it was asked; `instead` may answer otherwise."""

    def __init__(self, instead: Callable[[str, int], Any] = lambda *_: None) -> None:
        self.asked: list[ChatRequest] = []
        self._instead = instead

    def ask(self, requests: Iterable[ChatRequest]) -> Iterator[Outcome]:
        for request in requests:
            self.asked.append(request)
            prompt = request.messages[0]["content"]
            special = self._instead(prompt, request.sample)
            if isinstance(special, NoAnswer):
                yield special
            else:
                text = special if isinstance(special, str) else json.dumps(special) if special else answer(prompt, 0)
                yield Answer(text, "stop", 10, 5, "m")


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    monkeypatch.chdir(tmp_path)
    write_task("notes")
    return load_task("notes")


WANTED = Attributes(dimensions=2, values=4, similar=1, length_ranges=2)


def find(task: Task, model: FakeModel, wanted: Attributes = WANTED) -> tuple[AttributeTable, Interview]:
    llm = load_everything(ROOT / "params.yaml").llm
    interview = Interview(model, Templates(ROOT / "data/templates/attributes"), llm)
    return find_attributes(task, wanted, interview), interview


def test_the_whole_table(task: Task) -> None:
    table, interview = find(task, FakeModel())
    length, scene, tone = table.dimensions
    assert (length.name, tuple(length.values)) == ("length", ("2 to 8 words", "9 to 40 words"))
    assert tuple(tone.values) == ("value 0", "value 1", "value 2", "value 3")
    assert {name: list(values) for name, values in scene.per_label.items()} == {
        name: ["value 1", "value 2", "value 3"] for name in task.names
    }
    assert [each.model_dump() for each in scene.dropped["noise"]] == [
        {"value": "value 0", "fits": "parcel", "reason": "reason 1"}
    ]
    assert table.similar == {"noise": ("parcel",), "parcel": ("noise",), "plants": ("noise",)}
    steps = [(each["step"], each.get("label"), each.get("dimension")) for each in interview.trace]
    assert len(steps) == 1 + 3 + (3 + 1) + 3
    assert steps[4] == ("values", "noise", "scene")
    assert interview.trace[0]["dollars"] == pytest.approx((10 * 0.25 + 5 * 2.0) / 1e6)


def test_the_table_reads_back_and_is_for_people(task: Task, tmp_path: Path) -> None:
    table, _ = find(task, FakeModel())
    write_table(tmp_path / "attributes.yaml", table)
    assert read_table(tmp_path / "attributes.yaml") == table
    text = (tmp_path / "attributes.yaml").read_text()
    assert "- name: scene\n  about: what happened\n  per_label:\n    noise:\n    - value 1\n" in text


def test_a_table_that_is_missing_or_edited_wrongly(tmp_path: Path) -> None:
    path = tmp_path / "attributes.yaml"
    with pytest.raises(ArtifactError, match="stage attributes writes"):
        read_table(path)
    path.write_text("dimensions:\n- name: a\n  abuot: b\n")
    with pytest.raises(ArtifactError, match=r"attributes.yaml:3: dimensions.0.abuot: unknown key; did you mean about"):
        read_table(path)


def test_pinned_dimensions_and_values_are_not_asked_for(task: Task) -> None:
    tone = Dimension(name="tone", about="sound", values={"calm": 1.0, "angry": 1.0})
    length = Dimension(name="length", about="how long", values={"2 to 9 words": 1.0})
    pinned = (tone, length)
    model = FakeModel()
    table, _ = find(Task(task.slug, task.domain, task.form, task.words, task.labels, pinned), model)
    assert [(each.name, each.values) for each in table.dimensions] == [(each.name, each.values) for each in pinned]
    assert len(model.asked) == 3, "the similar labels alone"


def test_a_label_keeps_its_first_value_where_all_are_ambiguous(task: Task) -> None:
    def all_fit(prompt: str, _: int) -> Any:
        if '"verdicts"' in prompt:
            fits = "parcel" if 'class "noise"' in prompt else "noise"
            return {"verdicts": [{"number": number, "reason": "r", "fits": fits} for number in range(1, 5)]}
        return {"similar": ["parcel"] if 'text of "noise"' in prompt else ["noise"]} if '"similar"' in prompt else None

    scene = find(task, FakeModel(all_fit))[0].dimensions[1]
    assert list(scene.per_label["plants"]) == ["value 0"]
    assert [each.value for each in scene.dropped["plants"]] == ["value 1", "value 2", "value 3"]


def test_what_a_model_makes_up_does_not_get_in(task: Task) -> None:
    def odd(prompt: str, _: int) -> Any:
        if '"dimensions"' in prompt:
            return {
                "dimensions": [
                    3,
                    {"name": "Tone!", "about": "x"},
                    {"name": "tone", "about": "again"},
                    {"name": "length", "about": "x"},
                    {"name": "", "about": "x"},
                    {"name": "a", "about": ""},
                    {"name": "b", "about": "c", "per_label": "yes"},
                ]
            }
        if '"similar"' in prompt:
            return {"similar": ["nothing", "text", "noise", "noise", "parcel", "plants"]}
        if '"values"' in prompt:
            return {"values": ["one", " ONE ", "two\nlines", "\x1b[31m", "x" * 500, 7, None, "three", "four", "five"]}
        return None

    table, _ = find(task, FakeModel(odd))
    assert [(each.name, each.per_label) for each in table.dimensions[1:]] == [("tone", {}), ("b", {})]
    assert tuple(table.dimensions[1].values) == ("one", "two lines", "three", "four")
    assert table.similar["noise"] == ("parcel",)


def test_a_useless_answer_is_asked_for_again_as_another_sample(task: Task) -> None:
    def once(prompt: str, sample: int) -> Any:
        return "I'd rather not." if '"dimensions"' in prompt and sample < 2 else None

    table, interview = find(task, FakeModel(once))
    assert len(table.dimensions) == 3
    assert [each["step"] for each in interview.trace[:4]] == ["dimensions"] * 3 + ["similar"]


def test_a_verdict_that_leaves_values_out_is_useless(task: Task) -> None:
    model = FakeModel(lambda prompt, sample: {"verdicts": []} if '"verdicts"' in prompt and not sample else None)
    find(task, model)
    assert sum('"verdicts"' in each.messages[0]["content"] for each in model.asked) == 6


def test_questions_without_an_answer_are_named(task: Task) -> None:
    with pytest.raises(RequestsFailedError) as caught:
        find(task, FakeModel(lambda prompt, _: NoAnswer("timed_out", "cut") if '"similar"' in prompt else None))
    assert "3 of 3 questions got no usable answer" in str(caught.value)
    assert "similar noise: cut" in str(caught.value)
    with pytest.raises(RequestsFailedError, match="the answer is no JSON object"):
        find(task, FakeModel(lambda *_: "no"))


def test_nothing_is_asked_for_that_is_not_wanted(task: Task) -> None:
    model = FakeModel()
    table, _ = find(task, model, Attributes(dimensions=0, values=4, similar=0, length_ranges=0))
    assert table == AttributeTable()
    assert not model.asked
