"""How varied the texts of a task's methods are, in words and figures for people: on the page and on the data card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.files import Json

REAL = "real texts"


def read_studies(task: str, methods: Sequence[str]) -> dict[str, Json]:
    """What stage `study` found out about the texts of each method.

    Raises:
        ArtifactError: that of one is missing.
    """
    return {method: files.read_json(paths.study_file(task, method), "study") for method in methods}


def variety_table(studies: Mapping[str, Json]) -> tuple[list[str], list[list[str]]]:
    """A header, and a row a method and one of the real texts, which are the same in all; empty: too few for a figure.

    Args:
        studies: Of a task's methods, at least one.
    """
    first = next(iter(studies.values()))
    header = [
        "method", "texts", f"different words among {first['words']:,}", f"distinct-2 of {first['words']:,}",
        "similarity within a label", "between labels", f"Vendi score of {first['texts']:,}", "near-duplicates",
        "distance to real texts",
    ]  # fmt: skip
    rows = [[method, *_figures(each["generated"])] for method, each in studies.items()]
    return header, [*rows, [REAL, *_figures(first["real"])]]


def _figures(found: Json) -> list[str]:
    overall = found["overall"]
    return [
        f"{overall['texts']:,}",
        _shown(overall["expected_vocabulary"], ",.0f"),
        _shown(overall["distinct_2"], ".3f"),
        _shown(found["within"], ".3f"),
        _shown(found["between"], ".3f"),
        _shown(overall["vendi"], ".1f"),
        _shown(overall["near_duplicates"], ".1%"),
        _shown(overall["cmd"], ".3f"),
    ]


def _shown(figure: float | None, form: str) -> str:
    return "" if figure is None else format(figure, form)


def surest(shortcuts: Mapping[str, Sequence[Json]], most: int) -> list[Json]:
    """The words that give a label away most surely, of all labels.

    Args:
        shortcuts: By label, its words: see `measures/shortcuts.Shortcut`.
        most: How many.

    Returns:
        The words, each with its label, the surest first.
    """
    words = [{**each, "label": label} for label, found in shortcuts.items() for each in found]
    return sorted(words, key=lambda each: (-each["z"], each["label"], each["word"]))[:most]
