"""Where the real texts of a task come from: `data/tasks/<task>/corpus.yaml`, written by people.

repo: yyu/agnews-attrprompt     # a data set on the Hugging Face hub
revision: 5be5c78b...           # a commit of it; empty where none is known: then --revision must name one
files:
  test:
    path: test.jsonl
    sha256:                     # of the file; empty: not known, the command prints what it got
text:                           # the column of the text; empty: the first of the usual names that is there
label:                          # likewise of the label
labels:                         # labels of the data that are called otherwise in task.yaml; may be missing
  sci/tech: Sci_Tech
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from stages.core import paths
from stages.core.checked_yaml import Section, read_checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.tasks import Task
    from stages.core.yaml_document import Location

Split = Literal["test", "train"]


class PinnedFile(Section):
    """One file of the data set."""

    path: Annotated[str, Field(min_length=1)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class Corpus(Section):
    """The keys of corpus.yaml."""

    repo: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    files: dict[Split, PinnedFile]
    text: str | None = None
    label: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)


def load_corpus(task: Task) -> Corpus | None:
    """What people wrote about the source of a task's texts; None where they wrote nothing.

    Raises:
        InputError: a line for each problem.
    """

    def problems(corpus: Corpus) -> Iterator[tuple[Location, str]]:
        if "test" not in corpus.files:
            yield ("files",), "test: missing; a task is measured on it"
        for name, label in corpus.labels.items():
            if label not in task.names:
                yield ("labels", name), f"{label!r} is no label of {paths.task_file(task.slug)}"

    path = paths.corpus_file(task.slug)
    return read_checked(path, Corpus, problems) if path.exists() else None
