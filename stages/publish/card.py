"""What the template of a data card is given: every text in it escaped, since a model wrote much of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stages.core import files, paths
from stages.design.table import described
from stages.measures.summary import markdown_table, summary_table
from stages.measures.variety import read_studies, variety_table
from stages.publish.escaping import Ready, escaped, plain
from stages.publish.facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.files import Json
    from stages.core.records import Text
    from stages.core.sections import Method, Run
    from stages.core.tasks import Task
    from stages.design.table import AttributeTable


def card_values(
    task: Task,
    table: AttributeTable,
    accepted: Mapping[str, Sequence[Text]],
    test_texts: int,
    *,
    methods: Mapping[str, Method],
    grid: Run,
) -> Json:
    """The values but for those of params.yaml that the card shows as they are.

    Args:
        task: The task.
        table: Its attributes, and the definitions of labels that task.yaml does not describe.
        accepted: By method, one text or more, whose Parquet lies in the data set's folder already.
        test_texts: How many texts of people are given away too.
        methods: Their entries in params.yaml.
        grid: Whose scores to show.

    Raises:
        ArtifactError: something that a stage before writes is missing.
    """
    folder, imported = paths.dataset_folder(task.slug), [each for each in accepted if methods[each].imported]
    used = [each for each in table.dimensions if any(methods[method].uses(each.name) for method in accepted)]
    counts = Counter(label for texts in accepted.values() for text in texts for label in text.labels)
    values = {
        "task": {"slug": task.slug, "domain": task.domain},
        "multilabel": task.multilabel,
        "labels": [
            {"name": each.name, "about": each.description, "texts": counts[each.name]}
            for each in described(task, table.definitions).labels
        ],
        "total": sum(map(len, accepted.values())),
        "test_texts": test_texts,
        "written": [each for each in accepted if each not in imported],
        "imported": imported,
        "methods": [facts_of(task.slug, each, methods[each], texts[0], folder) for each, texts in accepted.items()],
        "dimensions": [{"name": each.name, "about": each.about} for each in used],
        "scores": _table(*summary_table(files.read_json(paths.SUMMARY, "report"), task.slug, grid)),
        "variety": _table(*variety_table(read_studies(task.slug, list(accepted)))),
    }
    return {key: escaped(value) for key, value in values.items()}


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Ready:
    return Ready(markdown_table(list(map(plain, header)), [list(map(plain, row)) for row in rows], 1))
