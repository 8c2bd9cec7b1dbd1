"""Stage `dataset`: a folder to give away, read back as those read it who were given it."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from markdown_it import MarkdownIt
from pyarrow import parquet

from stages import annotate, dataset, study, validate
from stages.core import files, paths
from stages.core.errors import ArtifactError, GateError, InputError
from stages.core.records import Generated, PlannedText, Prompt, Text
from stages.design.table import AttributeTable, TableDimension, write_table
from stages.publish.header import ALL, size_category
from tests.conftest import TASK, TEXTS, edit_params, read_lines, write_task

yaml: Any = importlib.import_module("yaml")  # the hub reads cards with PyYAML; ours would be YAML 1.2
HOSTILE = ["no", "1:30", "<script>alert(1)</script>", "a | b", "x --- y", "'\"\\ {{ 7 * 7 }} \U0001f600"]
TONE = "calm | <img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _small(project: Path) -> None:
    assert project == Path.cwd()
    sizes = {"words": 20, "texts": 3, "class_words": 5, "class_texts": 2}
    edit_params(
        lambda each: (
            each["annotate"].update(texts=0),
            each["study"].update(sizes),
            each["run"].update(methods=["simprompt", "exemplar"]),
        )
    )


def texts_of(labels: list[str], also: dict[str, tuple[str, ...]] | None = None) -> list[Text]:
    return [
        Text(f"{words} </td><b> `number {place}", label, n, {"tone": TONE}, (also or {}).get(label, ()))
        for place, label in enumerate(labels)
        for n, words in enumerate(["hello you there", "dear all of you", "well good night"])
    ]


def write(accepted: list[Text], *methods: str) -> Path:
    """All that the stage reads, of these texts for each method, made by the stages before where they are free."""
    scores = {"macro_f1": 0.5, "macro_f1_low": 0.4, "macro_f1_high": 0.6}
    summary: dict[str, Any] = {"attributes": {"tokens": 0, "dollars": 0.0}}
    tone = TableDimension(name="tone", about="what <b>people</b> say; ends ---", values={TONE: 1.0})
    write_table(paths.attributes_file("notes"), AttributeTable(dimensions=(tone,)))
    for method in methods:
        files.write_records(paths.accepted_file("notes", method), accepted)
        files.write_records(paths.rejected_file("notes", method), [])
        asked = ({"role": "user", "content": f"Secret words of people.\n```\n</pre>{method}"},)
        rows_asked = [(each.label, (PlannedText(each.index, each.attributes, each.also),)) for each in accepted]
        prompts = [Prompt(label, rows, asked, as_json=False, sample=0) for label, rows in rows_asked]
        files.write_records(paths.prompts_file("notes", method), prompts)
        answer = Generated("noise", (), as_json=False, sample=0, key="k", completion="x", finish_reason="stop",
                           prompt_tokens=1, completion_tokens=1, dollars=None, model="<i>desk</i>", fingerprint=None,
                           request_id=None, answered_at="2026-01-02T03:04:05Z")  # fmt: skip
        files.write_records(paths.refilled_file("notes", method), [answer])
        validate.main("notes", method)
        annotate.main("notes", method)
        study.main("notes", method)
        summary[method] = {"accepted": len(accepted), "rejected": 0, "tfidf": scores, "linear": scores}
    files.write_json(paths.SUMMARY, {"notes": summary})
    dataset.main("notes")
    return paths.dataset_folder("notes")


def card(folder: Path) -> tuple[dict[str, Any], str]:
    """The header, as the hub reads it, and the body."""
    _, head, body = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(head), body


def rows_of(folder: Path, info: dict[str, Any], config: str, split: str = "train") -> list[dict[str, Any]]:
    """The rows of a configuration, labels by their names, after a look at the types that the header declares."""
    [files_] = [each["data_files"] for each in info["configs"] if each["config_name"] == config]
    [features] = [each["features"] for each in info["dataset_info"] if each["config_name"] == config]
    [listed] = [each["path"] for each in files_ if each["split"] == split]
    table = pa.concat_tables([parquet.read_table(folder / each) for each in listed])
    assert table.column_names == [each["name"] for each in features]
    labels = next(each["dtype"]["class_label"]["names"] for each in features if each["name"] == "label")
    names = [labels[str(number)] for number in range(len(labels))]
    return [
        {
            **row,
            "attributes": {each["name"]: each["value"] for each in row["attributes"]},
            "label": names[row["label"]],
            **({"labels": [names[each] for each in row["labels"]]} if "labels" in row else {}),
        }
        for row in table.to_pylist()
    ]


def test_what_is_given_away_is_what_was_accepted() -> None:
    folder = write(texts_of(list(TEXTS)), "simprompt", "exemplar")
    info, body = card(folder)
    assert [each["config_name"] for each in info["configs"]] == [ALL, "simprompt", "exemplar"]
    for method in ("simprompt", "exemplar"):
        found = rows_of(folder, info, method)
        assert [{key: row[key] for key in row if key != "method"} for row in found] == read_lines(
            paths.accepted_file("notes", method)
        )
        assert {row["method"] for row in found} == {method}
    assert rows_of(folder, info, ALL) == rows_of(folder, info, "simprompt") + rows_of(folder, info, "exemplar")
    assert (info["license"], info["language"], info["size_categories"]) == ("other", ["en"], ["n<1K"])
    assert info["task_ids"] == ["multi-class-classification"]
    for said in ("Known biases", "What not to conclude", "0.500 (0.400 to 0.600)", "class_balance", "2026-01-02"):
        assert said in body


def test_texts_of_people_stay_at_home_unless_they_are_to_go() -> None:
    folder = write(texts_of(list(TEXTS)), "simprompt", "exemplar")
    everything = b"".join(each.read_bytes() for each in folder.rglob("*") if each.is_file()).decode("utf-8", "replace")
    assert not (folder / "test").exists()
    assert not any(text in everything for label in TEXTS.values() for text in label)
    assert everything.count("Secret words of people") == 1, "of the method that shows none"
    edit_params(lambda each: each["dataset"].update(test=True))
    with paths.test_file("notes").open("a") as file:
        file.write(json.dumps({"text": "one more of them", "label": "noise"}) + "\n")
    dataset.main("notes")
    info, _ = card(folder)
    people = rows_of(folder, info, "exemplar", "test")
    assert [row["text"] for row in people] == [*(text for each in TEXTS.values() for text in each), "one more of them"]
    assert [row["index"] for row in people] == [0, 1, 0, 1, 0, 1, 2]
    assert {row["method"] for row in people} == {None}
    edit_params(lambda each: each["dataset"].update(test=False))
    dataset.main("notes")
    assert not (folder / "test").exists(), "what is not to go any more is gone"


def test_a_second_run_changes_no_byte() -> None:
    folder = write(texts_of(list(TEXTS)), "simprompt", "exemplar")
    before = {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}
    dataset.main("notes")
    assert {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()} == before


def test_several_labels() -> None:
    write_task("notes", TASK + "kind: multilabel\n")
    edit_params(lambda each: each["run"].update(methods=["simprompt"]))
    folder = write(texts_of(list(TEXTS), {"plants": ("noise", "parcel")}), "simprompt")
    info, _ = card(folder)
    assert info["task_ids"] == ["multi-label-classification"]
    found, accepted = rows_of(folder, info, ALL), read_lines(paths.accepted_file("notes", "simprompt"))
    assert [row["labels"] for row in found] == [[each["label"], *each.get("also", [])] for each in accepted]
    assert ["plants", "noise", "parcel"] in [row["labels"] for row in found]
    assert [row["label"] for row in found] == [each["label"] for each in accepted]


def test_hostile_labels_break_neither_yaml_nor_markdown() -> None:
    words = {label: [f"some text {n} of it", f"other text {n} of it"] for n, label in enumerate(HOSTILE)}
    write_task(
        "notes", json.dumps({"domain": "<b>notes</b>\n---\nlicense: mit", "words": [2, 40], "labels": HOSTILE}), words
    )
    edit_params(lambda each: each["run"].update(methods=["simprompt"]))
    folder = write(texts_of(HOSTILE), "simprompt")
    info, body = card(folder)
    assert info["license"] == "other"
    assert [row["label"] for row in rows_of(folder, info, "simprompt")] == [each.label for each in texts_of(HOSTILE)]
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(body)
    inside = [each for token in tokens for each in (token, *(token.children or ()))]
    assert not {each.type for each in inside} & {"html_block", "html_inline", "image", "link_open", "hr"}
    read = "".join(each.content for each in inside if each.type in ("text", "text_special"))
    assert "<script>alert(1)</script>" in read
    assert TONE in read


def test_only_what_passed_the_gates() -> None:
    write(texts_of(list(TEXTS)), "simprompt", "exemplar")
    verdict = files.read_json(paths.verdict_file("notes", "exemplar"), "validate")
    files.write_json(paths.verdict_file("notes", "exemplar"), {**verdict, "passed": False, "failed": 1})
    with pytest.raises(GateError, match=r"exemplar/accepted.jsonl: these texts failed 1 of"):
        dataset.main("notes")
    files.write_json(paths.verdict_file("notes", "exemplar"), {**verdict, "sha256": "0"})
    with pytest.raises(ArtifactError, match="is not the file that the gates passed"):
        dataset.main("notes")


def test_imported_texts_are_told_apart() -> None:
    edit_params(
        lambda each: (each["methods"].update(theirs={"imported": "a_b.jsonl"}), each["run"].update(methods=["theirs"]))
    )
    paths.imported_file("notes", "a_b.jsonl").parent.mkdir()
    files.write_records(paths.imported_file("notes", "a_b.jsonl"), [{"text": "hello", "label": "noise"}])
    _, body = card(write(texts_of(list(TEXTS)), "theirs"))
    assert "imported from a_b.jsonl, under a licence of their own" in body
    assert "wrote them on request" not in body


@pytest.mark.parametrize(("key", "value"), [("license", "my own licence"), ("language", []), ("language", ["English"])])
def test_what_the_hub_does_not_know_is_told(key: str, value: object) -> None:
    edit_params(lambda each: each["dataset"].update({key: value}))
    with pytest.raises(InputError, match=rf"params.yaml:\d+: dataset.{key}"):
        dataset.main("notes")


def test_sizes_as_the_hub_says_them() -> None:
    sizes = {0: "n<1K", 999: "n<1K", 1000: "1K<n<10K", 10**6: "1M<n<10M", 10**9: "n>10M"}
    assert {each: size_category(each) for each in sizes} == sizes
