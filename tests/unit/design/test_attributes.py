from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stages.core.dimensions import Dimension
from stages.core.errors import ArtifactError, RequestsFailedError
from stages.core.examples import Example
from stages.core.params import load_everything
from stages.core.sections import Attributes, Method
from stages.core.taskfile import Label
from stages.core.tasks import Task
from stages.core.templates import Templates
from stages.design.attributes import find_attributes
from stages.design.interview import Interview
from stages.design.table import AttributeTable, described, read_table, write_table
from stages.design.together import known_together
from stages.design.values import shortfalls
from stages.llm.chat import Answer, ChatRequest, NoAnswer, Outcome
from tests.conftest import ROOT
from tests.llm_server import PHRASES, answer


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


WANTED = Attributes(
    dimensions=2, rounds=1, values=4, same=0.9, similar=1, similar_by_embedding=0, length_ranges=2, count_in=0
)
ATTRIBUTED = Method(template="attrprompt", attributes="all")
A, B, C, D = PHRASES[:4]


def find(
    task: Task,
    model: FakeModel,
    method: Method = ATTRIBUTED,
    examples: Sequence[Example] = (),
    **wanted: Any,
) -> tuple[AttributeTable, Interview]:
    llm = load_everything(ROOT / "params.yaml").llm
    interview = Interview(model, Templates(ROOT / "data/templates/attributes"), llm, lambda _: None)
    return find_attributes(task, WANTED.model_copy(update=wanted), [method], interview, examples), interview


def prompts(model: FakeModel, key: str) -> list[str]:
    """The questions whose answer stands under a key."""
    return [text for each in model.asked if f'"{key}"' in (text := each.messages[0]["content"])]


def test_the_whole_table(task: Task) -> None:
    table, interview = find(task, FakeModel())
    length, scene, tone = table.dimensions
    assert (length.name, tuple(length.values)) == ("length", ("2 to 8 words", "9 to 40 words"))
    assert tone.values == {A: 0.1, B: 0.2, C: 0.3, D: 0.4}, "each with how common it is"
    assert tone.ordered
    assert {name: tuple(values) for name, values in scene.per_label.items()} == dict.fromkeys(task.names, (B, C, D))
    assert scene.shares_for("noise") == pytest.approx((2 / 9, 3 / 9, 4 / 9))
    assert [each.model_dump() for each in scene.dropped["noise"]] == [
        {"value": A, "fits": "parcel", "reason": "reason 1"}
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
    assert f"- name: scene\n  about: what happened\n  per_label:\n    noise:\n      {B}: 0.2\n" in text


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
    table, _ = find(replace(task, dimensions=pinned, propose=False), model)
    assert [(each.name, each.values) for each in table.dimensions] == [(each.name, each.values) for each in pinned]
    assert len(model.asked) == 3, "the similar labels alone"


def test_a_label_keeps_its_first_value_where_all_are_ambiguous(task: Task) -> None:
    def all_fit(prompt: str, _: int) -> Any:
        if '"verdicts"' in prompt:
            fits = "parcel" if 'class "noise"' in prompt else "noise"
            return {"verdicts": [{"number": number, "reason": "r", "fits": fits} for number in range(1, 5)]}
        return {"similar": ["parcel"] if 'text of "noise"' in prompt else ["noise"]} if '"similar"' in prompt else None

    scene = find(task, FakeModel(all_fit))[0].dimensions[1]
    assert list(scene.per_label["plants"]) == [A]
    assert [each.value for each in scene.dropped["plants"]] == [B, C, D]


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
            return {
                "values": [
                    A,
                    f" {A.upper()} ",
                    "two\nlines",
                    "\x1b[31m",
                    "x" * 500,
                    7,
                    None,
                    {"value": C},
                    [C],
                    {"value": D, "percent": float("nan")},
                    {"percent": 3},
                    B,
                ]
            }
        return None

    table, _ = find(task, FakeModel(odd))
    assert [(each.name, each.per_label) for each in table.dimensions[1:]] == [("tone", {}), ("b", {})]
    assert table.dimensions[1].values == {A: 0.25, "two lines": 0.25, C: 0.25, D: 0.25}
    assert table.similar["noise"] == ("parcel",)


def test_a_useless_answer_is_asked_for_again_as_another_sample(task: Task) -> None:
    def once(prompt: str, sample: int) -> Any:
        return "I'd rather not." if '"dimensions"' in prompt and sample < 2 else None

    table, interview = find(task, FakeModel(once))
    assert len(table.dimensions) == 3
    assert [each["step"] for each in interview.trace[:7]] == ["similar"] * 3 + ["dimensions"] * 3 + ["values"]


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
    table, _ = find(task, model, dimensions=0, similar=0, length_ranges=0)
    assert table == AttributeTable()
    find(task, model, Method(template="simprompt", attributes="none"))
    find(task, model, Method(template="request", attributes="none", labels=True, form=True, examples=3))
    assert not model.asked, "all labels have a description"


def test_a_label_without_a_description_is_defined_with_its_neighbours_in_view(task: Task) -> None:
    labels = [each.model_copy(update={"description": ""}) if each.name == "noise" else each for each in task.labels]
    bare = replace(task, labels=tuple(labels))
    model = FakeModel()
    table, _ = find(bare, model, Method(template="request", attributes="none", labels=True))
    assert table.definitions == {"noise": "what there is to say about noise"}
    [question] = prompts(model, "text")
    assert "told from the classes nearest to it (parcel)" in question
    assert "- plants: asks to have plants watered" in question
    model = FakeModel()
    table, _ = find(bare, model)
    assert any("what there is to say about noise" in each for each in prompts(model, "values")), (
        "later questions use it"
    )
    assert described(bare, table.definitions).labels[0].description == "what there is to say about noise"


def test_dimensions_of_several_rounds_are_merged_by_the_model(task: Task) -> None:
    def by_round(prompt: str, sample: int) -> Any:
        if "Merge what means the same" in prompt:
            return {"dimensions": [{"name": "mood", "about": "m"}, {"name": "place", "about": "p", "per_label": True}]}
        if '"dimensions"' in prompt:
            return {"dimensions": [{"name": f"mood_{sample}", "about": "m"}, {"name": "place", "about": "p"}]}
        return None

    model = FakeModel(by_round)
    table, interview = find(task, model, rounds=3)
    assert [each.name for each in table.dimensions] == ["length", "mood", "place"]
    steps = [each["step"] for each in interview.trace if each["step"] in ("dimensions", "merge")]
    assert steps == [*["dimensions"] * 3, "merge"]
    asked = [each for each in model.asked if "Name the 2 dimensions" in each.messages[0]["content"]]
    assert [each.sample for each in asked] == [0, 1, 2]
    [merge] = [each for each in prompts(model, "dimensions") if "Merge" in each]
    assert all(f"- mood_{number}: m (the same values in every class)" in merge for number in range(3))


def test_a_useless_round_is_asked_again_without_taking_another_rounds_sample(task: Task) -> None:
    model = FakeModel(lambda prompt, sample: "no" if "Name the" in prompt and sample < 2 else None)
    find(task, model, rounds=2)
    assert [each.sample for each in model.asked if "Name the" in each.messages[0]["content"]] == [0, 1, 2, 3]


def test_people_pin_rename_and_ban_dimensions(task: Task) -> None:
    proposed = [{"name": name, "about": "a"} for name in ("gender", "mood", "pinned", "place", "more")]
    model = FakeModel(lambda prompt, _: {"dimensions": proposed} if '"dimensions"' in prompt else None)
    pinned = Dimension(name="pinned", about="by people")
    told = replace(task, dimensions=(pinned,), propose=True, ban=frozenset({"gender"}), rename={"mood": "tone"})
    table, _ = find(told, model, dimensions=3)
    assert [(each.name, each.about) for each in table.dimensions] == [
        ("length", "how long the text is"),
        ("pinned", "by people"),
        ("tone", "a"),
        ("place", "a"),
    ]
    [question] = prompts(model, "dimensions")
    assert "Name the 2 dimensions" in question
    assert "- pinned: by people" in question
    assert "None of these is wanted: gender." in question


def test_values_that_say_the_same_are_merged_and_others_asked_for(task: Task) -> None:
    def values(prompt: str, _: int) -> Any:
        if '"values"' not in prompt:
            return None
        if "known already" in prompt:
            return {"values": [{"value": "ANGRY", "percent": 1}, {"value": B, "percent": 20}]}
        same = ["angry", "Angry ", "a parcel that came too late", "a parcel which came too late"]
        return {"values": [{"value": each, "percent": 20 * (number + 1)} for number, each in enumerate(same)]}

    model = FakeModel(values)
    table, _ = find(task, model, rounds=2, similar=0)
    tone = table.dimensions[2]
    assert list(tone.values) == ["angry", "a parcel that came too late", B]
    assert tone.shares_for("") == pytest.approx((40 / 140, 80 / 140, 20 / 140), abs=0.002), "the larger share stays"
    assert "Give 2 other values" in next(each for each in prompts(model, "values") if "known already" in each)
    assert shortfalls(task, table.dimensions, 4) == [
        *(f"scene of {name}: 3 of 4" for name in task.names),
        "tone: 3 of 4",
    ]


def test_similar_labels_come_from_the_model_and_from_embeddings(task: Task) -> None:
    table, _ = find(task, FakeModel(), similar=1, similar_by_embedding=2)
    assert table.similar["noise"][0] == "parcel", "the model's come first"
    assert {name: set(each) for name, each in table.similar.items()} == {
        name: set(task.names) - {name} for name in task.names
    }
    model = FakeModel()
    table, _ = find(task, model, similar=0, similar_by_embedding=1)
    assert all(len(each) == 1 for each in table.similar.values())
    assert not prompts(model, "similar")


def test_texts_of_people_are_shown(task: Task) -> None:
    examples = [Example("ur dog barks!!", "noise"), Example('a "parcel" for u', "parcel"), Example("hello there", None)]
    model = FakeModel()
    find(task, model, examples=examples)
    [dimensions] = prompts(model, "dimensions")
    assert '- "ur dog barks!!"\n- "a \\"parcel\\" for u"\n- "hello there"' in dimensions
    of_noise = next(each for each in prompts(model, "values") if 'one class of them, "noise"' in each)
    shown = of_noise.split("wrote them:")[1].split("One dimension")[0]
    assert "ur dog barks" in shown
    assert "parcel" not in shown


def test_instructions_are_written_where_a_method_wants_them(task: Task) -> None:
    table, _ = find(task, FakeModel(), Method(template="request", attributes="none", instructions=True))
    assert set(table.instructions) == set(task.names)
    assert table.dimensions == ()


TOGETHER = {"together": [{"label": "plants", "percent": 12}, {"label": "noise", "percent": 0},
                         {"label": "nothing", "percent": 5}, {"label": "plants", "percent": 90}, "x"]}  # fmt: skip


def estimated(prompt: str, _: int) -> Any:
    return TOGETHER if '"together"' in prompt else None


def test_which_labels_go_together_is_asked_where_texts_may_have_several(task: Task) -> None:
    several = replace(task, multilabel=True)
    for method in (ATTRIBUTED, Method(template="simprompt", attributes="none")):
        model = FakeModel(estimated)
        table, interview = find(several, model, method)
        assert table.together == {"noise": {"plants": 0.12}, "parcel": {"plants": 0.12}, "plants": {}}
        assert [each["label"] for each in interview.trace if each["step"] == "together"] == list(task.names)
        asked = {each.key for each in model.asked if '"together"' in each.messages[0]["content"]}
        form = json.dumps(next(each.response_format for each in reversed(model.asked) if each.key in asked))
        assert '{"type": "string", "enum": ["noise", "parcel"]}' in form, "of the other labels alone"
        single = FakeModel()
        assert not find(task, single, method)[0].together
        assert {each.key for each in single.asked} == {each.key for each in model.asked} - asked
    model = FakeModel(estimated)
    assert not find(several, model, Method(imported="theirs.csv"))[0].together
    assert not model.asked, "texts that were made elsewhere have their labels"


def test_people_know_better_than_counts_and_counts_than_the_model(task: Task) -> None:
    told = replace(task, multilabel=True, together={"noise": {"parcel": 0.5}})
    examples = [Example(str(each), "noise", ("plants",)) for each in range(5)]
    examples += [Example(str(each), "plants") for each in range(16)]
    model = FakeModel(estimated)
    table, _ = find(told, model, examples=[*examples, Example("nobody knows", None)])
    assert table.together == {"noise": {"parcel": 0.5}, "parcel": {"plants": 0.12}, "plants": {"noise": 0.238}}
    assert len(prompts(model, "together")) == 1
    written = {"plants": {"parcel": 1.0}, "parcel": {}}
    assert known_together(told, examples, written) == {
        "noise": {"parcel": 0.5},
        "parcel": {},
        "plants": {"parcel": 1.0},
    }


def test_a_label_more_asks_for_its_own_values_alone(task: Task) -> None:
    pinned = (Dimension(name="scene", about="what happened", per_label=True), Dimension(name="tone", about="sound"))
    told = replace(task, dimensions=pinned, propose=False)
    before, after = FakeModel(), FakeModel()
    find(told, before, similar=0)
    more = Label(name="pets", description="is about an animal")
    find(replace(told, labels=(*told.labels, more)), after, similar=0)
    new = {each.key for each in after.asked} - {each.key for each in before.asked}
    assert {each.key for each in before.asked} <= {each.key for each in after.asked}
    assert [each.messages[0]["content"].count('"pets"') for each in after.asked if each.key in new] == [1]
