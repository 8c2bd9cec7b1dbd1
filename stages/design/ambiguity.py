"""Labels that are easily taken for one another, and values that would make a text fit two of them.

Paper: appendix on class-dependent attribute value filtering: a value that also fits a similar class would make texts of
a doubtful label, so it is dropped. Unlike the paper's code, the judgement is structured, its reason is kept, any number
may be dropped, but never a label's last.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from stages.design.interview import Question, objects_in
from stages.design.nearness import nearest
from stages.design.table import Dropped, TableDimension
from stages.llm.chat import STRING, Schema, object_schema
from stages.llm.reading import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stages.core.sections import Attributes
    from stages.core.taskfile import Label
    from stages.core.tasks import Task
    from stages.design.interview import Asks

_NONE = "none"  # what the judge says of a value that fits no similar label


def find_similar(task: Task, wanted: Attributes, interview: Asks) -> dict[str, tuple[str, ...]]:
    """For each label the labels that it is most easily taken for: by the model, nearest first, then by embeddings."""
    by_model = _by_model(task, wanted.similar, interview) if wanted.similar else {}
    if not wanted.similar_by_embedding:
        return by_model
    phrases = [f"{label.title}: {label.description}" if label.description else label.title for label in task.labels]
    near = nearest(phrases, wanted.similar_by_embedding)
    names = {name: tuple(task.names[other] for other in near[number]) for number, name in enumerate(task.names)}
    return {name: tuple(dict.fromkeys((*by_model.get(name, ()), *names[name]))) for name in task.names}


def _by_model(task: Task, most: int, interview: Asks) -> dict[str, tuple[str, ...]]:
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


def without_ambiguous(
    task: Task, dimensions: Sequence[TableDimension], similar: Mapping[str, Sequence[Label]], interview: Asks
) -> Iterator[TableDimension]:
    """The dimensions without the values that fit a similar label too; a label keeps its first where all of them do."""
    questions = dict[tuple[str, str], Question[dict[str, Dropped]]]()
    for dimension in dimensions:
        for label in task.labels:
            values, near = tuple(dimension.per_label.get(label.name, ())), similar.get(label.name, ())
            if values and near:
                questions[dimension.name, label.name] = _question(task, dimension, label, values, near)
    judged = dict(zip(questions, interview.ask(list(questions.values())), strict=True))
    for dimension in dimensions:
        kept, dropped = dict[str, dict[str, float]](), dict[str, tuple[Dropped, ...]]()
        for name, weights in dimension.per_label.items():
            ambiguous = judged.get((dimension.name, name), {})
            first = dict([next(iter(weights.items()))])
            kept[name] = {each: weight for each, weight in weights.items() if each not in ambiguous} or first
            if out := tuple(ambiguous[value] for value in weights if value in ambiguous.keys() - kept[name]):
                dropped[name] = out
        yield dimension.model_copy(update={"per_label": kept, "dropped": dropped})


def _question(
    task: Task, dimension: TableDimension, label: Label, values: Sequence[str], near: Sequence[Label]
) -> Question[dict[str, Dropped]]:
    names = [each.name for each in near]
    items = object_schema(number={"type": "integer"}, reason=STRING, fits=_one_of([*names, _NONE]))
    given = {"task": task, "dimension": dimension, "label": label, "values": values, "similar": near}
    likely = [{"number": number, "reason": "a reason in one line, as models give it for this", "fits": _NONE}
              for number in range(1, len(values) + 1)]  # fmt: skip
    about = {"dimension": dimension.name, "label": label.name}
    return Question("filter", about, given, "verdicts", items, partial(_read_verdicts, values, names), likely)


def _read_verdicts(values: Sequence[str], near: Sequence[str], answer: list[Any]) -> dict[str, Dropped]:
    """The ambiguous ones among `values`, each with the similar label that it fits and why."""
    verdicts = dict[str, Dropped]()
    judged = set[int]()
    for verdict in objects_in(answer):
        number, fits = verdict.get("number"), verdict.get("fits")
        if isinstance(number, int) and 1 <= number <= len(values):
            judged.add(number)
            if fits in near:
                value = values[number - 1]
                verdicts[value] = Dropped(value=value, fits=str(fits), reason=tidy(verdict.get("reason"), 500))
    if len(judged) < len(values):
        raise ValueError(f"{len(values) - len(judged)} of {len(values)} values were not judged")
    return verdicts


def _one_of(names: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(names)}
