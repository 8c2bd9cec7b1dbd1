"""What the report says of how varied the texts are: a row a method, one of the real texts, and shortcut words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core import files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.files import Json

REAL = "real texts"
_WORDS = 5  # shortcut words of a method that are shown


@dataclass(frozen=True, slots=True)
class Variety:
    """What the page shows of one task.

    Attributes:
        header: Of the table.
        rows: Its cells; empty where a set is too small for a figure.
        shortcuts: By method, the words that give a label away most surely: see `measures/shortcuts.Shortcut`, with the
            label.
        sizes: How many words and texts sets are compared at.
    """

    header: list[str]
    rows: list[list[str]]
    shortcuts: dict[str, list[Json]]
    sizes: tuple[int, int]


def read_studies(task: str, methods: Sequence[str]) -> dict[str, Json]:
    """What stage `study` found out about the texts of each method.

    Raises:
        ArtifactError: that of one is missing.
    """
    return {method: files.read_json(paths.study_file(task, method), "study") for method in methods}


def variety(studies: Mapping[str, Json]) -> Variety:
    """What the page shows, of the studies of a task's methods, at least one; the real texts are the same in all."""
    first = next(iter(studies.values()))
    words, texts = first["words"], first["texts"]
    header = [
        "method", "texts", f"different words among {words:,}", f"distinct-2 of {words:,}", "similarity within a label",
        "between labels", f"Vendi score of {texts:,}", "near-duplicates", "distance to real texts",
    ]  # fmt: skip
    rows = [[method, *_figures(each["generated"])] for method, each in studies.items()]
    return Variety(
        header=header,
        rows=[*rows, [REAL, *_figures(first["real"])]],
        shortcuts={method: _surest(each["shortcuts"])[:_WORDS] for method, each in studies.items()},
        sizes=(words, texts),
    )


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


def _surest(shortcuts: Mapping[str, Sequence[Json]]) -> list[Json]:
    """All words of all labels, the surest first."""
    # Half of a surrogate pair, which a model may have written, is no text that a page can hold.
    words = [
        {**each, "label": label, "word": each["word"].encode("utf-8", "replace").decode()}
        for label, found in shortcuts.items()
        for each in found
    ]
    return sorted(words, key=lambda each: (-each["z"], each["label"], each["word"]))
