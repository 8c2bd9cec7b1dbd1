"""The first texts of a plan: the requests that the run asks first, so that it finds them answered."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from stages.checks.completions import NoText, read_texts
from stages.checks.reports import Reported, read_reports
from stages.core import paths
from stages.core.templates import Templates
from stages.design.prompting import prompts_for
from stages.design.rounds import ask_in_rounds, rehearsed
from stages.llm.ask import Asking, sources_for
from stages.llm.chat import NoAnswer
from stages.tasks.screen import Shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.core.params import Everything
    from stages.core.records import PlannedText, Prompt
    from stages.design.prompting import Material
    from stages.design.rounds import Asked
    from stages.llm.ask import Sources
    from stages.llm.forecast import Forecast

TEXTS = 3  # shown of each label


def requests_a_label(everything: Everything) -> int:
    """Whole requests of each label: what a request says depends on how many texts it asks for."""
    wanted = min(TEXTS, everything.prompts.per_label)
    return -(-wanted // everything.prompts.texts_per_request)


def first_prompts(everything: Everything, material: Material, method: str) -> list[Prompt]:
    """The first requests of the plan of a method, as stage `prompts` plans them, the labels in turn."""
    plan = prompts_for(material, everything.methods[method], everything.prompts, Templates(paths.METHOD_TEMPLATES))
    return list(islice(plan, requests_a_label(everything) * len(material.task.labels)))


def forecast_first(everything: Everything, material: Material, method: str) -> Forecast:
    """What asking for them would cost. Sends nothing."""
    with _sources(everything, material, method) as sources:
        prompts = first_prompts(everything, material, method)
        return sources.forecast(rehearsed(prompts, everything.llm, sources.at_hand))


def ask_first(everything: Everything, material: Material, method: str) -> dict[str, list[Shown]]:
    """The first texts of each label; asks for answers that are not at hand.

    Raises:
        AskingError: the model could not be asked. What was answered is kept.
    """
    found: dict[str, list[Shown]] = {name: [] for name in material.task.names}
    with _sources(everything, material, method) as sources:
        for each in ask_in_rounds(first_prompts(everything, material, method), everything.llm, sources):
            found[each.prompt.label] += _shown(each)
    return {name: texts[:TEXTS] for name, texts in found.items()}


def _sources(everything: Everything, material: Material, method: str) -> Sources:
    # At once and never in a batch: somebody waits for them.
    ops = everything.ops.model_copy(update={"transport": "direct"})
    return sources_for(Asking(material.task.slug, f"preview of {material.task.slug}/{method}", everything.llm, ops))


def _shown(asked: Asked) -> Iterator[Shown]:
    rows, outcome = asked.prompt.rows, asked.outcome
    if outcome is None or isinstance(outcome, NoAnswer):
        why = f"{outcome.reason}: {outcome.why}" if outcome else ""
        yield from (Shown("", _values(row), why) for row in rows)
        return
    for row, text in zip(rows, _texts(asked.prompt, outcome.completion or ""), strict=True):
        if isinstance(text, NoText):
            yield Shown("", _values(row), text.value)
        elif isinstance(text, Reported):
            yield Shown(text.text, {**_values(row), **text.values})
        else:
            yield Shown(text, _values(row), "" if text else "empty")


def _texts(prompt: Prompt, completion: str) -> Sequence[str | Reported | NoText]:
    if prompt.report:
        return read_reports(completion, len(prompt.rows), prompt.report.spreads)
    return read_texts(completion, len(prompt.rows), as_json=prompt.as_json)


def _values(row: PlannedText) -> dict[str, str]:
    return {**row.attributes, **({"also": ", ".join(row.also)} if row.also else {})}
