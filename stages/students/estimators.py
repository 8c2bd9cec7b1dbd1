"""scikit-learn estimators on disk: skops files, never pickles, with equal bytes for equal models.

skops names the parts of a model by their addresses in memory and stamps them with the time; here they are numbered in
their order and stamped with a constant, so that training the same model again changes no hash.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from typing import TYPE_CHECKING, Any

from stages.core.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

_STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can say
_SCHEMA = "schema.json"
_BRIDGE = "sklearn.externals.array_api_compat.torch"


def _skops() -> Any:
    """`skops.io`, without torch: it lists scikit-learn's types by importing all its packages, and one imports torch."""
    absent: Any = None
    held_back = sys.modules.setdefault(_BRIDGE, absent) is None  # its import fails, and the listing goes on
    try:
        import skops.io  # noqa: PLC0415 - a second that every stage would pay for one
    finally:
        if held_back:
            del sys.modules[_BRIDGE]
    return skops.io


def save_estimator(path: Path, estimator: object) -> None:
    """Write a fitted estimator."""
    with zipfile.ZipFile(io.BytesIO(_skops().dumps(estimator))) as packed:
        numbers: dict[str, int] = {}
        schema = _renumbered(json.loads(packed.read(_SCHEMA)), numbers)
        files = {_renamed(name, numbers): packed.read(name) for name in packed.namelist() if name != _SCHEMA}
    files[_SCHEMA] = json.dumps(schema, sort_keys=True, separators=(",", ":")).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(files):
            out.writestr(zipfile.ZipInfo(name, _STAMP), files[name], zipfile.ZIP_DEFLATED)


def load_estimator(path: Path) -> Any:
    """Read a fitted estimator.

    Raises:
        ModelError: the file is missing or broken, or holds a type that skops does not trust by itself.
    """
    skops = _skops()
    try:
        untrusted = skops.get_untrusted_types(file=path)
        if untrusted:
            raise ModelError(
                f"{path}: holds types that no model of this project has, and is not loaded: {', '.join(untrusted)}"
            )
        return skops.load(path)
    except FileNotFoundError:
        raise ModelError(f"{path}: is missing; run dvc repro, or dvc pull") from None
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: cannot be read as a model: {error}") from None


def _renumbered(node: Any, numbers: dict[str, int]) -> Any:
    """The schema with 0, 1, 2, ... for the addresses of its nodes, in the order in which they are met.

    The words of a vocabulary are keys here too, and "file" may be one of them; but what stands under a word is a node.
    """
    if isinstance(node, list):
        return [_renumbered(each, numbers) for each in node]
    if not isinstance(node, dict):
        return node
    return {key: _renumbered_value(key, each, numbers) for key, each in node.items()}


def _renumbered_value(key: str, value: Any, numbers: dict[str, int]) -> Any:
    if key == "__id__" and isinstance(value, int):
        return _number(value, numbers)
    if key == "file" and isinstance(value, str):
        return _renamed(value, numbers)
    return _renumbered(value, numbers)


def _number(address: object, numbers: dict[str, int]) -> int:
    return numbers.setdefault(str(address), len(numbers))


def _renamed(name: str, numbers: dict[str, int]) -> str:
    address, dot, ending = name.partition(".")
    return f"{_number(address, numbers)}{dot}{ending}" if address.isdigit() else name
