"""What the stages would write for a small grid of two methods and a student, so that there is a report of it."""

from __future__ import annotations

from typing import Any

from stages.core import files, paths
from stages.core.judgements import Judgement
from stages.core.params import load_everything
from stages.core.records import PlannedText, Prompt, Rejected, Text
from stages.design.table import AttributeTable, TableDimension, write_table
from stages.measures.judge import judged_scores
from stages.measures.study import balance, planned_shares
from tests.conftest import TEXTS, edit_params

TASK, STUDENT = "notes", "tfidf"
METHODS = ("simprompt", "attrprompt")
LABELS = tuple(TEXTS)
TONES = ("calm", "angry")
PER_LABEL = 8


def scores(macro: float) -> dict[str, float]:
    """Of a student, with this macro-F1."""
    return {"accuracy": macro + 0.01, "macro_f1": macro, "macro_f1_low": macro - 0.05, "macro_f1_high": macro + 0.05}


def write_grid(odd: str = "", *, failed: bool = False, task: str = TASK) -> None:
    """Write it into the project that is the working directory.

    Args:
        odd: What a model wrote besides, wherever it may write something.
        failed: Whether the texts of the second method fail a gate.
        task: Whose.
    """
    edit_params(lambda each: each["run"].update(methods=list(METHODS), students=[STUDENT]))
    cost = {"requests": 9, "prompt_tokens": 900, "completion_tokens": 100, "dollars": 0.01}
    files.write_json(paths.attributes_metrics(task), cost)
    written = odd.encode("utf-8", "ignore").decode()  # people may have edited the table: it is YAML in UTF-8
    scenes = {label: dict.fromkeys((f"{label} at night{written}", f"{label} at noon"), 0.5) for label in LABELS}
    tone = TableDimension(name="tone", about="how it sounds", values=dict.fromkeys(TONES, 0.5))
    scene = TableDimension(name="scene", about=f"where it plays{written}", per_label=scenes)
    write_table(paths.attributes_file(task), AttributeTable(dimensions=(tone, scene)))
    for number, method in enumerate(METHODS):
        _write_texts(task, method, odd, {label: list(each) for label, each in scenes.items()} if number else {})
        files.write_json(paths.generate_metrics(task, method), cost)
        files.write_json(paths.refill_metrics(task, method), {**cost, "labels": {}})
        files.write_json(paths.verdict_file(task, method), _verdict(odd, failed=failed and number == 1))
        _write_scores(task, method, right=4 + number)
        _write_dispute(task, method, METHODS[1 - number], [f"is <b>this</b> about noise?{odd}"] if number else [])
    _write_judged(task, METHODS[1], f"is <i>this</i> about parcels?{odd}")


def _write_texts(task: str, method: str, odd: str, scenes: dict[str, list[str]]) -> None:
    prompts, accepted, rejected = list[Prompt](), list[Text](), list[Rejected]()
    for label in LABELS:
        for index in range(PER_LABEL):
            values = {"tone": TONES[index % 2], "scene": scenes[label][index // 2 % 2]} if scenes else {}
            content = f"Write a note about {label}.\nIts tone: {values.get('tone')}.{odd}"
            row, message = PlannedText(index, values), {"role": "user", "content": content}
            prompts.append(Prompt(label, (row,), (message,), as_json=False, sample=index))
            if index:
                text = f"{TEXTS[label][index % 2]}, {method} {index}{odd}"
                accepted.append(Text(text, label, index, values))
            else:
                rejected.append(Rejected("too_long", f"far too long{odd}", label, index, values))
    files.write_records(paths.prompts_file(task, method), prompts)
    files.write_records(paths.accepted_file(task, method), accepted)
    files.write_records(paths.rejected_file(task, method), rejected)
    reported = {"coverage": [0.5, 1.0], "unreported": {"tone": 1}}  # where a method has the model report values
    counts = {"planned": 24, "accepted": 21, "rejected": 3, "too_long": 3, **reported}
    files.write_json(paths.clean_metrics(task, method), counts)
    names = ("expected_vocabulary", "distinct_2", "vendi", "near_duplicates")
    overall = {"texts": 21, "cmd": 0.1, **dict.fromkeys(names)}
    measured = {"overall": overall, "within": 0.5, "between": 0.2}
    word = {"word": f"decibel{odd}", "inside": 4, "outside": 0, "real_inside": 0, "real_outside": 0, "z": 3.0}
    found = {
        "words": 1000,
        "texts": 100,
        "generated": measured,
        "real": measured,
        "attributes": balance(accepted, planned_shares(prompts), 0.95),
        "shortcuts": {LABELS[0]: [word], LABELS[1]: []},
        "found": {},
        "compliance": {"attributes": {}},
    }
    files.write_json(paths.study_file(task, method), found)


def _write_dispute(task: str, method: str, judge: str, texts: list[str]) -> None:
    given = {"disputed": "noise", "probability": 0.123, "instead": "parcel", "instead_probability": 0.789}
    listed = [{"text": text, "label": "noise", "index": 1, **given} for text in texts]
    counts = {"checked": 21, "disputed": len(texts)}
    files.write_json(paths.dispute_metrics(task, method), {"judges": [judge], **counts, "texts": listed})


def _write_judged(task: str, method: str, text: str) -> None:
    said = [Judgement(True, (label,), 0, "", {label: 1.0}, 4, "", None, "") for label in LABELS * 8]
    said += [Judgement(False, ("noise",), n, text, {"parcel": 1.0}, 1, text, None, "") for n in range(2)]
    given, cost = load_everything(), {"prompt_tokens": 200, "completion_tokens": 20, "dollars": 0.002}
    scores = judged_scores(said, LABELS, given.judge, given.evaluate)
    files.write_json(paths.judge_metrics(task, method), {"asked": {**cost, "real": cost}, **scores})


def _verdict(odd: str, *, failed: bool) -> dict[str, Any]:
    worst = [{"found": 0, "label": "noise", "attribute": "scene", "value": f"noise at night{odd}"}]
    gate = {"gate": "attribute_coverage", "table": "values", "limit": "all values", "checked": 12}
    result = {**gate, "severity": "fail", "passed": not failed, "failed": int(failed), "worst": worst if failed else []}
    return {"passed": not failed, "gates": 1, "failed": int(failed), "warned": 0, "sha256": "", "results": [result]}


def _write_scores(task: str, method: str, right: int) -> None:
    """Of six test texts of each label so many are right; the others are taken for the next label."""
    share = right / 6
    scores = {"accuracy": share, "macro_f1": share, "macro_f1_low": share - 0.1, "macro_f1_high": share + 0.1}
    files.write_json(paths.scores_file(task, method, STUDENT), {**scores, "calibration_error": 0.1, "texts": 18})
    nexts = dict(zip(LABELS, (*LABELS[1:], LABELS[0]), strict=True))
    rows = [(label, label if number < right else nexts[label]) for label in LABELS for number in range(6)]
    files.write_csv(paths.confusion_plot(task, method, STUDENT), ["actual", "predicted"], rows)
    classes = [(label, share, share, share, 6) for label in LABELS]
    files.write_csv(
        paths.per_class_plot(task, method, STUDENT), ["label", "precision", "recall", "f1", "texts"], classes
    )
    points = [
        {
            "share": part,
            "texts": round(21 * part),
            "tokens": round(1000 * part),
            "dollars": 0.01 * part,
            "tokens_with_attributes": None,
            "dollars_with_attributes": None,
            "macro_f1": share * part**0.2,
            "low": share * part**0.2 - 0.1,
            "high": share * part**0.2 + 0.1,
        }
        for part in (0.5, 1.0)
    ]
    files.write_json(paths.curve_file(task, method, STUDENT), {"points": points})
