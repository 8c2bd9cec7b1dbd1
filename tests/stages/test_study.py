"""Stage `study`: how varied texts are beside real ones, from files as the stages before it leave them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages import study
from stages.core import files, paths
from stages.core.errors import ArtifactError
from stages.core.records import PlannedText, Prompt, Text
from stages.core.reports import Report, Spread
from stages.design.table import AttributeTable, write_table
from stages.measures.bias import bias
from stages.measures.lexical import distinct_n, expected_distinct, self_bleu
from stages.measures.mauve import mauve
from stages.measures.semantic import central_moment_discrepancy, similarity, vendi_score
from stages.measures.study import planned_shares
from stages.measures.words import Words
from stages.students.encoder import PACKAGED, Encoder
from tests.conftest import TASK, TEXTS, edit_params, write_task

METHOD = "simprompt"
TONES = ("calm", "angry", "calm", "calm")
# Each label has a word of its own in every text, which real texts do not have; `parcel` they have as well.
MARKS = {"noise": "decibel", "parcel": "parcel", "plants": "botanical"}
ROUND = {label: [f"{mark} {word} {text}" for word in ("hello", "dear") for text in TEXTS[label]]
         for label, mark in MARKS.items()}  # fmt: skip


@pytest.fixture(autouse=True)
def _small(project: Path) -> None:
    assert project == Path.cwd()
    sizes = {"words": 20, "texts": 5, "class_words": 5, "class_texts": 2}
    edit_params(lambda each: (each["study"].update(sizes), each["run"].update(methods=[METHOD])))


def write(texts: list[Text], planned: list[Prompt]) -> dict[str, Any]:
    """Run the stage on these texts and this plan; returns its figures."""
    files.write_records(paths.accepted_file("notes", METHOD), texts)
    files.write_records(paths.prompts_file("notes", METHOD), planned)
    files.write_records(paths.annotations_file("notes", METHOD), [])
    write_table(paths.attributes_file("notes"), AttributeTable())
    study.main("notes", METHOD)
    return files.read_json(paths.study_file("notes", METHOD), "study")


def texts(tones: tuple[str, ...] = ()) -> list[Text]:
    return [
        Text(text, label, n, {"tone": tones[n]} if tones else {})
        for label, each in ROUND.items()
        for n, text in enumerate(each)
    ]


def plan(tones: tuple[str, ...] = (), text: str | None = None, report: Report | None = None) -> list[Prompt]:
    rows = [PlannedText(n, {"tone": tone}) for n, tone in enumerate(tones)] or [PlannedText(n) for n in range(4)]
    return [Prompt(label, tuple(rows), (), as_json=True, sample=0, text=text, report=report) for label in ROUND]


def test_the_figures_are_those_of_the_measures() -> None:
    found = write(texts(), plan())
    mine = [text for label in ROUND for text in ROUND[label]]
    labels = [label for label in ROUND for _ in ROUND[label]]
    theirs = [text for label in TEXTS for text in TEXTS[label]]
    real_labels = [label for label in TEXTS for _ in TEXTS[label]]
    vectors, real = Encoder(PACKAGED).encode(mine), Encoder(PACKAGED).encode(theirs)
    words, overall = Words.of(mine), found["generated"]["overall"]
    rows, real_rows = (np.sort(np.random.default_rng(1).choice(n, 5, replace=False)) for n in (12, 6))
    expected = {
        "texts": 12, "words": len(words.numbers), "vocabulary": len(words.vocabulary), "sample": 20, "drawn": 5,
        "expected_vocabulary": expected_distinct(words.counts(1), 20), "distinct_2": distinct_n(words.counts(2), 20),
        "self_bleu": self_bleu(words, 5, 1), "vendi": vendi_score(vectors[rows]),
        "similarity": similarity(vectors, labels).overall, "cmd": central_moment_discrepancy(vectors, real),
    }  # fmt: skip
    assert {key: overall[key] for key in expected} == pytest.approx(expected, abs=1e-6)
    assert found["generated"]["within"] == pytest.approx(similarity(vectors, labels).within, abs=1e-6)
    assert found["real"]["between"] == pytest.approx(similarity(real, real_labels).between, abs=1e-6)
    assert found["real"]["overall"]["cmd"] is None
    assert found["real"]["overall"]["vendi"] == pytest.approx(vendi_score(real[real_rows]), abs=1e-6)
    assert found["mauve"] == pytest.approx(mauve(vectors[rows], real[real_rows], seed=1), abs=1e-6)
    assert found["attributes"] == {}, "no text has any"
    rows_of_plot = files.read_csv(paths.diversity_plot("notes", METHOD), "study")
    assert [each["label"] for each in rows_of_plot] == sorted(TEXTS)
    generated = similarity(vectors, labels).classes
    assert float(rows_of_plot[0]["generated"]) == pytest.approx(generated["noise"] or 0, abs=1e-6)
    assert float(rows_of_plot[0]["real"]) == found["real"]["classes"]["noise"]["similarity"]


def test_a_second_run_changes_no_byte() -> None:
    written = (paths.study_file("notes", METHOD), paths.diversity_plot("notes", METHOD))
    write(texts(TONES), plan(TONES))
    before = [each.read_bytes() for each in written]
    write(texts(TONES), plan(TONES))
    assert [each.read_bytes() for each in written] == before


def test_words_that_real_texts_lack_give_a_label_away() -> None:
    edit_params(lambda each: each["study"].update(confidence=0.6))
    found = write(texts(), plan())["shortcuts"]
    assert "decibel" in [each["word"] for each in found["noise"]]
    [one] = [each for each in found["plants"] if each["word"] == "botanical"]
    assert (one["inside"], one["outside"], one["real_inside"], one["real_outside"]) == (4, 0, 0, 0)
    assert "parcel" not in [each["word"] for each in found["parcel"]], "real texts of the label have it too"


def test_values_are_held_against_the_plan() -> None:
    accepted = [each for each in texts(TONES) if (each.label, each.attributes["tone"]) != ("noise", "angry")]
    tone = write(accepted, plan(TONES))["attributes"]["tone"]
    assert tone["worst"]["label"] == "noise"
    expected = asdict(bias({"calm": 3, "angry": 0}, {"calm": 3, "angry": 1}, confidence=0.95))
    assert {**tone["worst"], "p": None} == pytest.approx({**expected, "label": "noise", "p": None}, abs=1e-6)
    assert (tone["overall"]["commonest"], tone["overall"]["texts"]) == ("calm", 11)
    assert tone["overall"]["share"] == pytest.approx(9 / 11, abs=1e-6)


def test_texts_made_elsewhere_are_held_against_all_values_alike() -> None:
    imported = [
        Prompt(each.label, (PlannedText(each.index, each.attributes),), (), as_json=False, sample=0, text=each.text)
        for each in texts(TONES)
    ]
    tone = write(texts(TONES), imported)["attributes"]["tone"]
    assert tone["overall"]["total_variation"] == pytest.approx(0.25), "three of four are calm"


def test_values_that_are_reported_are_held_against_what_the_model_was_told() -> None:
    told = Report(0, 0, "", (Spread("tone", ("calm", "angry", "sad"), (0.5, 0.25, 0.25)),))
    assert planned_shares(plan(report=told))["tone"]["parcel"] == {"calm": 0.5, "angry": 0.25, "sad": 0.25}
    tone = write(texts(TONES), plan(report=told))["attributes"]["tone"]
    assert tone["overall"]["total_variation"] == pytest.approx(0.25), "the sad ones are missing"


def test_a_plot_has_what_was_planned_and_what_was_accepted() -> None:
    def table() -> list[dict[str, str]]:
        return files.read_csv(paths.values_plot("notes", METHOD), "study")

    accepted = [each for each in texts(TONES) if (each.label, each.attributes["tone"]) != ("noise", "angry")]
    write(accepted, plan(TONES))
    assert [tuple(each.values()) for each in table()] == [
        ("(label)", "noise", "4.0", "3"),
        ("(label)", "parcel", "4.0", "4"),
        ("(label)", "plants", "4.0", "4"),
        ("tone", "angry", "3.0", "2"),
        ("tone", "calm", "9.0", "9"),
    ]
    write(texts(TONES), plan(report=Report(0, 0, "", (Spread("tone", ("calm", "sad"), (0.75, 0.25)),))))
    assert [tuple(each.values()) for each in table()][3:] == [
        ("tone", "angry", "", "3"),
        ("tone", "calm", "9.0", "9"),
        ("tone", "sad", "3.0", "0"),
    ]
    write(texts(("</script><b>", *TONES[1:])), plan())
    assert "<" not in paths.values_plot("notes", METHOD).read_text(), "a page of DVC has it in a script"


def test_a_label_with_one_text_and_one_that_real_texts_lack() -> None:
    write_task("notes", texts={label: TEXTS[label] for label in ("noise", "parcel")})
    found = write([each for each in texts() if each.label != "noise" or not each.index], plan())
    noise = found["generated"]["classes"]["noise"]
    assert (noise["texts"], noise["similarity"], noise["vendi"], noise["self_bleu"]) == (1, None, None, None)
    assert found["generated"]["classes"]["plants"]["cmd"] is None
    assert "plants" not in found["real"]["classes"]
    [row] = files.read_csv(paths.diversity_plot("notes", METHOD), "study")
    assert row["label"] == "parcel"


def test_sets_smaller_than_the_sizes_have_no_figure() -> None:
    edit_params(lambda each: each["study"].update(words=1000, texts=7))
    found = write(texts(), plan())
    assert found["real"]["overall"]["vendi"] is None
    assert found["generated"]["overall"]["vendi"] is not None
    assert found["mauve"] is None
    assert found["generated"]["overall"]["expected_vocabulary"] is None


def test_of_several_labels_the_planned_one_counts() -> None:
    write_task("notes", TASK + "kind: multilabel\n")
    real = {"text": TEXTS["noise"][0], "labels": ["plants", "noise"]}
    with paths.test_file("notes").open("a") as file:
        file.write(json.dumps({**real, "text": "the ferns are loud"}) + "\n")
    both = [
        Text(each.text, each.label, each.index, {}, ("noise",) if each.label == "plants" else ()) for each in texts()
    ]
    found = write(both, plan())
    assert {label: each["texts"] for label, each in found["generated"]["classes"].items()} == dict.fromkeys(ROUND, 4)
    assert found["real"]["classes"]["noise"]["texts"] == 3, "the first in task.yaml"


def test_no_accepted_text_is_told() -> None:
    with pytest.raises(ArtifactError, match=r"accepted.jsonl: expected one accepted text or more .*rejected.jsonl"):
        write([], plan())
