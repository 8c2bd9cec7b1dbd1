"""Read the texts out of the completions, throw out bad ones: `python -m stages.clean --task TASK --method METHOD`.

Free. Reasons for throwing a text out are the constants of `checks/texts`: refused, malformed, cut off, empty, garbled,
too short, too long, a duplicate, a text of the test set, rejected by the endpoint. Nothing is corrected.

Reads   data/tasks/<task>/task.yaml, test.jsonl
        data/generated/<task>/<method>.jsonl
Writes  data/clean/<task>/<method>/accepted.jsonl, one line a text
            text, label, index (within the label), attributes (name: value)
        data/clean/<task>/<method>/rejected.jsonl, one line for each planned text that is not accepted
            reason, text (null where there was none), label, index, attributes
        data/metrics/clean/<task>/<method>.json
            planned, accepted, rejected, and the number of each reason that occurred
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stages.checks import texts
from stages.checks.completions import read_texts
from stages.core import cli, files, params, paths, sections
from stages.core.records import Generated, Rejected, Text
from stages.core.tasks import load_task, read_labelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stages.core.tasks import Task


class Params(params.StageParams):
    """What changes which texts are taken."""

    clean: sections.Clean


def run(
    generated: Iterable[Generated], task: Task, test_texts: Iterable[str], chosen: Params
) -> Iterator[Text | Rejected]:
    """Every planned text, in the order of the plan, as accepted or as rejected with its reason."""
    check = texts.TextCheck(task.words, chosen.clean.length_tolerance, test_texts)
    for answer in generated:
        found = _texts(answer)
        for row, text in zip(answer.rows, found, strict=True):
            reason = _reason_of_none(answer) if text is None else check.judge(text, row.attributes)
            if reason or text is None:
                yield Rejected(reason or texts.MALFORMED, text, answer.label, row.index, row.attributes)
            else:
                yield Text(text, answer.label, row.index, row.attributes)


def _texts(answer: Generated) -> list[str | None]:
    if answer.completion is None or answer.finish_reason in ("refusal", "content_filter"):
        return [None] * len(answer.rows)
    found = read_texts(answer.completion, len(answer.rows), as_json=answer.as_json)
    # One bare text that was cut off is half a text; in a list, the whole items before the break are whole.
    return [None] if answer.finish_reason == "length" and not answer.as_json else found


def _reason_of_none(answer: Generated) -> str:
    """Why there is no text at all: a refusal is often found in the whole completion, not in its items."""
    by_finish = {
        "rejected": texts.ENDPOINT_REJECTED,
        "refusal": texts.REFUSED,
        "content_filter": texts.REFUSED,
        "length": texts.CUT_OFF,
    }
    if answer.finish_reason in by_finish:
        return by_finish[answer.finish_reason]
    return texts.REFUSED if answer.completion and texts.is_refusal(answer.completion) else texts.MALFORMED


def main(task: str, method: str) -> None:
    """Read, run, write."""
    chosen, description = params.load(Params), load_task(task)
    test_texts = (row.text for row in read_labelled(paths.test_file(task), description.names))
    generated = files.read_records(paths.generated_file(task, method), Generated, "generate")
    reasons = Counter[str]()
    with (
        files.writing_records(paths.accepted_file(task, method)) as accept,
        files.writing_records(paths.rejected_file(task, method)) as reject,
    ):
        for result in run(generated, description, test_texts, chosen):
            if isinstance(result, Text):
                accept(result)
                reasons["accepted"] += 1
            else:
                reject(result)
                reasons[result.reason] += 1
    planned, accepted = reasons.total(), reasons.pop("accepted", 0)
    counts = {"planned": planned, "accepted": accepted, "rejected": planned - accepted, **reasons}
    files.write_json(paths.clean_metrics(task, method), counts)
    shown = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    cli.say(f"{task}/{method}: {accepted} of {planned} texts accepted{'; rejected: ' + shown if shown else ''}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method")
