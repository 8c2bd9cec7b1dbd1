"""Ask the model what texts came out as: `python -m stages.annotate --task TASK --method METHOD [--plan]`.

Paid. The model is shown some of the method's accepted texts and some real ones, a few at a time, and says which values
each has: of the attributes that `annotate` in params.yaml names, and of the task's own. It is not told what was
ordered, by which method, or that people wrote some. The wording is the same for all, so requests with real texts are
the same for every method, and answered once. Lengths are counted in `study`, not asked; where `annotate.texts` is 0
nothing is asked. What is made of the answers is the business of `study`, which is free. `--plan` says what a run would
ask and cost, and sends nothing.

A text that nothing of use is said of has no annotation, with the reason. Where more requests than
`ops.max_failed_share` came to nothing the stage fails, and the next run asks for them alone. Without an endpoint it
goes on with those answers that are at hand: nothing is trained on them.

Reads   data/tasks/<task>/task.yaml, test.jsonl
        data/attributes/<task>/attributes.yaml: the task's own attributes
        data/clean/<task>/<method>/accepted.jsonl
        data/templates/annotate/
        data/recordings/<task>.jsonl: answers found there are those that the endpoint gave
Writes  data/annotations/<task>/<method>.jsonl, one line a text that was shown
            real (whether it is of the test set), label, index (its place in its file), text
            values          by attribute; empty where there is no annotation
            reason          why there is none: of `llm/chat` where there is no answer, else of `checks/numbered`
            key             of the answer, in the recordings or the store; "" where there is none
        data/metrics/annotate/<task>/<method>.json
            requests, prompt_tokens, completion_tokens, dollars, texts, annotated, and the number of texts for each
            reason of no annotation; real: the same of the real texts, which are paid for once for all methods
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import annotating, cli, files, params, paths, sections
from stages.core.records import Text
from stages.core.tasks import load_task, read_labelled
from stages.core.templates import Templates
from stages.design.annotating import AnnotationRequests, batches_of
from stages.design.looking import sought_in
from stages.design.preflight import check_before_paying
from stages.design.showing import came_to_nothing, counted
from stages.design.table import read_table
from stages.llm.ask import Asking, sources_for
from stages.llm.failing import tell_failed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.records import Annotation
    from stages.design.showing import Answered
    from stages.llm.chat import Asker


class Params(params.StageParams):
    """What changes the annotations."""

    llm: sections.Llm
    annotate: annotating.Annotate


def run(requests: AnnotationRequests, asker: Asker) -> Iterator[Answered[Annotation]]:
    """What came of each request, in their order."""
    return requests.asked_of(asker)


def requests_of(task: str, method: str, chosen: Params) -> AnnotationRequests:
    """What is asked about a method's texts, and then about the real ones."""
    described = load_task(task)
    accepted = list(files.read_records(paths.accepted_file(task, method), Text, "clean"))
    real = read_labelled(paths.test_file(task), described)
    batches = [
        *batches_of(accepted, described.names, chosen.annotate, real=False),
        *batches_of(real, described.names, chosen.annotate, real=True),
    ]
    sought = sought_in(described, read_table(paths.attributes_file(task)), chosen.annotate)
    return AnnotationRequests(batches, described.domain, Templates(paths.ANNOTATE_TEMPLATES), chosen.llm, sought)


def main(task: str, method: str, *, plan: bool = False) -> None:
    """Read, run, write; fail where too many requests came to nothing. Or say what it would ask."""
    chosen, ops, name = params.load(Params), check_before_paying(task).ops, f"annotations of {task}/{method}"
    requests = requests_of(task, method, chosen)
    with sources_for(Asking(task, name, chosen.llm, ops), optional=True) as sources:
        if plan:
            print(sources.forecast(requests))
            return
        found = list(run(requests, sources))
        useless, failed = came_to_nothing(found)
        sources.forget(useless)
    files.write_records(paths.annotations_file(task, method), (text for each in found for text in each.texts))
    counts = counted(found, chosen.llm, "annotated")
    files.write_json(paths.annotate_metrics(task, method), counts)
    tell_failed(name, len(found), failed, ops, f"annotate@{task}-{method}")
    shown = f"{counts['annotated']} of {counts['texts']} texts" if found else "nothing is asked, annotate.texts is 0"
    cli.say(f"{name}: {shown}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method", flags=("plan",))
