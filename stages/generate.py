"""Ask the model for the texts: `python -m stages.generate --task TASK --method METHOD`.

Paid. Each request is looked for in the task's recordings, then in the store, then asked of the endpoint; nothing that
was answered once is asked again. Completions are written as they came: what is made of them is the business of `clean`,
which is free. A request that got no answer is not written; the stage then fails (above `generate.unanswered_share`),
and the next run asks for it again, alone. A request that the endpoint rejects as such is written as rejected.

Reads   data/prompts/<task>/<method>.jsonl
        data/recordings/<task>.jsonl: answers found there are those that the endpoint gave
Writes  data/generated/<task>/<method>.jsonl, one line a request, in the order of the prompts
            label, rows, as_json            as in the prompts
            key                             of the answer, in the recordings or the store; "" where it was rejected
            completion                      as it came; null where there is none
            finish_reason                   as the endpoint gave it; "rejected" where it rejects such a request
            prompt_tokens, completion_tokens, dollars (null where no price is known)
        data/metrics/generate/<task>/<method>.json
            requests, prompt_tokens, completion_tokens, dollars, unanswered
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from stages.core import cli, files, params, paths, sections
from stages.core.errors import RequestsFailedError
from stages.core.records import Generated, Prompt
from stages.design.preflight import check_before_paying
from stages.llm.ask import sources_for
from stages.llm.chat import STRING, Answer, ChatRequest, NoAnswer, format_for, list_schema, object_schema
from stages.llm.prices import Prices, total_cost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stages.llm.chat import Asker

_TEXTS = object_schema(texts=list_schema(STRING))


class Params(params.StageParams):
    """What changes the completions."""

    llm: sections.Llm
    generate: sections.Generate


def run(prompts: Iterable[Prompt], chosen: Params, asker: Asker) -> Iterator[Generated]:
    """What came back for each prompt, in their order. `prompts` is iterated over more than once.

    Raises:
        RequestsFailedError: after the last one, where too many requests got no answer.
    """
    prices = Prices(chosen.llm.model, chosen.llm.price_per_million)
    unanswered, total = list[str](), 0
    requests = _Requests(prompts, chosen.llm)
    for total, (prompt, request, outcome) in enumerate(zip(prompts, requests, asker.ask(requests), strict=True), 1):  # noqa: B007
        if isinstance(outcome, NoAnswer) and not outcome.rejected:
            unanswered.append(f"{prompt.label}, texts {prompt.rows[0].index} to {prompt.rows[-1].index}: {outcome.why}")
        else:
            yield _generated(prompt, request, outcome, prices)
    if len(unanswered) > chosen.generate.unanswered_share * total:
        shown = "".join(f"\n  {each}" for each in unanswered[:10])
        raise RequestsFailedError(
            f"{len(unanswered)} of {total} requests got no answer; the others are kept, and the next run "
            "asks for these alone. To go on without them, raise generate.unanswered_share in "
            f"params.yaml:{shown}"
        )


class _Requests:
    """The prompts as requests, made anew each time they are gone through, so that none has to stay in memory."""

    def __init__(self, prompts: Iterable[Prompt], llm: sections.Llm) -> None:
        self._prompts, self._llm = prompts, llm

    def __iter__(self) -> Iterator[ChatRequest]:
        form = format_for(self._llm.response_format, "texts", _TEXTS)
        for each in self._prompts:
            yield ChatRequest(
                self._llm.model, each.messages, self._llm.sampling, form if each.as_json else None, each.sample
            )


def _generated(prompt: Prompt, request: ChatRequest, outcome: Answer | NoAnswer, prices: Prices) -> Generated:
    if isinstance(outcome, NoAnswer):
        return Generated(prompt.label, prompt.rows, prompt.as_json, "", None, "rejected", 0, 0, prices.dollars(0, 0))
    tokens = (outcome.prompt_tokens, outcome.completion_tokens)
    return Generated(
        prompt.label,
        prompt.rows,
        prompt.as_json,
        request.key,
        outcome.completion,
        outcome.finish_reason,
        *tokens,
        prices.dollars(*tokens),
    )


def main(task: str, method: str) -> None:
    """Read, run, write."""
    chosen = params.load(Params)
    ops = check_before_paying(task)
    path, prompts = (
        paths.generated_file(task, method),
        files.Records(paths.prompts_file(task, method), Prompt, "prompts"),
    )
    with sources_for(paths.recordings_file(task), ops, f"{task}/{method}") as sources:
        files.write_records(path, run(prompts, chosen, sources))
    written = files.read_records(path, Generated, "generate")
    cost = total_cost(asdict(each) for each in written)
    unanswered = sum(1 for _ in prompts) - int(cost["requests"] or 0)
    files.write_json(paths.generate_metrics(task, method), {**cost, "unanswered": unanswered})


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method")
