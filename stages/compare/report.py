"""The comparison for people: what each method got and scored, and which of them can be told apart. Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core.errors import ArtifactError
from stages.measures.differences import differences, how_compared, pair_table
from stages.measures.summary import markdown_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.compare.afford import Afforded
    from stages.compare.bills import Bill, Budget
    from stages.compare.experiments import Result
    from stages.core.sections import Evaluate

_LITTLE = 0.9  # of the budget: a method that spends less is told


def report(
    task: str,
    budget: Budget,
    found: Sequence[Afforded],
    *,
    results: Mapping[str, Result],
    students: Sequence[str],
    labels: Sequence[str],
    settings: Evaluate,
    with_attributes: bool,
) -> str:
    """Both tables and what has to be known to read them.

    Args:
        task: Its name.
        budget: Of each method.
        found: What each method got for it, in the order of the rows.
        results: By method, what became of it.
        students: In the order of the columns.
        labels: All labels of the task.
        settings: Of the intervals.
        with_attributes: Whether finding the attributes is paid for out of the budget.

    Raises:
        ArtifactError: experiments do not fit together.
    """
    header = ["method", "texts a label", "accepted", "requests", "tokens", "dollars", "attributes, tokens"]
    header += ["attributes, dollars", *(f"macro-F1, {each}" for each in students)]
    rows = [_row(each, results[each.method], students) for each in found]
    counts = "counted in" if with_attributes else "not counted in"
    parts = [
        f"### {task}: {budget} a method",
        markdown_table(header, rows, 1),
        "\n".join(_notes(budget, found, with_attributes=with_attributes)),
        f"Finding the attributes is {counts}. Intervals: {settings.confidence:.0%} bootstrap over the test texts.",
    ]
    if len(found) > 1:
        predictions = {each.method: results[each.method].predictions for each in found}
        pairs = differences(predictions, labels, settings)
        texts = len(predictions[found[0].method][students[0]].actual)
        parts += [markdown_table(*pair_table(pairs), 3), how_compared(pairs, texts, settings)]
    return "\n\n".join(each for each in parts if each)


def _row(found: Afforded, result: Result, students: Sequence[str]) -> list[str]:
    if result.summary["tokens"] != found.texts.tokens:
        raise ArtifactError(
            f"{result.name}: was made from answers of {result.summary['tokens']:,} tokens, and those at hand now have "
            f"{found.texts.tokens:,}; dvc exp remove {result.name}, and compare again"
        )
    scores = [result.summary[each] for each in students]
    return [
        found.method,
        f"{found.per_label}",
        f"{result.summary['accepted']:,}",
        f"{found.texts.requests:,}",
        *_spent(found.texts),
        *_spent(found.attributes),
        *(f"{each['macro_f1']:.3f} ({each['macro_f1_low']:.3f} to {each['macro_f1_high']:.3f})" for each in scores),
    ]


def _spent(bill: Bill) -> list[str]:
    return [f"{bill.tokens:,}", "" if bill.dollars is None else f"{bill.dollars:.4f}"]


def _notes(budget: Budget, found: Sequence[Afforded], *, with_attributes: bool) -> list[str]:
    """Who spends clearly less than the budget, and why: what stands in its row is no comparison at equal cost."""
    notes = list[str]()
    for each in found:
        share = budget.of(each.texts + each.attributes if with_attributes else each.texts) / budget.amount
        if share < _LITTLE:
            why = "no more texts were looked at; raise MOST" if each.more else "one request a label more is too much"
            notes.append(f"- {each.method} spends {share:.0%} of the budget: {why}.")
    return notes
