"""How common values are, counted in texts of people."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from stages.core.dimensions import Dimension
from stages.core.examples import Example
from stages.core.params import load_everything
from stages.core.tasks import Task
from stages.core.templates import Templates
from stages.design.audit import audit_page
from stages.design.brief import Brief, gather, read_brief, write_brief
from stages.design.counting import LEAST, counted
from stages.design.interview import Interview
from stages.design.table import AttributeTable, TableDimension, read_table, write_table
from tests.conftest import ROOT
from tests.unit.design.test_attributes import FakeModel

LENGTH = TableDimension(name="length", about="how long", values={"2 to 3 words": 1.0, "4 to 40 words": 1.0})
TONE = TableDimension(name="tone", about="how it sounds", values={"calm": 0.5, "angry": 0.4, "sad": 0.1})
SCENES = {"noise": {"a party": 0.5, "drilling": 0.5}, "parcel": {"late": 0.9, "lost": 0.1}, "plants": {"ill": 1.0}}
SCENE = TableDimension(name="scene", about="what happened", per_label=SCENES)
TEXTS = [Example(f"so loud {'!' * n}", "noise") for n in range(12)]
TEXTS += [Example(f"where is it now {'!' * n}", "parcel") for n in range(5)]


def by_rule(prompt: str, _: int) -> Any:
    """Loud texts are angry, and about drilling; of others nothing is known but that they are calm."""
    found = re.findall(r'^(\d+)\. "(.*)"$', prompt, re.MULTILINE)
    loud = {"tone": "Angry", "scene": "drilling"}
    return {"read": [{"number": int(number), "values": loud if "loud" in text else {"tone": "calm", "scene": "made up"}}
                     for number, text in found]}  # fmt: skip


def count(task: Task, model: FakeModel, texts: list[Example] = TEXTS) -> list[TableDimension]:
    llm = load_everything(ROOT / "params.yaml").llm
    interview = Interview(model, Templates(ROOT / "data/templates/attributes"), llm, lambda _: None)
    return counted(task, [LENGTH, SCENE, TONE], texts, interview)


def test_shares_are_counted_with_a_half_for_each_value(task: Task) -> None:
    model = FakeModel(by_rule)
    length, scene, tone = count(task, model)
    assert tone.counted == {"": {"calm": 5, "angry": 12, "sad": 0}}
    assert tone.values == {"calm": round(5.5 / 18.5, 3), "angry": round(12.5 / 18.5, 3), "sad": round(0.5 / 18.5, 3)}
    assert length.counted == {"": {"2 to 3 words": 12, "4 to 40 words": 5}}, "words are counted here"
    assert scene.counted == {"noise": {"a party": 0, "drilling": 12}}
    assert scene.per_label["noise"] == {"a party": round(0.5 / 13, 3), "drilling": round(12.5 / 13, 3)}
    assert scene.per_label["parcel"] == SCENE.per_label["parcel"], "five texts are too few, the estimate stays"
    asked = [each.messages[0]["content"] for each in model.asked]
    assert len(asked) == 3, "ten texts a question"
    assert asked[0].count("so loud") == 10
    assert "- scene (what happened): a party; drilling\n" in asked[0]
    assert '"read": [{"number": 1, "values": {"scene": "...", "tone": "..."}}, ...]} with 10 items' in asked[0]
    assert "scene" not in asked[2], "texts of labels with too few are asked about what all labels share"
    assert "length" not in asked[0]


def test_with_too_few_texts_nothing_is_counted(task: Task) -> None:
    assert count(task, FakeModel(by_rule), TEXTS[: LEAST - 1]) == [LENGTH, SCENE, TONE]


def test_what_people_weighted_stays(task: Task) -> None:
    own = replace(task, dimensions=(Dimension(name="tone", about="a", values={"calm": 5.0, "angry": 1.0}),))
    model = FakeModel(by_rule)
    assert count(own, model)[2] == TONE
    assert "tone" not in model.asked[0].messages[0]["content"]


def test_texts_that_are_left_out_are_asked_for_again(task: Task) -> None:
    def first_time(prompt: str, sample: int) -> Any:
        found = by_rule(prompt, sample)
        return {"read": found["read"][1:]} if not sample else found

    model = FakeModel(first_time)
    assert count(task, model)[2].counted[""]["angry"] == 12
    assert len(model.asked) == 6


def test_the_table_and_its_page_say_what_was_counted(task: Task, tmp_path: Path) -> None:
    table = AttributeTable(dimensions=tuple(count(task, FakeModel(by_rule))))
    write_table(tmp_path / "attributes.yaml", table)
    assert read_table(tmp_path / "attributes.yaml") == table
    page = audit_page("notes", table)
    assert "counted in texts of people" in page
    assert "calm (30%, 5 of 17 texts); angry (68%, 12 of 17 texts); sad (3%, 0 of 17 texts)." in page
    assert "| parcel | late (90%); lost (10%) |" in page, "estimated"
    assert "counted" not in audit_page("notes", AttributeTable(dimensions=(TONE,)))


def test_texts_are_taken_of_each_label_in_turn_and_never_from_the_test_set(task: Task) -> None:
    folder = Path("data/tasks/notes")
    examples = [{"text": f"n {n}", "label": "noise"} for n in range(5)]
    (folder / "examples.jsonl").write_text("".join(json.dumps(each) + "\n" for each in examples))
    train = [{"text": f"p {n}", "label": "parcel"} for n in range(5)]
    train.append({"text": "Your parcel is with us, on the second floor!", "label": "parcel"})
    (folder / "train.jsonl").write_text("".join(json.dumps(each) + "\n" for each in train))
    assert gather(task).to_count == ()
    assert [each.text for each in gather(task, 5).to_count] == [f"n {n}" for n in range(5)], "examples come first"
    whole = gather(task, 7)
    assert Counter(each.label for each in whole.to_count) == {"noise": 4, "parcel": 3}
    assert len(gather(task, 100).to_count) == 10, "the test set has the other"
    write_brief("notes", whole)
    assert read_brief("notes") == whole
    write_brief("notes", Brief())
    assert "to_count" not in Path("data/briefs/notes.json").read_text()
