"""Gather what people may leave beside task.yaml: `python -m stages.brief --task TASK`.

Free. Stages that cost money depend on this and not on the task's folder, so that a new text in the test set runs none
of them.

Reads   data/tasks/<task>/task.yaml, test.jsonl
        data/tasks/<task>/examples.jsonl, attributes.yaml, if they are there
Writes  data/briefs/<task>.json
            examples        text, label (null where nobody knows it)
            attributes      what attributes.yaml holds, as JSON in a string; null where there is none
"""

from __future__ import annotations

from stages.core import cli, params
from stages.core.tasks import load_task
from stages.design.brief import gather, write_brief


class Params(params.StageParams):
    """Nothing of params.yaml changes it."""


def main(task: str) -> None:
    """Read, check, write."""
    brief = gather(load_task(task))
    write_brief(task, brief)
    table = "attributes of its own" if brief.table else "no attributes of its own"
    cli.say(f"brief of {task}: {len(brief.examples)} examples, {table}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task")
