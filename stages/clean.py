"""Read the texts out of the completions, throw out bad ones: `python -m stages.clean --task TASK --method METHOD`.

Free. Reasons for throwing a text out are the constants of `checks/texts`: refused, talk of a model about its task, a
blank to be filled in, malformed, cut off, empty, garbled, too short, too long (in words, or in characters for so many),
a duplicate, a text of the test set;
and those of `llm/chat`, for requests that came to nothing. What is only likely to be bad, gates count (`validate`).
Nothing is corrected. Of the reserve as many texts are accepted as their label lacks, the others are surplus.

Reads   data/tasks/<task>/task.yaml, test.jsonl
        data/refilled/<task>/<method>.jsonl
Writes  data/clean/<task>/<method>/accepted.jsonl, one line a text
            text, label, index (within the label), also (labels beside it, where it has any), attributes (name: value):
            what was ordered, or where the model was to report what its texts have, that: known values alone, a
            dimension of which it said none is left out; reserve (true, where it was asked for in place of another)
        data/clean/<task>/<method>/rejected.jsonl, one line for each text that was asked for and is not accepted
            reason, text (null where there was none), label, index, attributes, also, reserve
        data/metrics/clean/<task>/<method>.json
            planned (all that were asked for, those of the reserve too), accepted, rejected, and the number of each
            reason that occurred
            where values are reported: coverage, the share of all values of all labels that some accepted text has,
            after each round of requests; unreported, how often an accepted text has no known value of a dimension
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stages.checks.judging import Judging
from stages.core import cli, files, params, paths, sections
from stages.core.records import Generated, Rejected, Text
from stages.core.tasks import load_task, read_labelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Params(params.StageParams):
    """What changes which texts are taken."""

    clean: sections.Clean


def run(generated: Iterable[Generated], judging: Judging) -> Iterator[Text | Rejected]:
    """Every text that was asked for, in the order of the completions, as accepted or as rejected with its reason."""
    for answer in generated:
        yield from judging.of(answer)


def main(task: str, method: str) -> None:
    """Read, run, write."""
    chosen, description = params.load(Params), load_task(task)
    test_texts = (row.text for row in read_labelled(paths.test_file(task), description))
    generated = files.read_records(paths.refilled_file(task, method), Generated, "refill")
    reasons, judging = Counter[str](), Judging(description, chosen.clean, test_texts)
    with (
        files.writing_records(paths.accepted_file(task, method)) as accept,
        files.writing_records(paths.rejected_file(task, method)) as reject,
    ):
        for result in run(generated, judging):
            if isinstance(result, Text):
                accept(result)
                reasons["accepted"] += 1
            else:
                reject(result)
                reasons[result.reason] += 1
    planned, accepted = reasons.total(), reasons.pop("accepted", 0)
    more = {**reasons, **judging.covered.as_json()}
    counts = {"planned": planned, "accepted": accepted, "rejected": planned - accepted, **more}
    files.write_json(paths.clean_metrics(task, method), counts)
    shown = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    cli.say(f"{task}/{method}: {accepted} of {planned} texts accepted{'; rejected: ' + shown if shown else ''}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method")
