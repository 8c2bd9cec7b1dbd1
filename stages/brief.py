"""Gather what people may leave beside task.yaml: `python -m stages.brief --task TASK`.

Free. Stages that cost money depend on this and not on the task's folder, so that a new text in the test set runs none
of them.

Reads   data/tasks/<task>/task.yaml, test.jsonl
        data/tasks/<task>/examples.jsonl, attributes.yaml, train.jsonl, if they are there; the last only where values
            are to be counted in more texts than there are examples
Writes  data/briefs/<task>.json
            examples        text, label (null where nobody knows it)
            attributes      what attributes.yaml holds, as JSON in a string; null where there is none
            to_count        text, label, of each text in which values are to be counted; left out where none are
"""

from __future__ import annotations

from pydantic import Field

from stages.core import cli, params
from stages.core.tasks import load_task
from stages.design.brief import gather, write_brief


class Params(params.StageParams):
    """How many texts are to be counted in; nothing else changes it."""

    count_in: int = Field(alias="attributes.count_in")


def main(task: str) -> None:
    """Read, check, write."""
    chosen = params.load(Params)
    brief = gather(load_task(task), chosen.count_in)
    write_brief(task, brief)
    table = "attributes of its own" if brief.table else "no attributes of its own"
    cli.say(f"brief of {task}: {len(brief.examples)} examples, {table}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task")
