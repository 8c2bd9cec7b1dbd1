"""What the report says of how varied the texts are: a row a method, one of the real texts; shortcut words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.measures.variety import surest, variety_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stages.core.files import Json

_WORDS = 5  # shortcut words of a method that are shown
_CHANCE = 0.05  # the p below which values are said to be far from the plan


@dataclass(frozen=True, slots=True)
class Balance:
    """One attribute of one method, in words: see `measures/bias.Bias`.

    Attributes:
        commonest: The value that most texts have, and its share with the interval.
        evenness: Of all texts.
        off: Share of all texts that would need another value to meet the plan.
        worst: The label that is farthest from its plan, with the same share and what it is by chance.
        far: Whether the worst label is farther from its plan than chance explains.
    """

    method: str
    attribute: str
    commonest: str
    evenness: str
    off: str
    worst: str
    far: bool


@dataclass(frozen=True, slots=True)
class Variety:
    """What the page shows of one task.

    Attributes:
        header: Of the table.
        rows: Its cells; empty where a set is too small for a figure.
        balance: Of each method and attribute, how its values came out beside the plan; no method whose texts have none.
        shortcuts: By method, the words that give a label away most surely: see `measures/shortcuts.Shortcut`, with the
            label.
        sizes: How many words and texts sets are compared at.
    """

    header: list[str]
    rows: list[list[str]]
    balance: list[Balance]
    shortcuts: dict[str, list[Json]]
    sizes: tuple[int, int]


def variety(studies: Mapping[str, Json]) -> Variety:
    """What the page shows, of the studies of a task's methods, at least one; the real texts are the same in all."""
    first = next(iter(studies.values()))
    header, rows = variety_table(studies)
    return Variety(
        header=header,
        rows=rows,
        balance=[
            _balance(method, attribute, found)
            for method, each in studies.items()
            for attribute, found in each["attributes"].items()
        ],
        shortcuts={method: surest(each["shortcuts"], _WORDS) for method, each in studies.items()},
        sizes=(first["words"], first["texts"]),
    )


def _balance(method: str, attribute: str, found: Json) -> Balance:
    overall, worst = found["overall"], found["worst"]
    share = f"{overall['share']:.0%} ({overall['share_low']:.0%} to {overall['share_high']:.0%})"
    off = worst["total_variation"] > 0
    return Balance(
        method,
        attribute,
        f"{overall['commonest']}: {share}",
        f"{overall['evenness']:.2f}",
        f"{overall['total_variation']:.0%}",
        f"{worst['label']}: {worst['total_variation']:.0%}, by chance {worst['by_chance']:.0%}" if off else "none",
        worst["p"] < _CHANCE,
    )
