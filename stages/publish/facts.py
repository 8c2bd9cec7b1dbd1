"""What a data card says of the texts of each method: who wrote them, how they were asked for, how they came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import files, paths
from stages.core.records import Generated, Prompt
from stages.measures.variety import surest
from stages.publish.escaping import block
from stages.publish.header import train_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stages.core.files import Json
    from stages.core.records import Text
    from stages.core.sections import Method

_SHORTCUTS = 10  # of a method


def facts_of(task: str, method: str, settings: Method, first: Text, folder: Path) -> Json:
    """What is known of one method's texts, from what the stages before wrote.

    Args:
        task: The task.
        method: The method.
        settings: Its entry in params.yaml.
        first: One of the texts, to show.
        folder: That of the card, where the method's Parquet lies already.

    Raises:
        ArtifactError: something that a stage before writes is missing.
    """
    study = files.read_json(paths.study_file(task, method), "study")
    prompts = files.read_records(paths.prompts_file(task, method), Prompt, "prompts")
    shown = (block(each.messages[-1]["content"]) for each in prompts if each.messages)
    return {
        "name": method,
        "imported": settings.imported,
        "settings": files.dumps(settings.model_dump(mode="json", exclude_defaults=True)),
        # Texts of people that a prompt shows are theirs to give away.
        "shows_people": settings.examples > 0,
        "prompt": None if settings.examples else next(shown, None),
        "answers": _answers(task, method),
        "example": {"text": first.text, "label": first.label},
        "gates": files.read_json(paths.verdict_file(task, method), "validate")["results"],
        "attributes": list(_attributes(study)),
        "shortcuts": surest(study["shortcuts"], _SHORTCUTS),
        "sha256": {
            name: files.file_sha256(path)
            for name, path in {
                "prompts": paths.prompts_file(task, method),
                "completions": paths.refilled_file(task, method),
                "accepted texts": paths.accepted_file(task, method),
                train_file(method): folder / train_file(method),
            }.items()
        },
    }


def _answers(task: str, method: str) -> Json:
    """How many requests there were, which models said that they answered, and when the first and the last did."""
    requests, models, times = 0, set[str](), set[str]()
    for each in files.read_records(paths.refilled_file(task, method), Generated, "refill"):
        requests += not each.imported
        models |= {each.model} if each.model else set()
        times |= {each.answered_at} if each.answered_at else set()
    return {
        "requests": requests,
        "models": sorted(models),
        "first": min(times, default=""),
        "last": max(times, default=""),
    }


def _attributes(study: Json) -> Iterator[Json]:
    """Of each attribute, its commonest value, and how far its values are from the plan."""
    for name, found in study["attributes"].items():
        overall, worst = found["overall"], found["worst"]
        yield {
            "name": name,
            "commonest": overall["commonest"],
            "share": f"{overall['share']:.1%}",
            "off": f"{overall['total_variation']:.1%} ({overall['by_chance']:.1%})",
            "worst": f"{worst['label']}: {worst['total_variation']:.1%} ({worst['by_chance']:.1%})",
        }
