"""The verdict of the gates: as a record for `train`, as a table for the terminal, as a page to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core.errors import ArtifactError, GateError
from stages.core.files import file_sha256

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stages.core.files import Json


def verdict_of(results: Sequence[Json], accepted: Path) -> Json:
    """What is written for `train`: whether all gates that stop it passed, for exactly which file, and all results."""
    stopping = sum(_severity(each) == "fail" for each in failures(results))
    return {
        "passed": not stopping,
        "gates": len(results),
        "failed": stopping,
        "warned": len(failures(results)) - stopping,
        "sha256": file_sha256(accepted),
        "results": list(results),
    }


def failures(results: Sequence[Json]) -> list[Json]:
    """The gates that were not passed, those that stop the run first."""
    return sorted((each for each in results if not each["passed"]), key=_severity)


def must_have_passed(verdict: Json, accepted: Path) -> None:
    """See that the texts in `accepted` may be trained on.

    Raises:
        GateError: they failed a gate.
        ArtifactError: the verdict is about other texts.
    """
    if not verdict["passed"]:
        raise GateError(
            f"{accepted}: these texts failed {verdict['failed']} of {verdict['gates']} gates, so nothing trains "
            "on them; the page under data/validation says which"
        )
    if verdict["sha256"] != file_sha256(accepted):
        raise ArtifactError(
            f"{accepted}: is not the file that the gates passed; run dvc repro, which validates it first"
        )


def _severity(result: Json) -> str:
    return str(result.get("severity", "fail"))


def table_of_failures(results: Sequence[Json]) -> str:
    """What was not passed, by how much, and for which label or value, as lines for a terminal; warnings last."""
    lines = list[str]()
    for each in failures(results):
        mark = "warning: " if _severity(each) == "warn" else ""
        lines.append(f"  {mark}{each['gate']}: wanted {each['limit']}; {counted(each)}")
        lines += [f"      {found_in(row)}" for row in each["worst"]]
        if each["failed"] > len(each["worst"]) > 0:
            lines.append(f"      and {each['failed'] - len(each['worst'])} more")
    return "\n".join(lines)


def counted(result: Json) -> str:
    """How many rows are as a gate does not want them, in words."""
    rows = f"{result['failed']} of {result['checked']} {result['table']}"
    return f"{rows} do not" if not str(result["limit"]).startswith("at most") else f"found {rows}"


def found_in(row: Json) -> str:
    """One row that failed a gate, in words: which one, what was found, and the text if it is one."""
    name = " / ".join(
        f"{key} {row[key]}" for key in ("label", "attribute", "value", "reason", "index") if row.get(key) is not None
    )
    found = row["found"]
    told = f"{name}: found {f'{found:.3g}' if isinstance(found, float) else repr(found)}"
    return f"{told} in {row['text']!r}" if "text" in row else told
