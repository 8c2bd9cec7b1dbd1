"""The summary of the grid: few numbers for each cell, for `dvc metrics diff`, for the README and for the report.

    {"<task>": {"attributes": {"tokens", "dollars"},
                "<method>": {"accepted", "rejected", "tokens", "dollars", "cmd", "vendi", "within", "unfit", "unreal",
                             "<student>": {"accuracy", "macro_f1", "macro_f1_low", "macro_f1_high", "calibration_error",
                                           "baseline_share", "baseline_share_low", "baseline_share_high",
                                           "worth", "worth_low", "worth_high", "worth_in_words"}},
                "<blend>": as a method, and "texts" of each student,
                "gold": {"accepted", "<student>": {...}}}}

Where texts have several labels there are micro_f1 and map in place of accuracy and calibration_error. baseline_share is
the share of a baseline's cost at which a method scores as well (see `measures/efficiency`), null where it never does;
the baseline itself has none, nor have methods where it is not in the grid or costs are not known.

worth is the number of human texts a label with which the student does as well, for tasks of run.gold alone (see
`measures/human`); null where it is fewer than the least that was tried, or more than the most, as the words say. A
blend with texts of people among its own has none.

cmd is the distance of a method's texts to real ones, vendi how many different texts some of them come to, within how
alike two texts of a label are (see `measures/diversity`); null where there are too few texts. unfit and unreal are the
shares of texts whose label a trusted judge would not give, and that look made up to it; they are there where it judged
some. Blends have none of them.

A method that imports its texts has neither tokens nor dollars: nothing was asked, and what they cost elsewhere is not
known. A blend has of each method's as large a share as it took of that method's accepted texts; where students dropped
different ones (`agree`), texts says how many each learned from, and accepted is the most of these.

It goes through the grid of params.yaml and not through what lies on disk: a cell that was taken out of the grid leaves
its files behind, and DVC leaves them too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import files, paths
from stages.core.judged import judge_scores
from stages.core.params import GOLD
from stages.measures.curves import Point
from stages.measures.human import HumanPoint, worth_in_human_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stages.core.files import Json
    from stages.core.sections import Run
    from stages.measures.efficiency import Costs

_DIGITS = 6  # what is shown has three or four, and is to be rounded once
_SCORES = ("accuracy", "micro_f1", "map", "macro_f1", "macro_f1_low", "macro_f1_high", "calibration_error")


def read_curves(task: str, grid: Run) -> dict[str, dict[str, list[Point]]]:
    """The learning curves of a task, by student and method.

    Raises:
        ArtifactError: one is missing.
    """
    return {
        student: {
            method: [
                Point.from_json(each)
                for each in files.read_json(paths.curve_file(task, method, student), "curve")["points"]
            ]
            for method in grid.methods
        }
        for student in grid.students
    }


def summarise(grid: Run, costs: Mapping[str, Mapping[str, Costs | None]]) -> Json:
    """The summary, from the metrics of the grid's cells, and what they cost, by task and student; nothing is rounded.

    Raises:
        ArtifactError: metrics of a cell are missing.
    """
    return {task: _with_shares(_task(task, grid), costs[task]) for task in grid.tasks}


def rounded(summary: Json) -> Json:
    """The summary as it is written; what is shown of scores comes from those that are not rounded yet."""
    return {
        key: rounded(each) if isinstance(each, dict) else round(each, _DIGITS) if isinstance(each, float) else each
        for key, each in summary.items()
    }


def _with_shares(summary: Json, costs: Mapping[str, Costs | None]) -> Json:
    for student, found in costs.items():
        for method, reached in (found.reaches if found else {}).items():
            shares = {"": reached.share, "_low": reached.low, "_high": reached.high}
            summary[method][student] |= {f"baseline_share{bound}": share for bound, share in shares.items()}
    return summary


def _task(task: str, grid: Run) -> Json:
    summary: Json = {"attributes": _cost(files.read_json(paths.attributes_metrics(task), "attributes"))}
    for method in grid.methods:
        counts = files.read_json(paths.clean_metrics(task, method), "clean")
        asked = files.read_json(paths.refill_metrics(task, method), "refill")
        summary[method] = {
            "accepted": counts["accepted"],
            "rejected": counts["rejected"],
            **(_cost(asked) if asked["requests"] else {}),
            **_variety(files.read_json(paths.study_file(task, method), "study")["generated"]),
            **_judged(task, method),
            **_students(task, method, grid),
        }
    for blend in grid.blends:
        summary[blend] = _blend(task, blend, grid, summary)
    if task in grid.gold:
        texts = {files.read_json(paths.gold_metrics(task, each), "gold")["texts"] for each in grid.students}
        summary[GOLD] = {"accepted": max(texts), **_students(task, GOLD, grid, worth=False)}
    return summary


def _blend(task: str, blend: str, grid: Run, summary: Json) -> Json:
    """A blend's texts and scores, and its cost; none where that of one of its methods is not known."""
    counts = {each: files.read_json(paths.blend_metrics(task, blend, each), "blend") for each in grid.students}
    first = counts[grid.students[0]]  # which texts are taken, and which of people are left, no student changes
    taken: dict[str, int] = first["taken"]
    accepted = max(each["texts"] for each in counts.values())
    found: Json = {"accepted": accepted, "rejected": sum(taken.values()) - accepted}
    asked = [
        (summary[each], count / summary[each]["accepted"]) for each, count in taken.items() if each != GOLD and count
    ]
    if all("tokens" in method for method, _ in asked):
        dollars = [None if method["dollars"] is None else method["dollars"] * share for method, share in asked]
        known = [each for each in dollars if each is not None]
        found["tokens"] = round(sum(method["tokens"] * share for method, share in asked))
        found["dollars"] = sum(known) if len(known) == len(dollars) else None
    students = _students(task, blend, grid, worth=not first["used"][GOLD])
    return {**found, **{name: {**each, "texts": counts[name]["texts"]} for name, each in students.items()}}


def _cost(metrics: Json) -> Json:
    return {"tokens": metrics["prompt_tokens"] + metrics["completion_tokens"], "dollars": metrics["dollars"]}


def _variety(measured: Json) -> Json:
    return {**{key: measured["overall"][key] for key in ("cmd", "vendi")}, "within": measured["within"]}


def _judged(task: str, method: str) -> Json:
    scores = judge_scores(task, method)
    shares = scores["generated"] if scores and scores["trusted"] else {}
    return {key: shares[key] for key in ("unfit", "unreal") if shares.get(key) is not None}


def _students(task: str, method: str, grid: Run, *, worth: bool = True) -> Json:
    """The scores of each student; `worth`: whether these can be held against texts of people."""
    found: Json = {}
    for student in grid.students:
        scores = files.read_json(paths.scores_file(task, method, student), "evaluate")
        found[student] = {key: scores[key] for key in _SCORES if key in scores}
        if worth and task in grid.gold:
            curve = files.read_json(paths.worth_file(task, student), "worth")["points"]
            human = worth_in_human_texts(
                [HumanPoint(**each) for each in curve], *(scores[f"macro_f1{bound}"] for bound in ("", "_low", "_high"))
            )
            texts = {"": human.value, "_low": human.low, "_high": human.high}
            found[student] |= {
                f"worth{bound}": None if each.beyond else round(each.texts, 1) for bound, each in texts.items()
            }
            found[student]["worth_in_words"] = str(human)
    return found


def methods_of(summary: Json, task: str) -> Iterator[tuple[str, Json]]:
    """The methods and blends of a task with their numbers, and `gold`."""
    return ((name, each) for name, each in summary[task].items() if name != "attributes")


def students_of(method: Json) -> dict[str, Json]:
    """The students of a method with their scores."""
    return {name: each for name, each in method.items() if isinstance(each, dict)}


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]], numbers_from: int) -> str:
    """A Markdown table; the columns from `numbers_from` on are aligned to the right."""
    rule = ["---" if column < numbers_from else "---:" for column in range(len(header))]
    return "\n".join(
        f"| {' | '.join(each.replace('|', chr(92) + '|') for each in row)} |" for row in (header, rule, *rows)
    )


def summary_table(summary: Json, task: str, grid: Run) -> tuple[list[str], list[list[str]]]:
    """A task's part of the summary for people: a header, and a row a method, in the order of the grid."""
    order = (*grid.methods, *grid.blends, GOLD)
    methods = sorted(methods_of(summary, task), key=lambda pair: order.index(pair[0]))
    students = grid.students
    header = ["method", "texts", "thrown out", "tokens", "dollars", *(f"macro-F1, {name}" for name in students)]
    return header, [
        [name, *_counts(each), *(_interval(students_of(each)[student]) for student in students)]
        for name, each in methods
    ]


def _counts(method: Json) -> list[str]:
    dollars, most = method.get("dollars"), int(method["accepted"])
    fewer = most - min(int(each.get("texts", most)) for each in students_of(method).values())
    return [
        _from_to(most - fewer, most),
        _from_to(method["rejected"], method["rejected"] + fewer) if "rejected" in method else "",
        f"{method['tokens']:,}" if "tokens" in method else "",
        "" if dollars is None else f"{dollars:.4f}",
    ]


def _from_to(least: int, most: int) -> str:
    """A number of texts; two where it differs by student."""
    return f"{most:,}" if least == most else f"{least:,} to {most:,}"


def _interval(scores: Json) -> str:
    return f"{scores['macro_f1']:.3f} ({scores['macro_f1_low']:.3f} to {scores['macro_f1_high']:.3f})"
