"""The gates: what a generated set must be like before anything trains on it, as Great Expectations suites.

Three tables are looked at: the texts; the labels, with how many texts each has; the attribute values, with how many
texts of each label have them. Each gate is one expectation on one of them, so that what fails it is a row with a name:
a label, or a value of an attribute of a label.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stages.checks.frames import labels_frame, texts_frame, values_frame

# Read when the package is imported: it would otherwise report each use to its makers, and wait for a network.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import great_expectations.expectations as expect
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from great_expectations.expectations.expectation import Expectation

    from stages.checks.frames import Values
    from stages.core.files import Json
    from stages.core.lengths import WordRange
    from stages.core.records import Rejected, Text
    from stages.core.sections import Validation


_ROWS_SHOWN = 10
_TABLES = ("texts", "labels", "values")


@dataclass(frozen=True, slots=True)
class Gate:
    """One expectation.

    Attributes:
        name: What people call it.
        table: Which of the three tables it is about.
        limit: What is expected, in words.
        expectation: The same for Great Expectations.
    """

    name: str
    table: str
    limit: str
    expectation: Expectation


def check_gates(
    accepted: Sequence[Text],
    rejected: Sequence[Rejected],
    labels: Sequence[str],
    values: Values,
    words: WordRange,
    *,
    limits: Validation,
    multilabel: bool = False,
) -> list[Json]:
    """Hold a set of texts against the gates.

    Args:
        accepted: The texts.
        rejected: The planned texts that did not become one of them.
        labels: The task's labels.
        values: By attribute and label, all the values that the texts of the label should have between them.
        words: The task's range of words.
        limits: `validation:` of params.yaml.
        multilabel: Whether a text may have several labels.

    Returns:
        For each gate: gate, table, limit, passed, checked (rows), failed (rows), worst (at most ten of them: label,
        attribute and value where they have one, and what was found).
    """
    frames = {
        "texts": texts_frame(accepted, labels),
        "labels": labels_frame(accepted, rejected, labels),
        "values": values_frame(accepted, values),
    }
    gates = list(_gates(labels, words, limits, with_values=bool(values), multilabel=multilabel))
    results = _validate(frames, gates)
    return [_result(gate, result, frames[gate.table]) for gate, result in zip(gates, results, strict=True)]


def _gates(
    labels: Sequence[str], words: WordRange, limits: Validation, *, with_values: bool, multilabel: bool
) -> Iterator[Gate]:
    yield Gate("not_empty", "texts", "at least one text", expect.ExpectTableRowCountToBeBetween(min_value=1))
    for column in ("text", "label"):
        yield Gate("no_nulls", "texts", f"every {column} is there", expect.ExpectColumnValuesToNotBeNull(column=column))
    yield Gate(
        "label_vocabulary",
        "texts",
        "labels of task.yaml only",
        expect.ExpectColumnValuesToBeInSet(column="label", value_set=list(labels)),
    )
    if multilabel:
        known = "labels beside a text's own are of task.yaml too, and each is there once"
        yield Gate("label_sets", "texts", known, expect.ExpectColumnValuesToBeNull(column="strange"))
    yield Gate("uniqueness", "texts", "no text twice", expect.ExpectColumnValuesToBeUnique(column="plain"))
    yield Gate(
        "length",
        "texts",
        f"at least {limits.in_length:.0%} of the texts have {words}",
        expect.ExpectColumnValuesToBeBetween(
            column="words", min_value=words.low, max_value=words.high, mostly=limits.in_length
        ),
    )
    yield Gate(
        "label_quota",
        "labels",
        f"each label has at least {limits.quota_share:.0%} of its planned texts",
        expect.ExpectColumnValuesToBeBetween(column="quota_share", min_value=limits.quota_share),
    )
    yield Gate(
        "class_balance",
        "labels",
        f"each label has at least {limits.balance:.0%} of the texts of the fullest",
        expect.ExpectColumnValuesToBeBetween(column="balance", min_value=limits.balance),
    )
    if with_values:
        yield Gate(
            "attribute_coverage",
            "values",
            f"at least {limits.coverage:.0%} of the values have {limits.texts_per_value} or more texts of their label",
            expect.ExpectColumnValuesToBeBetween(
                column="texts", min_value=limits.texts_per_value, mostly=limits.coverage
            ),
        )


def _validate(frames: Mapping[str, pd.DataFrame], gates: Sequence[Gate]) -> list[Any]:
    """Great Expectations' result for each gate, in their order: one suite for each table."""
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    source = context.data_sources.add_pandas("set")
    results: dict[int, Any] = {}
    for table in _TABLES:
        numbers = [number for number, gate in enumerate(gates) if gate.table == table]
        if not numbers:
            continue
        suite = gx.ExpectationSuite(name=table)
        for number in numbers:
            gates[number].expectation.meta = {"gate": number}
            suite.add_expectation(gates[number].expectation)
        batch = source.add_dataframe_asset(table).add_batch_definition_whole_dataframe("whole")
        definition = gx.ValidationDefinition(name=table, data=batch, suite=context.suites.add(suite))
        outcome = context.validation_definitions.add(definition).run(
            batch_parameters={"dataframe": frames[table]}, result_format={"result_format": "COMPLETE"}
        )
        for result in outcome.results:
            config: Any = result.expectation_config
            results[config.meta["gate"]] = result
    return [results[number] for number in range(len(gates))]


def _result(gate: Gate, result: Any, frame: pd.DataFrame) -> Json:
    if result.exception_info and result.exception_info.get("raised_exception"):
        raise RuntimeError(f"gate {gate.name}: {result.exception_info.get('exception_message')}")
    failed = list(result.result.get("unexpected_index_list") or [])
    column = getattr(gate.expectation, "column", None)
    return {
        "gate": gate.name,
        "table": gate.table,
        "limit": gate.limit,
        "passed": bool(result.success),
        "checked": len(frame),
        "failed": len(failed) if column else int(not result.success),
        "worst": _worst(frame, failed, column),
    }


def _worst(frame: pd.DataFrame, failed: Sequence[int], column: str | None) -> list[Json]:
    """The rows that failed, those with the smallest number first, each with its names and what was found in it."""
    rows = frame.loc[list(failed)]
    if column and pd.api.types.is_numeric_dtype(rows[column]):
        rows = rows.sort_values(column, kind="stable")
    names = [name for name in ("label", "attribute", "value", "index") if name in rows]
    found = "text" if column == "plain" else column or ""
    return [
        {"found": each.get(found), **{name: each[name] for name in names if name != found}}
        for each in rows.head(_ROWS_SHOWN).to_dict("records")
    ]
