"""How a sentence encoder makes one vector of a text's token vectors, as those who published it say.

sentence-transformers keeps it beside the weights: `modules.json` lists the steps; a folder of each has `config.json`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages.core.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

MEAN = "mean"
# Of the states of texts of equal length, (texts, tokens, dimensions): where nothing is padding, the last is the text's.
POOLINGS: dict[str, Callable[[Any], Any]] = {
    MEAN: lambda states: states.double().mean(dim=1),
    "cls": lambda states: states[:, 0].double(),
    "lasttoken": lambda states: states[:, -1].double(),
}
_OLD_NAMES = {  # each with true or false, where `pooling_mode` is not yet there
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": MEAN,
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_STEPS = {"Transformer", "Pooling", "Normalize", "Dropout"}  # the second is done here, the last two change no direction


def pooling_of(source: str | Path, name: str) -> str:
    """A name of `POOLINGS`; the mean where nothing is said.

    Args:
        source: A folder, or a model of the hub, which `transformers` could load.
        name: What the params call it, for the error.

    Raises:
        ModelError: it pools in another way, or has steps after it: its vectors would not be those that are known.
    """
    try:
        return _pooling(source, name)
    except (AttributeError, KeyError, TypeError):
        raise ModelError(
            f"students: encoder {name!r}: its modules.json, or what it names, is not of the form that "
            "sentence-transformers writes; fetch it anew"
        ) from None


def _pooling(source: str | Path, name: str) -> str:
    steps = {str(step["type"]).rpartition(".")[2]: str(step["path"]) for step in _read(source, "modules.json") or []}
    if other := sorted(set(steps) - _STEPS):
        raise ModelError(
            f"students: encoder {name!r} has a step that is not computed here ({', '.join(other)}), so that its "
            "vectors would be others; take an encoder without it"
        )
    said = _read(source, f"{steps['Pooling']}/config.json") if "Pooling" in steps else None
    if not said:
        return MEAN
    given = said.get("pooling_mode") or [mode for old, mode in _OLD_NAMES.items() if said.get(old)]
    modes = [given] if isinstance(given, str) else list(given)
    if len(modes) != 1 or modes[0] not in POOLINGS:
        raise ModelError(
            f"students: encoder {name!r} pools by {' and '.join(map(str, modes)) or 'nothing'}; known here are "
            f"{', '.join(POOLINGS)}: take another encoder"
        )
    return str(modes[0])


def _read(source: str | Path, name: str) -> Any:
    """A JSON file beside the weights; None where it is not there."""
    from transformers.utils.hub import cached_file  # noqa: PLC0415 - seconds that only those pay who compute vectors

    path = cached_file(
        str(source),
        name,
        _raise_exceptions_for_gated_repo=False,
        _raise_exceptions_for_missing_entries=False,
        _raise_exceptions_for_connection_errors=False,
    )
    try:
        return json.loads(Path(path).read_text(encoding="utf-8")) if path else None
    except ValueError:
        raise ModelError(f"{path}: is no JSON; fetch the encoder anew") from None
