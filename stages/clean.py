"""Read the texts out of the completions, throw out bad ones: `python -m stages.clean --task TASK --method METHOD`.

Free. Reasons for throwing a text out are the constants of `checks/texts`: refused, talk of a model about its task, a
blank to be filled in, malformed, cut off, empty, garbled, too short, too long, a duplicate, a text of the test set;
and those of `llm/chat`, for requests that came to nothing. What is only likely to be bad, gates count (`validate`).
Nothing is corrected.

Reads   data/tasks/<task>/task.yaml, test.jsonl
        data/generated/<task>/<method>.jsonl
Writes  data/clean/<task>/<method>/accepted.jsonl, one line a text
            text, label, index (within the label), also (labels beside it, where it has any), attributes (name: value):
            what was ordered, or where the model was to report what its texts have, that: known values alone, a
            dimension of which it said none is left out
        data/clean/<task>/<method>/rejected.jsonl, one line for each planned text that is not accepted
            reason, text (null where there was none), label, index, attributes, also
        data/metrics/clean/<task>/<method>.json
            planned, accepted, rejected, and the number of each reason that occurred
            where values are reported: coverage, the share of all values of all labels that some accepted text has,
            after each round of requests; unreported, how often an accepted text has no known value of a dimension
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stages.checks import texts
from stages.checks.completions import NoText, read_texts
from stages.checks.reports import Reported, RoundCoverage, read_reports
from stages.core import cli, files, params, paths, sections
from stages.core.records import Generated, Rejected, Text
from stages.core.tasks import load_task, read_labelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stages.core.tasks import Task


class Params(params.StageParams):
    """What changes which texts are taken."""

    clean: sections.Clean


def run(
    generated: Iterable[Generated], task: Task, test_texts: Iterable[str], chosen: Params, covered: RoundCoverage
) -> Iterator[Text | Rejected]:
    """Every planned text, in the order of the plan, as accepted or as rejected with its reason.

    What was reported of the accepted ones is noted in `covered`.
    """
    check = texts.TextCheck(task.words, chosen.clean.length_tolerance, test_texts)
    for answer in generated:
        whole = _reason_of_whole(answer)
        covered.begin(answer.label, answer.report)
        for row, found in zip(answer.rows, _texts(answer), strict=True):
            text, attributes = found if isinstance(found, Reported) else (found, row.attributes)
            wanted = (answer.label, row.index, attributes, row.also)
            if isinstance(text, NoText):
                yield Rejected(whole or text.value, None, *wanted)
            elif reason := check.judge(text, attributes):
                yield Rejected(reason, text, *wanted)
            else:
                covered.add(answer.label, answer.report, attributes)
                yield Text(text, *wanted)


def _texts(answer: Generated) -> Sequence[str | Reported | NoText]:
    halved = answer.finish_reason == "length" and not answer.as_json  # in a list, items before the break are whole
    if answer.imported:
        return [(answer.completion or "").strip()]  # no model wrapped it into quotation marks or a code fence
    if answer.completion is None or halved or answer.finish_reason in ("refusal", "content_filter"):
        return [NoText.MISSING] * len(answer.rows)
    if answer.report:
        return read_reports(answer.completion, len(answer.rows), answer.report.spreads)
    return read_texts(answer.completion, len(answer.rows), as_json=answer.as_json)


def _reason_of_whole(answer: Generated) -> str | None:
    """Why the answer as a whole has no texts, or not all: better than what can be said of a missing item."""
    if answer.failed:
        return answer.finish_reason  # there is no answer: one of `llm/chat`'s reasons
    by_finish = {"refusal": texts.REFUSED, "content_filter": texts.REFUSED, "length": texts.CUT_OFF}
    if answer.finish_reason in by_finish:
        return by_finish[answer.finish_reason]
    if not (answer.completion or "").strip():
        return texts.EMPTY
    return texts.REFUSED if texts.is_refusal(answer.completion or "") else None


def main(task: str, method: str) -> None:
    """Read, run, write."""
    chosen, description = params.load(Params), load_task(task)
    test_texts = (row.text for row in read_labelled(paths.test_file(task), description))
    generated = files.read_records(paths.generated_file(task, method), Generated, "generate")
    reasons, covered = Counter[str](), RoundCoverage()
    with (
        files.writing_records(paths.accepted_file(task, method)) as accept,
        files.writing_records(paths.rejected_file(task, method)) as reject,
    ):
        for result in run(generated, description, test_texts, chosen, covered):
            if isinstance(result, Text):
                accept(result)
                reasons["accepted"] += 1
            else:
                reject(result)
                reasons[result.reason] += 1
    planned, accepted = reasons.total(), reasons.pop("accepted", 0)
    counts = {"planned": planned, "accepted": accepted, "rejected": planned - accepted, **reasons, **covered.as_json()}
    files.write_json(paths.clean_metrics(task, method), counts)
    shown = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    cli.say(f"{task}/{method}: {accepted} of {planned} texts accepted{'; rejected: ' + shown if shown else ''}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method")
