"""Ask the model for the texts: `python -m stages.generate --task TASK --method METHOD [--plan]`.

Paid. All but the reserve of the plan is asked for. Each request is looked for in the task's recordings, then in the
store, then asked of the endpoint; nothing that was answered once is asked again. Completions are written as they came:
what is made of them is the business of `clean`, which is free. A request that came to nothing is written too, with the
reason; where there are more of them than `ops.max_failed_share` the stage fails, and the next run asks for them alone.
`--plan` says what a run would ask and cost, and sends nothing. Imported texts are passed on as they are: nothing is
asked for them, and no key is needed.

Where the model reports which values its texts have, requests go out in rounds (with `ops.transport: batch` each is a
batch), and say what was missing in the rounds before. Those of a label wait for the next run where an answer
is missing.

Reads   data/prompts/<task>/<method>.jsonl
        data/recordings/<task>.jsonl: answers found there are those that the endpoint gave
Writes  data/generated/<task>/<method>.jsonl, one line a request, in the order of the prompts
            label, rows, as_json, sample, report    as in the prompts
            key                             of the answer, in the recordings or the store; "" where there is none
            completion                      as it came; null where there is none; an imported text itself
            finish_reason                   as the endpoint gave it; where there is no answer, why (see `llm/chat`);
                                            "imported" (an imported text has no key either, and nothing failed)
            prompt_tokens, completion_tokens, dollars (null where no price is known; of an imported text 0, 0, null:
                                            nothing was asked here, and what it cost where it was made is not known)
            model, fingerprint, request_id, answered_at     as the endpoint and the clock gave them; null where unknown
        data/metrics/generate/<task>/<method>.json
            requests, prompt_tokens, completion_tokens, dollars, and the number of requests for each reason of no answer
            imported: the number of imported texts, where there are any; then requests is 0 and dollars null
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import cli, files, params, paths, sections
from stages.core.records import Prompt
from stages.design.preflight import check_before_paying
from stages.design.reserve import PartOfPlan
from stages.design.rounds import ask_in_rounds, rehearsed
from stages.llm.ask import Asking, sources_for
from stages.llm.failing import tell_failed
from stages.llm.prices import Prices
from stages.llm.spending import Spending

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stages.core.records import Generated
    from stages.llm.chat import Asker


class Params(params.StageParams):
    """What changes the completions."""

    llm: sections.Llm


def run(prompts: Iterable[Prompt], chosen: Params, asker: Asker) -> Iterator[Generated]:
    """What came of each prompt, in their order. `prompts` is iterated over more than once."""
    prices = Prices(chosen.llm.model, chosen.llm.price_per_million)
    return (each.record(prices) for each in ask_in_rounds(prompts, chosen.llm, asker))


def main(task: str, method: str, *, plan: bool = False) -> None:
    """Read, run, write; fail where too many requests came to nothing. Or say what it would ask."""
    chosen, ops = params.load(Params), check_before_paying(task).ops
    prompts = PartOfPlan(files.Records(paths.prompts_file(task, method), Prompt, "prompts"))
    spent = Spending()
    with sources_for(Asking(task, f"{task}/{method}", chosen.llm, ops)) as sources:
        if plan:
            print(sources.forecast(rehearsed(prompts, chosen.llm, sources.at_hand)))
            return
        with files.writing_records(paths.generated_file(task, method)) as write:
            for each in run(prompts, chosen, sources):
                write(each)
                spent.add(each)
    files.write_json(paths.generate_metrics(task, method), spent.as_json())
    if spent.imported:
        cli.say(f"{task}/{method}: {spent.imported:,} imported texts passed on, nothing is asked")
    tell_failed(f"{task}/{method}", spent.cost.requests, spent.failed, ops, f"generate@{task}-{method}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method", flags=("plan",))
