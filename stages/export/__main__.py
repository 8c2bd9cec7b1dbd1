"""A fine-tuned student as ONNX: `python -m stages.export --model data/models/TASK/METHOD/STUDENT --texts FILE`.

Free. Needs the extra `onnx`. The export is checked against the original on the texts; whole numbers of 8 bits take the
place of the weights in a second file, which is kept only where it costs at most half a point of accuracy, or where the
texts have no labels, if at least 99.5 % of the decisions are the same.

    --texts FILE    JSON lines with a text, and if they are known its label, or labels; never those that it is scored on
    --out FOLDER    where it is written; without it exports/TASK/METHOD/STUDENT, if the model lies where train wrote it

Reads   the model's folder, FILE
Writes  model.onnx, and if it is good enough model_int8.onnx, in FOLDER: input_ids and attention_mask
            (texts, tokens) in, logits (texts, labels) out; beside them the files of the tokenizer, and config.json with
            the labels in their order
"""

from __future__ import annotations

from pathlib import Path

from stages.core import cli, paths
from stages.core.errors import InputError
from stages.core.rows import read_rows
from stages.export.onnx_model import Exported, export_onnx


def main(folder: str | None = None, texts: str | None = None, out: str | None = None) -> None:
    """Read the texts, export, say how it went."""
    if not folder or not texts:
        raise InputError("expected --model, a fine-tuned student's folder, and --texts, JSON lines to check it on")
    target = _target(Path(folder), out)
    rows = _rows(Path(texts))
    found = export_onnx(Path(folder), [text for text, _ in rows], [labels for _, labels in rows], target)
    cli.say(f"{found.file}: {found.difference:.1e} at most from the original on {cli.counted(len(rows), 'text')}")
    cli.say(_told(found))


def _told(found: Exported) -> str:
    worth = f"{found.agreement:.1%} of the decisions are the same"
    if found.accuracy_lost is not None:
        worth += f", {found.accuracy_lost:+.1%} of the texts are lost"
    size = f"{found.int8_bytes / found.bytes:.0%} of the size"
    return f"8 bits: {size}, {worth}; {'kept: ' + str(found.int8_file) if found.int8_file else 'not kept'}"


def _target(folder: Path, out: str | None) -> Path:
    target = Path(out) if out else paths.export_folder(folder)
    if target is None:
        raise InputError(
            f"--out: is missing; {folder} does not lie in {paths.MODELS}, so say where the export is to go"
        )
    if paths.export_folder(target) is not None:
        raise InputError(
            f"--out: {target} lies in {paths.MODELS}, whose content dvc repro replaces; name another folder"
        )
    return target


def _rows(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    """Each text with its labels; none where they are not known."""
    try:
        found = read_rows(path, _row)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; it holds the texts that the export is checked on") from None
    if not found:
        raise InputError(f"{path}: holds no text; the export is checked on texts")
    return found


def _row(value: object) -> tuple[str, tuple[str, ...]]:
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        labels = value.get("labels", [value["label"]] if "label" in value else [])
        if isinstance(labels, list):
            return value["text"], tuple(map(str, labels))
    raise ValueError("expected an object with a text, and if known a label")


if __name__ == "__main__":
    cli.run(main, __doc__, options={"model": "folder", "texts": "texts", "out": "out"})
