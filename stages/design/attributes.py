"""Finding the attributes of a task: dimensions, similar labels, values, and which values are ambiguous.

Paper: section 3.1 and 3.2 (dimensions and values asked of the model), appendix on class-dependent attribute value
filtering: a value that also fits a similar class would make texts of a doubtful label, so it is dropped. Unlike the
paper's code, the judgement is structured, its reason is kept, any number may be dropped, but never a label's last.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from stages.core.lengths import LENGTH, split_range
from stages.core.slugs import slugify
from stages.core.tasks import Dimension
from stages.design.interview import Question
from stages.design.table import AttributeTable, Dropped, TableDimension
from stages.llm.chat import STRING, Schema, object_schema
from stages.llm.reading import tidy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from stages.core.sections import Attributes
    from stages.core.tasks import Label, Task
    from stages.design.interview import Asks

Item = TypeVar("Item")
Similar = Mapping[str, tuple[str, ...]]  # the similar labels of each label

_NONE = "none"  # what the judge says of a value that fits no similar label
_LIKELY = "a phrase of some words, as models write them"  # in examples: only its length matters


def find_attributes(task: Task, wanted: Attributes, interview: Asks) -> AttributeTable:
    """Ask for everything that the table holds, in four rounds: dimensions, similar labels, values, verdicts.

    Raises:
        RequestsFailedError: a question got no usable answer.
    """
    dimensions = _dimensions(task, wanted, interview)
    similar = _similar(task, wanted.similar, interview)
    values = _values(task, dimensions, similar, wanted.values, interview)
    found = [_with_values(each, task, values) for each in dimensions]
    return AttributeTable(
        dimensions=(*_length(task, wanted), *_filtered(task, found, similar, interview)), similar=similar
    )


def _length(task: Task, wanted: Attributes) -> Iterable[TableDimension]:
    """Length as a dimension, from the task's range of words, unless the task pins one of its own."""
    if wanted.length_ranges and not any(each.name == LENGTH for each in task.dimensions or ()):
        ranges = tuple(str(each) for each in split_range(task.words, wanted.length_ranges))
        yield TableDimension(name=LENGTH, about="how long the text is", ordered=True, values=dict.fromkeys(ranges, 1.0))


def _dimensions(task: Task, wanted: Attributes, interview: Asks) -> list[Dimension]:
    """The task's own dimensions, or those that the model proposes."""
    if task.dimensions is not None or not wanted.dimensions:
        return list(task.dimensions or ())
    items = object_schema(name=STRING, about=STRING, per_label={"type": "boolean"})
    values = {"task": task, "wanted": wanted.dimensions}
    example = [{"name": f"dimension {n}", "about": _LIKELY, "per_label": True} for n in range(wanted.dimensions)]
    question = Question("dimensions", {}, values, "dimensions", items, _read_dimensions, example)
    [found] = interview.ask([question])
    return found[: wanted.dimensions]


def _read_dimensions(answer: list[Any]) -> list[Dimension]:
    found: dict[str, Dimension] = {}
    for proposed in _objects(answer):
        name, about = slugify(tidy(proposed.get("name"))), tidy(proposed.get("about"))
        if name and about and name != LENGTH:
            found.setdefault(name, Dimension(name=name, about=about, per_label=proposed.get("per_label") is True))
    return list(_some(found.values(), "dimension"))


def _similar(task: Task, most: int, interview: Asks) -> dict[str, tuple[str, ...]]:
    """For each label the labels that it is most easily taken for, nearest first."""
    if not most:
        return {}
    questions = list[Question[tuple[str, ...]]]()
    for label in task.labels:
        others = [name for name in task.names if name != label.name]
        values = {"task": task, "label": label, "most": most}
        read = partial(_read_names, others, most)
        questions.append(
            Question("similar", {"label": label.name}, values, "similar", _one_of(others), read, others[:most])
        )
    return dict(zip(task.names, interview.ask(questions), strict=True))


def _read_names(known: Sequence[str], most: int, answer: list[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in answer if name in known))[:most]


Values = dict[tuple[str, str], tuple[str, ...]]  # by dimension and label; the label is "" where all have the same


def _values(task: Task, dimensions: Sequence[Dimension], similar: Similar, wanted: int, interview: Asks) -> Values:
    questions = dict[tuple[str, str], Question[tuple[str, ...]]]()
    for dimension in dimensions:
        labels: Sequence[Label | None] = task.labels if dimension.per_label else [None]
        for label in labels if not dimension.values else ():
            about = {"dimension": dimension.name} | ({"label": label.name} if label else {})
            values = {
                "task": task,
                "dimension": dimension,
                "label": label,
                "wanted": wanted,
                "similar": _labels(task, similar.get(label.name, ()) if label else ()),
            }
            questions[dimension.name, label.name if label else ""] = Question(
                "values",
                about,
                values,
                "values",
                STRING,
                partial(_read_values, wanted),
                [f"{_LIKELY} {n}" for n in range(wanted)],
            )
    return dict(zip(questions, interview.ask(list(questions.values())), strict=True))


def _read_values(wanted: int, answer: list[Any]) -> tuple[str, ...]:
    """The phrases in an answer, each once whatever its case."""
    found: dict[str, str] = {}
    for phrase in filter(None, map(tidy, answer)):
        found.setdefault(phrase.casefold(), phrase)
    return tuple(_some(found.values(), "value"))[:wanted]


def _with_values(dimension: Dimension, task: Task, values: Values) -> TableDimension:
    per_label = {name: _even(values[dimension.name, name]) for name in task.names} if dimension.per_label else {}
    common = {} if dimension.per_label else dimension.values or _even(values[dimension.name, ""])
    return TableDimension(
        name=dimension.name, about=dimension.about, ordered=dimension.ordered, values=common, per_label=per_label
    )


def _even(values: Iterable[str]) -> dict[str, float]:
    return dict.fromkeys(values, 1.0)


def _filtered(
    task: Task, dimensions: Sequence[TableDimension], similar: Similar, interview: Asks
) -> Iterator[TableDimension]:
    """The dimensions without the values that fit a similar label too; a label keeps its first where all of them do."""
    questions = dict[tuple[str, str], Question[dict[str, Dropped]]]()
    for dimension in dimensions:
        for label in task.labels:
            values, near = tuple(dimension.per_label.get(label.name, ())), similar.get(label.name, ())
            if values and near:
                items = object_schema(number={"type": "integer"}, reason=STRING, fits=_one_of([*near, _NONE]))
                given = {
                    "task": task,
                    "dimension": dimension,
                    "label": label,
                    "values": values,
                    "similar": _labels(task, near),
                }
                about = {"dimension": dimension.name, "label": label.name}
                questions[dimension.name, label.name] = Question(
                    "filter",
                    about,
                    given,
                    "verdicts",
                    items,
                    partial(_read_verdicts, values, near),
                    [{"number": n, "reason": _LIKELY, "fits": _NONE} for n in range(1, len(values) + 1)],
                )
    judged = dict(zip(questions, interview.ask(list(questions.values())), strict=True))
    for dimension in dimensions:
        kept, dropped = dict[str, dict[str, float]](), dict[str, tuple[Dropped, ...]]()
        for label_name, weights in dimension.per_label.items():
            ambiguous = judged.get((dimension.name, label_name), {})
            first = dict([next(iter(weights.items()))])
            kept[label_name] = {each: weight for each, weight in weights.items() if each not in ambiguous} or first
            if out := tuple(ambiguous[value] for value in weights if value in ambiguous.keys() - kept[label_name]):
                dropped[label_name] = out
        yield dimension.model_copy(update={"per_label": kept, "dropped": dropped})


def _read_verdicts(values: Sequence[str], near: Sequence[str], answer: list[Any]) -> dict[str, Dropped]:
    """The ambiguous ones among `values`, each with the similar label that it fits and why."""
    verdicts = dict[str, Dropped]()
    judged = set[int]()
    for verdict in _objects(answer):
        number, fits = verdict.get("number"), verdict.get("fits")
        if isinstance(number, int) and 1 <= number <= len(values):
            judged.add(number)
            if fits in near:
                value = values[number - 1]
                verdicts[value] = Dropped(value=value, fits=str(fits), reason=tidy(verdict.get("reason"), 500))
    if len(judged) < len(values):
        raise ValueError(f"{len(values) - len(judged)} of {len(values)} values were not judged")
    return verdicts


def _labels(task: Task, names: Sequence[str]) -> list[Label]:
    return [label for label in task.labels if label.name in names]


def _objects(answer: Iterable[object]) -> Iterator[dict[str, Any]]:
    return (each for each in answer if isinstance(each, dict))


def _some(items: Collection[Item], what: str) -> Collection[Item]:
    if not items:
        raise ValueError(f"the answer holds no usable {what}")
    return items


def _one_of(names: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(names)}
