from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from stages.core.errors import InputError
from stages.core.examples import Example
from stages.core.params import load_everything
from stages.core.records import Prompt
from stages.core.sections import Method
from stages.core.tasks import Task, load_task
from stages.core.templates import Templates
from stages.design.prompting import Material, planned, prompts_for
from stages.design.table import AttributeTable, TableDimension
from tests.conftest import ROOT, write_task

TABLE = AttributeTable(
    dimensions=(
        TableDimension(name="tone", about="how it sounds", values={"calm": 1.0, "angry": 1.0}),
        TableDimension(name="scene", about="what happened", per_label={
            "noise": {"a party": 1.0}, "parcel": {"a late parcel": 1.0}, "plants": {"holidays": 1.0}}),
    ),
    similar={"noise": ("parcel", "plants"), "parcel": ("noise",), "plants": ()},
    definitions={"noise": "not used, for it is described"},
    instructions={"noise": "Be loud.", "parcel": "Name the floor.", "plants": "Name the plant."},
)  # fmt: skip
EXAMPLES = [Example(f"{label} text {number}", label) for label in ("noise", "parcel") for number in range(5)]
EXAMPLES += [Example(f"any text {number}", None) for number in range(2)]


def prompts(task: Task, per_label: int = 10, texts_per_request: int = 5, **method: Any) -> list[Prompt]:
    wanted = load_everything(ROOT / "params.yaml").prompts
    wanted = wanted.model_copy(update={"per_label": per_label, "texts_per_request": texts_per_request})
    chosen = Method.model_validate({"template": "request", "attributes": "none", **method})
    material = Material(task, TABLE, EXAMPLES)
    return list(prompts_for(material, chosen, wanted, Templates(ROOT / "data/templates/methods")))


def texts(found: list[Prompt], label: str) -> list[str]:
    return [each.messages[0]["content"] for each in found if each.label == label]


def test_nothing_is_asked_for_that_the_method_does_not_say(task: Task) -> None:
    [text] = texts(prompts(task, 5), "noise")
    assert text == (
        "Texts of this kind are wanted: notes that people leave for their neighbours.\n"
        'Write 5 that belong to "noise" (complains that something is loud), as the people who send them really would.\n'
        'Answer with a JSON object and nothing else: {"texts": [...]} with 5 strings in it.'
    )


def test_one_text_a_request_is_asked_for_bare(task: Task) -> None:
    [text] = texts(prompts(task, 1, 1, attributes="all", form=True, labels=True, contrast=True), "parcel")
    assert 'Write one that belongs to "parcel" and to none of the other classes, as the people who' in text
    assert text.replace("angry", "calm").endswith(
        "It meets these requirements: tone: calm; scene: a late parcel; at first glance it could be taken for "
        '"noise", but it is clearly of "parcel"\nAnswer with the text and nothing else.'
    )
    assert "What a text is: a line or two on paper." in text
    assert "- plants: asks to have plants watered" in text


def test_examples_change_from_request_to_request(task: Task) -> None:
    found = texts(prompts(task, 50, examples=3), "noise")
    shown = [tuple(line[3:-1] for line in text.splitlines() if line.startswith('- "')) for text in found]
    assert all(len(set(each)) == 3 for each in shown)
    assert len(set(shown)) > 5
    counts = Counter(text for each in shown for text in each)
    assert set(counts) == {f"noise text {number}" for number in range(5)}
    assert max(counts.values()) - min(counts.values()) <= 3, "all of them in turn"
    assert 'These are some of "noise", as people wrote them:' in found[0]
    assert 'Write 5 more that belong to "noise"' in found[0]
    assert texts(prompts(task, 20, examples=3), "noise") == found[:4], "more texts only append"


def test_a_label_without_examples_is_shown_those_without_a_label(task: Task) -> None:
    text = texts(prompts(task, 5, examples=3), "plants")[0]
    assert 'These are some of them, of any class, as people wrote them:\n- "any text' in text
    assert 'Write 5 that belong to "plants"' in text


def test_each_text_gets_a_class_to_be_mistaken_for_in_turn(task: Task) -> None:
    noise = texts(prompts(task, contrast=True), "noise")
    assert noise[0].count('could be taken for "parcel"') == 3
    assert noise[0].count('could be taken for "plants"') == 2
    assert noise[1].count('could be taken for "plants"') == 3
    assert "requirements" not in texts(prompts(task, contrast=True), "plants")[0], "nothing is near to it"


def test_instructions_are_given(task: Task) -> None:
    assert 'How to write those of "parcel": Name the floor.' in texts(prompts(task, instructions=True), "parcel")[0]


def several(task: Task, template: str, per_label: int = 5, texts_per_request: int = 5, **method: Any) -> list[Prompt]:
    """As `prompts`, where two of five texts of noise are of parcel too, and all of plants of both others."""
    together = {"noise": {"parcel": 0.4}, "plants": {"noise": 1.0, "parcel": 1.0}}
    material = Material(replace(task, multilabel=True), TABLE.model_copy(update={"together": together}), EXAMPLES)
    wanted = load_everything(ROOT / "params.yaml").prompts
    wanted = wanted.model_copy(update={"per_label": per_label, "texts_per_request": texts_per_request})
    chosen = Method.model_validate({"template": template, "attributes": "none", **method})
    return list(prompts_for(material, chosen, wanted, Templates(ROOT / "data/templates/methods")))


@pytest.mark.parametrize(
    ("template", "verb", "verbs"), [("simprompt", "is about", "are about"), ("attrprompt", "is about", "are about"),
                                    ("request", "belongs to", "belong to")]
)  # fmt: skip
def test_further_labels_are_said_of_each_text(task: Task, template: str, verb: str, verbs: str) -> None:
    for attributes in ("none", "all"):
        noise, parcel, plants = several(task, template, attributes=attributes, labels=template == "request")
        numbers = [number for number, row in enumerate(noise.rows, 1) if row.also]
        assert [row.also for row in noise.rows if row.also] == [("parcel",), ("parcel",)]
        said = " ".join(f'Number {number} in your answer {verb} "parcel" as well.' for number in numbers)
        text = noise.messages[0]["content"]
        assert f'\n{said} The others {verbs} "noise" alone. Keep to this order.\nAnswer with a JSON' in text
        assert "none of the other classes" not in text
        assert "in your answer" not in parcel.messages[0]["content"]
        assert f'Number 5 in your answer {verb} "noise" and "parcel" as well. Keep to' in plants.messages[0]["content"]


def test_further_labels_of_one_text(task: Task) -> None:
    *_, text = texts(several(task, "request", 1, 1), "plants")
    assert '\nIt belongs to "noise" (complains that something is loud) and "parcel" (is about a' in text
    assert text.endswith(" as well, and to no other class.\nAnswer with the text and nothing else.")
    told = texts(several(task, "request", 1, 1, labels=True), "plants")[0]
    assert 'It belongs to "noise" and "parcel" as well' in told, "they are described above"


def test_a_text_is_not_taken_for_a_class_that_it_has(task: Task) -> None:
    for each in several(task, "request", 40, 1, contrast=True):
        [row] = each.rows
        assert not any(f'taken for "{label}"' in each.messages[0]["content"] for label in row.also)
        assert each.label != "noise" or "could be taken for" in each.messages[0]["content"]


def test_more_texts_only_append_and_attributes_are_as_without_further_labels(task: Task) -> None:
    more = several(task, "attrprompt", 40, attributes="all")
    assert several(task, "attrprompt", 20, attributes="all") == more[:12]
    single = prompts(task, 40, template="attrprompt", attributes="all")
    assert [[row.attributes for row in each.rows] for each in more] == [
        [row.attributes for row in each.rows] for each in single
    ]


def test_a_list_of_attributes_uses_those_alone(task: Task) -> None:
    text = texts(prompts(task, attributes=("tone",)), "noise")[0]
    assert "tone: " in text
    assert "scene" not in text


# The ten kinds of prompt that were measured on banking77, as entries under methods:; nothing of them is code.
STYLE = ("tone", "form", "length", "writer")
TEN_KINDS: dict[str, dict[str, Any]] = {
    "simprompt": {"template": "simprompt"},
    "attrprompt": {"template": "attrprompt", "attributes": (*STYLE, "scenario")},
    "simstyle": {"template": "attrprompt", "attributes": STYLE},
    "context": {"form": True, "labels": True},
    "natural": {"form": True, "labels": True, "attributes": (*STYLE, "kind"), "frequencies": "natural"},
    "exemplar": {"form": True, "examples": 3},
    "exstyle": {"form": True, "examples": 3, "attributes": STYLE, "frequencies": "natural"},
    "exkinds": {"form": True, "examples": 3, "attributes": ("kind",), "frequencies": "natural"},
    "exctx": {"form": True, "labels": True, "examples": 3},
    "exctxnat": {"form": True, "labels": True, "examples": 3, "attributes": (*STYLE, "kind"), "frequencies": "natural"},
}


@pytest.mark.parametrize("name", TEN_KINDS)
def test_the_ten_kinds_of_prompt_are_entries_and_no_code(task: Task, name: str) -> None:
    entry = TEN_KINDS[name]
    dimensions = [
        TableDimension(name=each, about="what it is", values={f"{each} one": 9.0, f"{each} two": 1.0})
        for each in (*STYLE, "kind")
    ]
    dimensions.append(TableDimension(name="scenario", about="what it is", per_label={
        label: {f"{label} here": 1.0, f"{label} there": 1.0} for label in task.names}))  # fmt: skip
    method = Method.model_validate({"template": "request", "attributes": "none", **entry})
    material = Material(task, AttributeTable(dimensions=tuple(dimensions)), EXAMPLES)
    wanted = load_everything(ROOT / "params.yaml").prompts
    found = list(prompts_for(material, method, wanted, Templates(ROOT / "data/templates/methods")))
    text = texts(found, "noise")[0]
    assert ("- plants: asks to have plants watered" in text) == bool(entry.get("labels"))
    assert ("What a text is: a line or two on paper" in text) == bool(entry.get("form"))
    assert ('- "noise text' in text) == bool(entry.get("examples"))
    for each in (*STYLE, "kind"):
        assert (f"{each}: {each} " in text) == (each in entry.get("attributes", ()))
    assert ("noise here" in text) == ("scenario" in entry.get("attributes", ()))
    rows = [row.attributes for each in found for row in each.rows if each.label == "noise"]
    if "tone" in entry.get("attributes", ()):
        count = sum(row["tone"] == "tone one" for row in rows)
        assert count == (18 if entry.get("frequencies") else 10), "of 20 texts"


def test_core_texts_carry_no_attributes(task: Task) -> None:
    found = prompts(task, 20, attributes="all", core_share=0.25)
    rows = [row.attributes for each in found for row in each.rows if each.label == "noise"]
    assert [bool(row) for row in rows] == [bool((number + 1) % 4) for number in range(20)]
    assert "4. as it comes" in texts(found, "noise")[0]
    bare = texts(prompts(task, core_share=0.5), "noise")
    assert not any("as it comes" in text for text in bare), "where there are no attributes, there is no core"


def test_incompatible_values_never_meet(task: Task) -> None:
    pair = frozenset({("tone", "calm"), ("size", "big")})
    dimensions = [
        TableDimension(name="tone", about="a", values={"calm": 1.0, "angry": 1.0}),
        TableDimension(name="size", about="a", values={"big": 1.0, "small": 1.0}),
    ]
    material = Material(replace(task, incompatible=frozenset({pair})), AttributeTable(dimensions=tuple(dimensions)))
    everything = load_everything(ROOT / "params.yaml")
    method = Method(template="attrprompt", attributes="all")
    rows = list(planned(material, method, everything.prompts, "noise"))
    assert {tuple(row.attributes.values()) for row in rows} == {("calm", "small"), ("angry", "big"), ("angry", "small")}
    both = frozenset({("tone", "calm"), ("size", "small")})
    material = Material(replace(task, incompatible=frozenset({pair, both})), material.table)
    with pytest.raises(InputError, match=r"task.yaml: incompatible: noise: .*calm"):
        list(planned(material, method, everything.prompts, "noise"))


@pytest.mark.usefixtures("task")
def test_a_definition_stands_in_for_a_description() -> None:
    write_task("notes", "domain: d\nlabels: [noise, parcel]\n")
    assert '"noise" (not used, for it is described)' in texts(prompts(load_task("notes"), 5), "noise")[0]


def test_the_methods_of_the_params_can_all_be_rendered(task: Task) -> None:
    everything = load_everything(ROOT / "params.yaml")
    templates = Templates(ROOT / "data/templates/methods")
    rendered = {}
    for name, method in everything.methods.items():
        found = list(prompts_for(Material(task, TABLE, EXAMPLES), method, everything.prompts, templates))
        assert len(found) == 12
        rendered[name] = found[0].messages[0]["content"]
    assert len(set(rendered.values())) == len(rendered), "each asks in its own way"
    assert '{"texts"' in rendered["exemplar"]
