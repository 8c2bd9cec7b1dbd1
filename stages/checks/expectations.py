"""Gates as Great Expectations suites: run, and read back with the rows that did not pass."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stages.checks.text_frames import shown

# Read when the package is imported: it would otherwise report each use to its makers, and wait for a network.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from great_expectations.expectations.expectation import Expectation

    from stages.core.files import Json
    from stages.core.gates import Severity

_ROWS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Gate:
    """One expectation.

    Attributes:
        name: What people call it.
        table: Which of the tables it is about.
        limit: What is expected, in words.
        expectation: The same for Great Expectations.
        severity: Whether texts that do not pass it stop the run, or are told of.
    """

    name: str
    table: str
    limit: str
    expectation: Expectation
    severity: Severity = "fail"


def run_gates(frames: Mapping[str, pd.DataFrame], gates: Sequence[Gate]) -> list[Json]:
    """Hold tables against gates: one suite a table.

    Returns:
        For each gate: gate, table, limit, severity, passed, checked (rows), failed (rows), worst (at most ten of them:
        label, attribute and value or reason where they have one, text, and what was found).
    """
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    source = context.data_sources.add_pandas("set")
    results: dict[int, Any] = {}
    for table, frame in frames.items():
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
            batch_parameters={"dataframe": frame}, result_format={"result_format": "COMPLETE"}
        )
        for result in outcome.results:
            config: Any = result.expectation_config
            results[config.meta["gate"]] = result
    return [_result(gate, results[number], frames[gate.table]) for number, gate in enumerate(gates)]


def _result(gate: Gate, result: Any, frame: pd.DataFrame) -> Json:
    if result.exception_info and result.exception_info.get("raised_exception"):
        raise RuntimeError(f"gate {gate.name}: {result.exception_info.get('exception_message')}")
    failed = list(result.result.get("unexpected_index_list") or [])
    column = getattr(gate.expectation, "column", None)
    return {
        "gate": gate.name,
        "table": gate.table,
        "limit": gate.limit,
        "severity": gate.severity,
        "passed": bool(result.success),
        "checked": len(frame),
        "failed": len(failed) if column else int(not result.success),
        "worst": _worst(gate, frame, failed, column),
    }


def _worst(gate: Gate, frame: pd.DataFrame, failed: Sequence[int], column: str | None) -> list[Json]:
    """The rows that failed, the worst first, each with its names and what was found in it.

    The worst are those farthest from the limit: the smallest where there is a least, the largest where there is a most
    alone, or where a finding has a number of its own (`<column>_by`).
    """
    rows = frame.loc[list(failed)]
    if f"{column}_by" in rows:
        rows = rows.sort_values(f"{column}_by", kind="stable", ascending=False)
    elif column and pd.api.types.is_numeric_dtype(rows[column]):
        rows = rows.sort_values(
            column, kind="stable", ascending=getattr(gate.expectation, "min_value", None) is not None
        )
    found = "text" if column == "plain" else column or ""
    names = [name for name in ("label", "attribute", "value", "reason", "index") if name in rows and name != found]
    worst: list[Json] = []
    for each in rows.head(_ROWS_SHOWN).to_dict("records"):
        row = {"found": shown(each[found]) if isinstance(each.get(found), str) else each.get(found)}
        row |= {name: each[name] for name in names}
        if found != "text" and isinstance(each.get("text"), str):
            row["text"] = shown(each["text"])
        worst.append(row)
    return worst
