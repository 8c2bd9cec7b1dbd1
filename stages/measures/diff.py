"""What moved between two revisions, as Markdown for a pull request: params first, then metrics.

    python -m stages.measures.diff main HEAD        two revisions, from Git alone: no data are pulled
    python -m stages.measures.diff main             a revision and the working tree

A task that only one of them has in its grid is named, and has no rows; so is a method or a student of one. Rows come in
a fixed order. A number that left the interval of the old one is in bold: what stays inside may be noise.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from stages.core import paths
from stages.core.params import PARAMS
from stages.measures.summary import markdown_table, students_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from stages.core.files import Json

Flat = dict[tuple[str, ...], Any]

_NONE = "-"
_DIGITS = 4  # a test set that could tell more has a hundred million texts
_INTERVAL = ("_low", "_high")  # endings of keys that are shown with their score and not in a row of their own


def difference(old: Json, new: Json, old_params: Json, new_params: Json, names: tuple[str, str]) -> str:
    """The report on two summaries (see `measures/summary`) and the params that they were made with.

    Args:
        old: The summary of the first revision; empty where it has none.
        new: Of the second.
        old_params: The whole of params.yaml of the first revision.
        new_params: Of the second.
        names: What the two are called.
    """
    gone = dict.fromkeys(old.keys() - new.keys(), names[1]) if new else {}
    come = dict.fromkeys(new.keys() - old.keys(), names[0]) if old else {}
    lacking = [f"Task {task} is not in the grid of {where}." for task, where in sorted({**gone, **come}.items())]
    old, new = ({task: each for task, each in side.items() if task not in gone | come} for side in (old, new))
    only = [sorted(_missing(one, other)) if old and new else [] for one, other in ((old, new), (new, old))]
    lacking += [
        f"Only in {name}: {', '.join(map('/'.join, each))}." for name, each in zip(names, only, strict=True) if each
    ]
    params = [(".".join(key), *(_shown(each) for each in pair)) for key, *pair in _pairs(old_params, new_params)]
    # A method's own figures come before those of its students, for "" sorts first.
    known, apart = _flat(old), {each for side in only for each in side}
    metrics = sorted(
        row
        for key, *pair in _pairs(old, new)
        if apart.isdisjoint((key[:2], key[:3])) and (row := _metric(key, pair[0], pair[1], known))
    )
    parts = ["### Parameters", markdown_table(("parameter", *names), params, 3) if params else "No parameter changed."]
    columns = ("task", "method", "student", "metric", *names, "change")
    parts += ["### Metrics", markdown_table(columns, metrics, 4) if metrics else "No metric moved.", *lacking]
    if any("**" in cell for row in metrics for cell in row):
        parts.append(f"Bold: outside the interval that it had in {names[0]}.")
    return "\n\n".join(parts)


def _missing(one: Json, other: Json) -> Iterator[tuple[str, ...]]:
    """Methods, and students of methods, of tasks of both, that one summary has and the other has not."""
    for task, methods in one.items():
        for method, each in methods.items():
            if method not in other[task]:
                yield task, method
            elif isinstance(each, dict):
                yield from ((task, method, name) for name in students_of(each) if name not in other[task][method])


def _pairs(old: Json, new: Json) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Each key whose values differ, with both of them, in the order of the keys; None where there is none."""
    first, second = _flat(old), _flat(new)
    for key in sorted(first.keys() | second.keys()):
        if first.get(key) != second.get(key):
            yield key, first.get(key), second.get(key)


def _flat(tree: Mapping[str, Any], above: tuple[str, ...] = ()) -> Flat:
    flat: Flat = {}
    for key, value in tree.items():
        here = (*above, str(key))
        flat |= _flat(value, here) if isinstance(value, dict) and value else {here: value}
    return flat


def _metric(key: tuple[str, ...], old: Any, new: Any, all_old: Flat) -> tuple[str, ...] | None:
    """A row: task, method, student (empty for what is the method's), metric, old, new, change."""
    *place, metric = key
    if metric.endswith(_INTERVAL):
        return None
    if _score(old) == _score(new):
        return None
    change = f"{round(new - old, _DIGITS):+.6g}" if old is not None and new is not None else _NONE
    low, high = (all_old.get((*place, metric + each)) for each in _INTERVAL)
    if None not in (low, high, new) and not low <= new <= high:
        change = f"**{change}**"
    return (*place, *[""] * (3 - len(place)), metric, _score(old), _score(new), change)


def _shown(value: Any) -> str:
    if value is None:
        return _NONE
    return ", ".join(map(str, value)) or "[]" if isinstance(value, list) else str(value)


def _score(value: Any) -> str:
    return _shown(round(value, _DIGITS) if isinstance(value, float) else value)


def _of(path: Path, revision: str | None, show: Any) -> Json:
    """What `dvc.api` shows of a file at a revision; nothing where the revision does not have it yet."""
    from dvc.exceptions import DvcException  # noqa: PLC0415 - a second that only this command pays
    from dvc.scm import RevError  # noqa: PLC0415 - likewise

    try:
        shown: Json = show(str(path), rev=revision)
    except RevError:
        sys.exit(f"{revision}: Git knows no such revision; in a shallow clone, fetch it first")
    except (DvcException, FileNotFoundError):
        return {}
    return shown


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the report."""
    from dvc.api import metrics_show, params_show  # noqa: PLC0415 - as above

    parser = argparse.ArgumentParser(prog="stages.measures.diff", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("old", help="a revision")
    parser.add_argument("new", nargs="?", help="a revision; the working tree if left out")
    chosen = parser.parse_args(arguments)
    revisions = (chosen.old, chosen.new)
    old, new = (_of(paths.SUMMARY, each, metrics_show) for each in revisions)
    old_params, new_params = (_of(PARAMS, each, params_show) for each in revisions)
    print(difference(old, new, old_params, new_params, (chosen.old, chosen.new or "working tree")))


if __name__ == "__main__":
    main()
