"""The header of a data card, by which the Hugging Face hub and its `datasets` package know what a folder holds.

https://github.com/huggingface/hub-docs/blob/main/datasetcard.md says which keys there are.
"""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stages.core.publishing import Dataset
    from stages.core.tasks import Task

ALL = "all-methods"  # no slug, so no method has this name
TEST_FILE = "test/test.parquet"

_SIZES = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M", 10_000_000: "1M<n<10M"}


def train_file(method: str) -> str:
    """Where in the folder the texts of a method lie."""
    return f"train/{method}.parquet"


def header(task: Task, texts: Mapping[str, int], test_texts: int, chosen: Dataset) -> str:
    """The YAML between the two lines of `---`, these included.

    Strings are in double quotes: the hub reads YAML 1.1, where a label `no` would be false and `1:30` a number.

    Args:
        task: For its name and labels.
        texts: By method, how many there are.
        test_texts: How many real texts of the test set are there; 0 where they are not given away.
        chosen: What cannot be known here: language and licence.
    """
    configs = {ALL: list(texts), **{method: [method] for method in texts}}
    kind = "multi-label" if task.multilabel else "multi-class"
    values = {
        "pretty_name": f"{task.slug}, generated",
        "license": chosen.license,
        "language": list(chosen.language),
        "task_categories": ["text-classification"],
        "task_ids": [f"{kind}-classification"],
        "size_categories": [size_category(sum(texts.values()) + test_texts)],
        "annotations_creators": ["machine-generated"],
        "tags": ["synthetic"],
        "configs": [
            {
                "config_name": name,
                **({"default": True} if name == ALL else {}),
                "data_files": [
                    {"split": "train", "path": [train_file(method) for method in methods]},
                    *([{"split": "test", "path": [TEST_FILE]}] if test_texts else []),
                ],
            }
            for name, methods in configs.items()
        ],
        "dataset_info": [{"config_name": name, "features": _features(task)} for name in configs],
    }
    yaml, text = YAML(), StringIO()
    yaml.width, yaml.allow_unicode = 1_000_000, True  # a folded line could look like the end of the header
    yaml.dump(_quoted(values), text)
    return f"---\n{text.getvalue()}---\n"


def size_category(texts: int) -> str:
    """The hub's word for a set of this size."""
    return next((name for below, name in _SIZES.items() if texts < below), "n>10M")


def _features(task: Task) -> list[dict[str, Any]]:
    """The columns, as `parquet.schema` has them."""
    label = {"class_label": {"names": {str(number): name for number, name in enumerate(task.names)}}}
    strings = [{"name": name, "dtype": "string"} for name in ("name", "value")]
    return [
        {"name": "text", "dtype": "string"},
        {"name": "label", "dtype": label},
        *([{"name": "labels", "list": label}] if task.multilabel else []),
        {"name": "attributes", "list": strings},
        {"name": "method", "dtype": "string"},
        {"name": "index", "dtype": "int64"},
    ]


def _quoted(value: Any) -> Any:
    if isinstance(value, str):
        return DoubleQuotedScalarString(value)
    if isinstance(value, dict):
        return {_key(key): _quoted(each) for key, each in value.items()}
    return [_quoted(each) for each in value] if isinstance(value, list) else value


def _key(name: str) -> str:
    return DoubleQuotedScalarString(name) if name.isdigit() else name
