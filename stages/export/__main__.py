"""A fine-tuned student as ONNX: `python -m stages.export --model data/models/TASK/METHOD/STUDENT --texts FILE`.

Free. Needs the extra `onnx`. The export is checked against the original on the texts; whole numbers of 8 bits take the
place of the weights in a second file, which is kept only where it costs at most half a point of accuracy, or where the
texts have no labels, if at least 99.5 % of the decisions are the same.

    --texts FILE    JSON lines with a text, and if they are known its label, or labels; never those that it is scored on

Reads   the model's folder, FILE
Writes  model.onnx, and if it is good enough model_int8.onnx, in the model's folder: input_ids and attention_mask
            (texts, tokens) in, logits (texts, labels) out
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from stages.core import cli
from stages.core.errors import InputError, why_unreadable
from stages.export.onnx_model import Exported, export_onnx

if TYPE_CHECKING:
    from collections.abc import Iterator


def main(folder: str | None = None, texts: str | None = None) -> None:
    """Read the texts, export, say how it went."""
    if not folder or not texts:
        raise InputError("expected --model, a fine-tuned student's folder, and --texts, JSON lines to check it on")
    rows = list(_rows(Path(texts)))
    found = export_onnx(Path(folder), [text for text, _ in rows], [labels for _, labels in rows])
    cli.say(f"{found.file}: {found.difference:.1e} at most from the original on {len(rows)} texts")
    cli.say(_told(found))


def _told(found: Exported) -> str:
    worth = f"{found.agreement:.1%} of the decisions are the same"
    if found.accuracy_lost is not None:
        worth += f", {found.accuracy_lost:+.1%} of the texts are lost"
    size = f"{found.int8_bytes / found.bytes:.0%} of the size"
    return f"8 bits: {size}, {worth}; {'kept: ' + str(found.int8_file) if found.int8_file else 'not kept'}"


def _rows(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each text with its labels; none where they are not known."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {why_unreadable(error)}") from None
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            if not isinstance(row["text"], str):
                raise TypeError  # noqa: TRY301 - told like the others
            labels = row.get("labels", [row["label"]] if "label" in row else [])
            yield row["text"], tuple(map(str, labels))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError(f"{path}:{number}: expected an object with a text, and if known a label") from None
    if not lines:
        raise InputError(f"{path}: holds no text; the export is checked on texts")


if __name__ == "__main__":
    cli.run(main, __doc__, options={"model": "folder", "texts": "texts"})
