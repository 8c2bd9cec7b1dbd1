"""What may be wrong with a task, or could be better, though nothing of it stops a run."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

from stages.core import paths
from stages.core.errors import InputError, ModelError
from stages.core.examples import read_examples
from stages.core.lengths import count_words
from stages.core.tasks import read_labelled
from stages.core.yaml_document import place_of
from stages.corpus.checks import in_one_set, in_test_too
from stages.design.nearness import cosines
from stages.measures.enough import WANTED, half_width, texts_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stages.core.examples import Example
    from stages.core.params import Everything
    from stages.core.tasks import LabelledText, Task

# Cosines from which on two labels are told. Of 77 intents of a bank, two whose names had 0.7 or more were confused 22
# times as often as two others (a linear student on 20 human texts of each, 3,080 to score), at 0.8 or more 31 times.
# Described labels are expected to share words, so with them it takes more.
_NEAR_BY_NAME, _NEAR_DESCRIBED = 0.7, 0.8
_PAIRS_TOLD = 10
_TEXTS_A_LABEL = 15
_OUTSIDE = 0.1  # share of the texts that may be outside of the task's words before it is told
_UNTESTED = ": it is left out of macro-F1, and its own F1 is 0 and says nothing of how well it is found"
_FAR_TOO_LONG = 20_000  # characters: no text, but a file that was read as one


def advice(task: Task, confidence: float | None) -> Iterator[str]:
    """A line for each thing.

    Args:
        task: Whose file is in order; its texts are looked at as far as they can be read.
        confidence: Of the intervals of scores; None where params.yaml cannot be read.
    """
    yield from near_labels(task)
    test = _readable(paths.test_file(task.slug), task)
    train = _readable(paths.train_file(task.slug), task)
    try:
        examples = read_examples(task)
    except InputError:
        examples = []
    yield from in_test_too(test, {str(paths.train_file(task.slug)): train})
    for path, texts, then in ((paths.test_file(task.slug), test, _UNTESTED), (paths.train_file(task.slug), train, "")):
        if texts:
            yield from in_one_set(str(path), texts, task.names, then)
    lengths: tuple[tuple[Path, Sequence[LabelledText | Example]], ...] = (
        (paths.test_file(task.slug), test),
        (paths.examples_file(task.slug), examples),
    )
    for path, some in lengths:
        yield from odd_lengths(path, [each.text for each in some], task)
    if test:
        yield from too_few(paths.test_file(task.slug), test, task, confidence)


def unshown(task: Task, everything: Everything) -> Iterator[str]:
    """Methods of the grid that are to show texts of people, where there are none to show."""
    try:
        showing = [] if read_examples(task) else everything.run.methods
    except InputError:
        return
    for name in showing:
        if not everything.methods[name].examples:
            continue
        bare = everything.methods[name].model_copy(update={"examples": 0})
        same = next(
            (other for other, method in everything.methods.items() if method == bare), "the same method without"
        )
        yield f"no {paths.examples_file(task.slug)}: {name} shows no texts of people, so it asks as {same} does"


def _readable(path: Path, task: Task) -> list[LabelledText]:
    """The texts of a file; none where it is missing or wrong, which is told elsewhere."""
    try:
        return read_labelled(path, task)
    except InputError:
        return []


def near_labels(task: Task) -> Iterator[str]:
    """Labels that mean nearly the same, by the embeddings of what they are called and what belongs to them."""
    described = [f"{label.title}: {label.description}" if label.description else label.title for label in task.labels]
    try:
        by_all, by_name = cosines(described), cosines([label.title for label in task.labels])
    except ModelError as error:
        yield f"labels are not held against one another: {error}"
        return
    found = list[tuple[float, int, int]]()
    for one, two in combinations(range(len(task.labels)), 2):
        both = bool(task.labels[one].description and task.labels[two].description)
        cosine = float(by_all[one, two] if both else max(by_all[one, two], by_name[one, two]))
        if cosine >= (_NEAR_DESCRIBED if both else _NEAR_BY_NAME):
            found.append((cosine, one, two))
    for cosine, one, two in sorted(found, reverse=True)[:_PAIRS_TOLD]:
        pair = (task.labels[one], task.labels[two])
        bare = [label.name for label in pair if not label.description]
        where = place_of(paths.task_file(task.slug), ("labels", bare[0] if bare else pair[0].name))
        who = {0: "say in both", 1: f"{''.join(bare)!r} has no description; say", 2: "neither has a description; say"}
        yield (
            f"{where}: {pair[0].name!r} and {pair[1].name!r} are nearly the same in meaning (cosine {cosine:.2f}): "
            f"{who[len(bare)]} what tells one from the other, or make them one label"
        )
    if len(found) > _PAIRS_TOLD:
        yield f"{paths.task_file(task.slug)}: and {len(found) - _PAIRS_TOLD} pairs of labels more"


def odd_lengths(path: Path, texts: Sequence[str], task: Task) -> Iterator[str]:
    """Texts that are longer or shorter than task.yaml says: those that are asked for would differ from them."""
    huge = [number for number, text in enumerate(texts, 1) if len(text) > _FAR_TOO_LONG]
    if huge:
        yield f"{path}: text {huge[0]} has {len(texts[huge[0] - 1]):,} characters; is it one text?"
    counts = [count_words(text) for text in texts]
    long, short = sum(each > task.words.high for each in counts), sum(each < task.words.low for each in counts)
    if texts and long + short > _OUTSIDE * len(texts):
        yield (
            f"{place_of(paths.task_file(task.slug), ('words',))}: words says {task.words}; of {len(texts):,} texts in "
            f"{path.name}, {long:,} are longer and {short:,} shorter. Texts are asked for as words says: widen it, if "
            "texts are usually so"
        )


def too_few(path: Path, test: Sequence[LabelledText], task: Task, confidence: float | None) -> Iterator[str]:
    """What so many test texts cannot tell."""
    if confidence is not None and half_width(0.5, len(test), confidence) > WANTED:
        halves = [f"{100 * half_width(share, len(test), confidence):.1f}" for share in (0.5, 0.8)]
        yield (
            f"{path}: {len(test)} texts: an accuracy of 0.5 is known to +-{halves[0]} points, of 0.8 to +-{halves[1]} "
            f"({confidence:.0%} intervals); +-5 points, whatever it is, take {texts_for(WANTED, confidence)} texts"
        )
    counts = Counter(label for each in test for label in each.labels)
    few = [f"{name} ({counts[name]})" for name in task.names if 0 < counts[name] < _TEXTS_A_LABEL]
    if few:
        more = f" and {len(few) - _PAIRS_TOLD} more" if len(few) > _PAIRS_TOLD else ""
        yield (
            f"{path}: fewer than {_TEXTS_A_LABEL} texts of {', '.join(few[:_PAIRS_TOLD])}{more}: "
            "the F1 of such a label is mostly chance"
        )
