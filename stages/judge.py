"""Ask a model to judge texts: `python -m stages.judge --task TASK --method METHOD [--plan]`.

Paid. A judge (`judge.model`, else the model that writes) is shown some of the method's accepted texts and some real
ones, a few at a time and of all labels mixed, and says of each which labels a careful person would give it, how likely
each, and how real it looks. It is not told which label a text was given, by which method, or that people wrote some.
The wording is the same for all, so requests with real texts are the same for every method, and answered once. What the
judge says of real texts is held against the labels that people gave them: unless it agrees with them (`judge.kappa`)
nothing is made of the rest. If it does, `validate` has gates for it; no text is thrown out here. Where `judge.texts` is
0 nothing is asked. `--plan` says what a run would ask and cost, and sends nothing.

A text that nothing of use is said of has no verdict, with the reason. Where more requests than `ops.max_failed_share`
came to nothing the stage fails, and the next run asks for them alone. Without an endpoint it goes on with those answers
that are at hand.

Reads   data/tasks/<task>/task.yaml, test.jsonl
        data/attributes/<task>/attributes.yaml: what labels mean that task.yaml does not describe
        data/clean/<task>/<method>/accepted.jsonl
        data/templates/judge/
        data/recordings/<task>.jsonl: answers found there are those that the endpoint gave
Writes  data/judged/<task>/<method>.jsonl, one line a text that was shown
            real (whether it is of the test set), labels (the first: planned for), index (its place in its file), text
            chances         by label, from 0 to 1; where a text has one label they add up to 1; empty: no verdict
            realism, why    from 1 to 5, null where nothing of use is said; what gives away a text with 1 or 2
            reason          why there is no verdict: of `llm/chat` where there is no answer, else of `checks/numbered`
            key             of the answer, in the recordings or the store; "" where there is none
        data/metrics/judge/<task>/<method>.json
            asked: requests, prompt_tokens, completion_tokens, dollars, texts, judged, and the number of texts for each
            reason of no verdict; real: the same of the real texts, which are paid for once for all methods
            and what the verdicts come to: see `measures/judge`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import cli, files, params, paths, sections
from stages.core.judgements import Judge
from stages.core.records import Text
from stages.core.tasks import load_task, read_labelled
from stages.core.templates import Templates
from stages.design.judging import JudgeRequests, dealt
from stages.design.preflight import check_before_paying
from stages.design.showing import came_to_nothing, counted
from stages.design.table import described, read_table
from stages.llm.ask import Asking, sources_for
from stages.llm.failing import tell_failed
from stages.measures.judge import judged_scores

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.judgements import Judgement
    from stages.design.showing import Answered
    from stages.llm.chat import Asker


class Params(params.StageParams):
    """What changes the verdicts, and what they come to."""

    llm: sections.Llm
    judge: Judge
    evaluate: sections.Evaluate


def run(requests: JudgeRequests, asker: Asker) -> Iterator[Answered[Judgement]]:
    """What came of each request, in their order."""
    return requests.asked_of(asker)


def requests_of(task: str, method: str, chosen: Params) -> JudgeRequests:
    """What is asked about a method's texts, and then about the real ones."""
    whole = described(load_task(task), read_table(paths.attributes_file(task)).definitions)
    accepted = list(files.read_records(paths.accepted_file(task, method), Text, "clean"))
    real = read_labelled(paths.test_file(task), whole)
    batches = [*dealt(accepted, whole, chosen.judge, real=False), *dealt(real, whole, chosen.judge, real=True)]
    templates, llm = Templates(paths.JUDGE_TEMPLATES), chosen.judge.asked(chosen.llm)
    return JudgeRequests(batches, whole.domain, templates, llm, whole, chosen.judge.labels)


def main(task: str, method: str, *, plan: bool = False) -> None:
    """Read, run, write; fail where too many requests came to nothing. Or say what it would ask."""
    chosen, ops, name = params.load(Params), check_before_paying(task).ops, f"verdicts on {task}/{method}"
    requests = requests_of(task, method, chosen)
    with sources_for(Asking(task, name, requests.llm, ops), optional=True) as sources:
        if plan:
            print(sources.forecast(requests))
            return
        found = list(run(requests, sources))
        useless, failed = came_to_nothing(found)
        sources.forget(useless)
    said = [text for each in found for text in each.texts]
    files.write_records(paths.judged_file(task, method), said)
    counts = counted(found, requests.llm, "judged")
    scores = judged_scores(said, requests.task.names, chosen.judge, chosen.evaluate)
    files.write_json(paths.judge_metrics(task, method), {"asked": counts, **scores})
    tell_failed(name, len(found), failed, ops, f"judge@{task}-{method}")
    shown = f"{counts['judged']} of {counts['texts']} texts; {scores['told']}"
    cli.say(f"{name}: {shown if found else 'nothing is asked, judge.texts is 0'}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method", flags=("plan",))
