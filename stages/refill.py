"""Ask for more where texts were rejected: `python -m stages.refill --task TASK --method METHOD [--plan]`.

Paid. Judges the completions as `clean` does, and asks for requests of the plan's reserve for the labels that lack
texts, in rounds (with `ops.transport: batch` each is a batch), until each has the `prompts.per_label` texts that were
planned or its reserve is used up: see `design/reserve`. Where nothing is lacking nothing is asked, and no key is
needed. Answers are looked for, kept and asked for again as in `generate`. Where some are missing and no endpoint is
set, it goes on with what is there and says so: the gates judge that. There is no reserve where values are reported or
texts imported.

`--plan` says what a run would ask now, and at most, if all these texts were rejected too; it sends nothing.

Reads   data/tasks/<task>/task.yaml, test.jsonl
        data/prompts/<task>/<method>.jsonl
        data/generated/<task>/<method>.jsonl
        data/metrics/generate/<task>/<method>.json: what these cost
        data/recordings/<task>.jsonl: answers found there are those that the endpoint gave
Writes  data/refilled/<task>/<method>.jsonl: what is in generated, and then, in the order in which they were asked for,
            the completions of the reserve, likewise, with reserve: true
        data/metrics/refill/<task>/<method>.json
            as in the metrics of `generate`, of all completions
            labels: of each label of which texts were rejected: asked (requests of the reserve), texts (in them),
            accepted (of these), lacking (in the end), reasons (of all rejected texts of the label, with their number)
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stages.checks.judging import Judging
from stages.core import cli, files, params, paths, sections
from stages.core.records import Generated, Prompt
from stages.core.tasks import load_task, read_labelled
from stages.design.preflight import check_before_paying
from stages.design.reserve import PartOfPlan, Reachable, Refill
from stages.design.shortage import told
from stages.llm.ask import Asking, sources_for
from stages.llm.failing import tell_failed
from stages.llm.prices import Prices
from stages.llm.requests import PromptRequests
from stages.llm.spending import Spending

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stages.llm.chat import Asker


class Params(params.StageParams):
    """What changes which completions there are."""

    llm: sections.Llm
    clean: sections.Clean


def run(generated: Iterable[Generated], refill: Refill, chosen: Params, asker: Asker) -> Iterator[Generated]:
    """The completions that are there, and those of the reserve that their texts make necessary."""
    return refill.run(generated, chosen.llm, Prices(chosen.llm.model, chosen.llm.price_per_million), asker)


def main(task: str, method: str, *, plan: bool = False) -> None:
    """Read, run, write; fail where too many requests came to nothing. Or say what it would ask."""
    chosen, ops, description = params.load(Params), check_before_paying(task).ops, load_task(task)
    name, cell = f"{task}/{method}", f"refill@{task}-{method}"
    generated = files.read_records(paths.generated_file(task, method), Generated, "generate")
    prompts = files.Records(paths.prompts_file(task, method), Prompt, "prompts")
    reserve = PartOfPlan(prompts, reserve=True)
    test_texts = (row.text for row in read_labelled(paths.test_file(task), description))
    refill, failed = Refill(Judging(description, chosen.clean, test_texts), reserve), Counter[str]()
    spent = Spending.of_metrics(files.read_json(paths.generate_metrics(task, method), "generate"))
    with sources_for(Asking(task, f"{name} (reserve)", chosen.llm, ops)) as sources:
        completions = run(generated, refill, chosen, Reachable(sources, rehearsal=plan))
        if plan:
            for _ in completions:
                pass
            known = PromptRequests(prompts, chosen.llm)
            for said, then in (("", refill.unreached), ("at most: ", refill.most())):
                told_of = sources.forecast(PromptRequests([*refill.asked, *then], chosen.llm), known)
                print(f"{said}{told_of}")
            return
        with files.writing_records(paths.refilled_file(task, method)) as write:
            for each in completions:
                write(each)
                if each.reserve:
                    spent.add(each)
                    failed.update([each.finish_reason] if each.failed else [])
    files.write_json(paths.refill_metrics(task, method), {**spent.as_json(), "labels": refill.as_json()})
    for line in told(refill, ops, cell):
        cli.say(f"{name}: {line}")
    tell_failed(f"{name} (reserve)", spent.cost.requests, failed, ops, cell)


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method", flags=("plan",))
