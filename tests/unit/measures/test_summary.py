from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stages.core import files, paths
from stages.core.sections import Run
from stages.measures.diff import difference
from stages.measures.efficiency import Costs, Reach
from stages.measures.summary import markdown_table, rounded, summarise, summary_table
from tests.small_grid import scores

GRID = Run(tasks=("notes",), methods=("simprompt", "attrprompt"), students=("tfidf",), gold=("notes",))


def test_the_table_follows_the_grid(summary: dict[str, Any]) -> None:
    header, rows = summary_table(summary, "notes", GRID)
    assert header == ["method", "texts", "thrown out", "tokens", "dollars", "macro-F1, tfidf"]
    assert rows == [
        ["simprompt", "100", "0", "1,000", "", "0.700 (0.650 to 0.750)"],
        ["attrprompt", "90", "10", "2,000", "0.2500", "0.800 (0.750 to 0.850)"],
        ["gold", "500", "", "", "", "0.900 (0.850 to 0.950)"],
    ]


def test_of_many_scores_few_are_summed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    metrics: dict[Path, dict[str, Any]] = {
        paths.attributes_metrics("notes"): {"prompt_tokens": 1, "completion_tokens": 2, "dollars": None},
        paths.clean_metrics("notes", "m"): {"accepted": 9, "rejected": 1},
        paths.refill_metrics("notes", "m"): {
            "requests": 2, "prompt_tokens": 3, "completion_tokens": 4, "dollars": 0.12345678,
        },
        paths.study_file("notes", "m"): {"generated": {"overall": {"cmd": 0.12345, "vendi": None}, "within": 0.5}},
        paths.scores_file("notes", "m", "tfidf"): {**scores(0.71234), "brier": 0.3, "calibration_error": 0.1},
        paths.scores_file("notes", "m", "linear"): {"micro_f1": 0.5, "map": 0.6, "map_low": 0.5, "macro_f1": 0.4},
    }  # fmt: skip
    for path, each in metrics.items():
        files.write_json(path, each)
    grid = Run(tasks=("notes",), methods=("m",), students=("tfidf", "linear"), gold=())
    reached = Costs("tokens", {}, "simprompt", {"m": Reach(0.43217, 0.2, None, at_once=False, with_attributes=None)})
    found = rounded(summarise(grid, {"notes": {"tfidf": reached, "linear": None}}))["notes"]
    assert found["m"] == {
        "accepted": 9, "rejected": 1, "tokens": 7, "dollars": 0.123457, "cmd": 0.12345, "vendi": None, "within": 0.5,
        "tfidf": {
            "accuracy": 0.72234, "macro_f1": 0.71234, "macro_f1_low": 0.66234, "macro_f1_high": 0.76234,
            "calibration_error": 0.1,
            "baseline_share": 0.43217, "baseline_share_low": 0.2, "baseline_share_high": None,
        },
        "linear": {"micro_f1": 0.5, "map": 0.6, "macro_f1": 0.4},
    }  # fmt: skip
    assert found["attributes"] == {"tokens": 3, "dollars": None}
    for trusted in (True, False):
        judged = {"trusted": trusted, "generated": {"texts": 9, "unfit": 1 / 9, "unreal": None}}
        files.write_json(paths.judge_metrics("notes", "m"), judged)
        found = rounded(summarise(grid, {"notes": {}}))["notes"]["m"]
        assert ("unfit" in found, "unreal" in found) == (trusted, False)
        assert found.get("unfit", 0.111111) == 0.111111


def test_a_blend_has_the_texts_of_each_student_and_a_worth_where_none_are_of_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = {"requests": 2, "prompt_tokens": 600, "completion_tokens": 400, "dollars": None}
    metrics: dict[Path, dict[str, Any]] = {
        paths.attributes_metrics("notes"): asked,
        paths.clean_metrics("notes", "m"): {"accepted": 400, "rejected": 0},
        paths.refill_metrics("notes", "m"): asked,
        paths.study_file("notes", "m"): {"generated": {"overall": {"cmd": 0.1, "vendi": None}, "within": 0.5}},
    }
    students = ("tfidf", "mean")
    for student, texts in zip(students, (395, 392), strict=True):
        for method in ("m", "mix", "gold"):
            metrics[paths.scores_file("notes", method, student)] = scores(0.7)
        metrics[paths.blend_metrics("notes", "mix", student)] = {
            "texts": texts, "taken": {"gold": 0, "m": 400}, "used": {"gold": 0, "m": texts},
        }  # fmt: skip
        point = {"texts": 3, "score": 0.5, "low": 0.5, "high": 0.5}
        metrics[paths.worth_file("notes", student)] = {"points": [point]}
        metrics[paths.gold_metrics("notes", student)] = {"texts": 9}
    for path, each in metrics.items():
        files.write_json(path, each)
    grid = Run(tasks=("notes",), methods=("m",), students=students, gold=("notes",), blends=("mix",))
    found = summarise(grid, {"notes": {}})
    mix = found["notes"]["mix"]
    assert (mix["tfidf"]["texts"], mix["mean"]["texts"], mix["accepted"], mix["rejected"]) == (395, 392, 395, 5)
    assert "texts" not in found["notes"]["m"]["mean"]
    assert [row[:4] for row in summary_table(found, "notes", grid)[1]] == [
        ["m", "400", "0", "1,000"], ["mix", "392 to 395", "5 to 8", "1,000"], ["gold", "9", "", ""],
    ]  # fmt: skip
    assert mix["mean"]["worth_in_words"] == found["notes"]["m"]["mean"]["worth_in_words"] == "more than 3"
    assert "worth_in_words" not in found["notes"]["gold"]["mean"]
    for student in students:
        counts = {"texts": 393, "taken": {"gold": 2, "m": 400}, "used": {"gold": 1, "m": 392}}
        files.write_json(paths.blend_metrics("notes", "mix", student), counts)
    found = summarise(grid, {"notes": {}})
    assert not any(key.startswith("worth") for key in found["notes"]["mix"]["mean"])


def test_markdown() -> None:
    assert markdown_table(("a", "b"), [("x|y", "1")], 1) == "| a | b |\n| --- | ---: |\n| x\\|y | 1 |"


def test_what_moved_between_two_revisions(summary: dict[str, Any]) -> None:
    new = {
        "notes": {
            **summary["notes"],
            "attrprompt": {**summary["notes"]["attrprompt"], "tokens": 1500, "tfidf": scores(0.9)},
        }
    }
    del new["notes"]["gold"]
    old_params, new_params = {"a": {"b": 1, "c": [1, 2]}, "d": "x"}, {"a": {"b": 2, "c": [1, 2]}, "e": []}
    assert difference(summary, new, old_params, new_params, ("main", "branch")) == (
        "### Parameters\n\n"
        "| parameter | main | branch |\n| --- | --- | --- |\n| a.b | 1 | 2 |\n| d | x | - |\n| e | - | [] |\n\n"
        "### Metrics\n\n"
        "| task | method | student | metric | main | branch | change |\n"
        "| --- | --- | --- | --- | ---: | ---: | ---: |\n"
        "| notes | attrprompt |  | tokens | 2000 | 1500 | -500 |\n"
        "| notes | attrprompt | tfidf | accuracy | 0.81 | 0.91 | +0.1 |\n"
        "| notes | attrprompt | tfidf | macro_f1 | 0.8 | 0.9 | **+0.1** |\n\n"
        "Only in main: notes/gold.\n\n"
        "Bold: outside the interval that it had in main."
    )


def test_cells_that_one_of_them_has_not_are_one_line(summary: dict[str, Any]) -> None:
    methods = summary["notes"]
    mine = {**methods["attrprompt"], "mean": scores(0.3)}
    new = {"notes": {**methods, "attrprompt": mine, "context": methods["simprompt"]}}
    told = difference(summary, new, {}, {}, ("main", "HEAD"))
    assert told.endswith("No metric moved.\n\nOnly in HEAD: notes/attrprompt/mean, notes/context.")
    assert "Only in HEAD: notes/attrprompt/mean, notes/context." in difference(new, summary, {}, {}, ("HEAD", "main"))


def test_nothing_moved(summary: dict[str, Any]) -> None:
    told = difference(summary, summary, {}, {}, ("a", "b"))
    assert told == "### Parameters\n\nNo parameter changed.\n\n### Metrics\n\nNo metric moved."


def test_what_the_fourth_digit_does_not_show_did_not_move(summary: dict[str, Any]) -> None:
    old = {"notes": {"simprompt": {**summary["notes"]["simprompt"], "cmd": 0.123412, "within": 0.5}}}
    new = {"notes": {"simprompt": {**summary["notes"]["simprompt"], "cmd": 0.123389, "within": 0.51007}}}
    report = difference(old, new, {"rate": 0.000012}, {"rate": 0.000013}, ("main", "HEAD"))
    assert "cmd" not in report
    assert "| within | 0.5 | 0.5101 | +0.0101 |" in report
    assert "| rate | 1.2e-05 | 1.3e-05 |" in report


def test_a_task_that_one_of_them_has_not_is_one_line(summary: dict[str, Any]) -> None:
    new = {"others": summary["notes"]}
    told = difference(summary, new, {}, {}, ("main", "HEAD"))
    notes, others = "Task notes is not in the grid of HEAD.", "Task others is not in the grid of main."
    assert told == f"### Parameters\n\nNo parameter changed.\n\n### Metrics\n\nNo metric moved.\n\n{notes}\n\n{others}"
    assert "| notes |" in difference({}, summary, {}, {}, ("a", "b")), "a revision without a summary has no grid"
