"""The gates of a judge that people's labels bear out: labels that it would not give, and texts that look made up to it.

A judge errs too, so each lets through what it says of real texts, and so much more as params.yaml has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from stages.checks.expectations import Gate
from stages.core.judgements import REALISM, UNREAL

# Below `expectations`, which sets what the package reads when it is imported.
import great_expectations.expectations as expect  # isort: skip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.files import Json
    from stages.core.gates import Validation
    from stages.core.judged import Judged
    from stages.core.judgements import Judgement

TABLE = "judged texts"


def judged_frame(judged: Judged) -> pd.DataFrame:
    """A row a text.

    Columns, beside label, index and text:
        unfit: What the judge would call a text whose label has a chance under `fit`; unfit_by: how unlikely that is.
        unreal: Why it looks made up; unreal_by: how much.
    """
    fit = judged.scores["fit"]
    rows = [
        (
            *(each.label, each.index, each.text),
            *(_instead(each) if each.fit < fit else None, 1 - each.fit),
            *(_made_up(each), max(REALISM) - (each.realism or max(REALISM))),
        )
        for each in judged.texts
    ]
    columns = ["label", "index", "text", "unfit", "unfit_by", "unreal", "unreal_by"]
    # Left to itself pandas takes a column of which all is missing for one of numbers.
    return pd.DataFrame(rows, columns=columns).astype({"unfit": object, "unreal": object})


def judged_gates(scores: Json, limits: Validation) -> Iterator[Gate]:
    """Both gates, about the table of `judged_frame`."""
    for name, column, most, finding in (
        ("judged_label", "unfit", limits.judged_label, f"have a label with a chance under {scores['fit']:g}"),
        ("judged_realism", "unreal", limits.judged_realism, f"have a realism of {UNREAL} or less of {max(REALISM)}"),
    ):
        of_real = scores["real"][column] or 0.0
        told = f"at most {most:.1%} of the texts more than of the real ones ({of_real:.1%}) {finding}, by the judge"
        none = expect.ExpectColumnValuesToBeNull(column=column, mostly=max(0.0, 1 - most - of_real))
        yield Gate(name, TABLE, told, none, getattr(limits.severity, name))


def _instead(said: Judgement) -> str:
    own = ", ".join(f"{label} {said.chances.get(label, 0.0):.2f}" for label in said.labels)
    because = f": {said.why}" if said.why else ""
    return f"rather {said.likeliest} {said.chances[said.likeliest]:.2f}, {own}{because}"


def _made_up(said: Judgement) -> str | None:
    if said.realism is None or said.realism > UNREAL:
        return None
    return f"realism {said.realism}{f': {said.why}' if said.why else ''}"
