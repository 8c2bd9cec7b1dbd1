"""A new task on disk: its task.yaml, and its name in the grid of params.yaml. Both, or neither."""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from io import StringIO
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from stages.core import paths
from stages.core.files import write_text
from stages.core.params import PARAMS
from stages.core.tasks import load_task

if TYPE_CHECKING:
    from stages.tasks.wanted import Wanted

_WIDTH = 100_000  # no line is folded
_COMMENTS = {
    "domain": "All that may stand here: the top of stages/core/taskfile.py.\n\n"
    'What the texts are, as one would finish the sentence "These are ...".',
    "form": "\nWhat one of them looks like. Methods with the context in their template are told this.",
    "words": "\nThe shortest and the longest usual length, in words.",
    "labels": "\nThe classes, as they stand in test.jsonl, each with what belongs to it, and what tells it from those "
    "next to it.\nWhere nothing is said, the model finds something to say.",
}


def write_task(slug: str, wanted: Wanted, *, replace: bool) -> tuple[str, ...]:
    """Write task.yaml and put the task into the grid; returns the tasks that were in it before.

    Args:
        slug: The task's name.
        wanted: Its keys.
        replace: Whether it is to be the only one in the grid.

    Raises:
        ArtifactError: the files cannot be written. Then nothing is left of either.
    """
    path = paths.task_file(slug)
    had_folder = path.parent.exists()
    try:
        write_text(path, task_yaml(wanted))
        load_task(slug)
        text, before = with_task(PARAMS.read_text(encoding="utf-8"), slug, replace=replace)
        write_text(PARAMS, text)
    except BaseException:  # Ctrl-C too: nothing half written
        with suppress(OSError):
            path.unlink(missing_ok=True)
            if not had_folder:
                path.parent.rmdir()
        raise
    return before


def task_yaml(wanted: Wanted) -> str:
    """The text of task.yaml."""
    words = CommentedSeq(wanted.words)
    words.fa.set_flow_style()
    labels = CommentedMap((name, about or None) for name, about in wanted.labels.items())
    document = CommentedMap(domain=wanted.domain, form=wanted.form, words=words, labels=labels)
    for key, comment in _COMMENTS.items():
        document.yaml_set_comment_before_after_key(key, before=comment)
    return _dumped(_yaml(), document)


def with_task(params: str, slug: str, *, replace: bool) -> tuple[str, tuple[str, ...]]:
    """The text of params.yaml with a task more in its grid, or with that task alone; and those that were there before.

    Args:
        params: The text of a params.yaml that is in order.
        slug: The task.
        replace: Whether the others are taken out; out of `run.gold` too, where only tasks of the grid may stand.
    """
    yaml = _yaml()
    document: Any = yaml.load(params)
    tasks, gold = document["run"]["tasks"], document["run"]["gold"]
    before = tuple(tasks)
    if slug not in tasks:
        tasks.append(slug)
        _keep_gap(tasks)
    if replace:
        for items in (tasks, gold):
            for each in [each for each in items if each != slug]:
                items.remove(each)
    return _dumped(yaml, document), before


def _keep_gap(items: CommentedSeq) -> None:
    """Let what stood below the last item of a list, comments and blank lines, stand below the new one."""
    last = len(items) - 2
    token, *rest = items.ca.items.get(last) or [None]
    own, _, below = token.value.partition("\n") if token else ("", "", "")
    if not below:
        return
    if own.strip():
        moved = copy(token)
        token.value, moved.value = f"{own}\n", f"\n{below}"
        items.ca.items[last + 1] = [moved, *rest]
    else:
        items.ca.items[last + 1] = items.ca.items.pop(last)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width, yaml.preserve_quotes = _WIDTH, True
    return yaml


def _dumped(yaml: YAML, document: object) -> str:
    text = StringIO()
    yaml.dump(document, text)
    return text.getvalue()
