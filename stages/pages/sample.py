"""Texts of each label and method to look through, with the prompts that asked for them: data for the page's script."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

from stages.core import files, paths
from stages.core.records import Prompt, Rejected, Text
from stages.pages.gates import spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stages.core.files import Json

Kind = TypeVar("Kind", Text, Rejected)


def drawn(texts: Iterable[Kind], size: int) -> list[Kind]:
    """So many texts of each label, in their order.

    Which ones depends on their numbers alone, so that a few texts more in a plan change few of those drawn.
    """
    labels = dict[str, list[Kind]]()
    for each in texts:
        labels.setdefault(each.label, []).append(each)
    chosen = list[Kind]()
    for found in labels.values():
        first = sorted(found, key=lambda each: hashlib.sha256(f"{each.label}/{each.index}".encode()).digest())[:size]
        chosen += sorted(first, key=lambda each: each.index)
    return chosen


def sample(task: str, methods: Sequence[str], labels: Sequence[str], size: int) -> Json:
    """What the page's script goes through.

    Returns:
        texts: Each with text, label, also, method, attributes, reason (null where it was accepted), prompt (its number;
            null where nobody was asked).
        prompts: Each a list of the numbers of its lines: those of a method have most of them in common.
        lines: Of all prompts.
        methods, labels: In their order.

    Raises:
        ArtifactError: texts or prompts of a method are missing.
    """
    texts: list[Json] = []
    prompts, lines = dict[tuple[int, ...], int](), dict[str, int]()
    for method in methods:
        accepted = drawn(files.read_records(paths.accepted_file(task, method), Text, "clean"), size)
        rejected = drawn(files.read_records(paths.rejected_file(task, method), Rejected, "clean"), size)
        chosen: list[Text | Rejected] = [*accepted, *rejected]
        wanted = {(each.label, each.index) for each in chosen}
        asked = dict[tuple[str, int], int]()
        for prompt in files.read_records(paths.prompts_file(task, method), Prompt, "prompts"):
            rows = [key for row in prompt.rows if (key := (prompt.label, row.index)) in wanted]
            if rows and prompt.messages:
                numbers = tuple(lines.setdefault(line, len(lines)) for line in in_words(prompt).split("\n"))
                asked |= dict.fromkeys(rows, prompts.setdefault(numbers, len(prompts)))
        texts += [_row(each, method, asked.get((each.label, each.index))) for each in chosen]
    return {
        "texts": texts,
        "prompts": [list(each) for each in prompts],
        "lines": list(lines),
        "methods": list(methods),
        "labels": list(labels),
    }


def in_words(prompt: Prompt) -> str:
    """All messages of a prompt as one text, each after the first with who says it."""
    first, *rest = prompt.messages
    return "\n\n".join([first["content"], *(f"{each['role']}:\n{each['content']}" for each in rest)])


def _row(text: Text | Rejected, method: str, prompt: int | None) -> Json:
    return {
        "text": text.text,
        "label": text.label,
        "also": list(text.also),
        "method": method,
        "attributes": text.attributes,
        "reason": spoken(text.reason) if isinstance(text, Rejected) else None,
        "prompt": prompt,
    }
