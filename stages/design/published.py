"""Attribute values in the layout in which the paper's authors published theirs, as an attribute table.

    DATASET/label.txt                                       a label a line
    DATASET/attrprompt/MODEL/DIMENSION/DIMENSION.txt        values for all labels, a value a line
    DATASET/attrprompt/MODEL/DIMENSION/LABEL.jsonl          values of one label, a value a line (it is no JSON)
    DATASET/attrprompt/MODEL/DIMENSION/DIMENSION.json       {value: {"lbl": [label, ...]}}
    DATASET/attrprompt/MODEL/similar/LABEL.jsonl            the labels that it is most easily taken for

Names of folders, files and labels differ from those of the task by case, blanks, `_`, `-`, `&`: they are compared
without those. Nothing is skipped in silence: it is counted, by file and reason.

Where a text of the task may have several labels, values that are listed with several say which labels go together.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from stages.core.dimensions import Dimension
from stages.core.errors import InputError
from stages.core.lengths import LENGTH, WordRange
from stages.core.names import form, names_by_form
from stages.core.slugs import slugify
from stages.design.phrases import ALL_LABELS, ITSELF, UNKNOWN_LABEL, read_phrases
from stages.design.table import AttributeTable, TableDimension
from stages.design.tally import SIMILAR, Tally
from stages.design.together import together_by_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stages.core.tasks import Task
    from stages.design.phrases import Phrases

LENGTH_IN_WORDS = "length_in_words"  # the name of lengths that cannot be read, so that nobody checks texts against them

_FILTERED = "_filter"  # the folder of values that were filtered by the authors, where there are two
_MORE = 50  # the paper's prompt: "between N words and N + 50 words"
_MOST_SIMILAR = 20  # five were asked for; some lists name all labels instead, in the order of label.txt
_NUMBER = re.compile(r"\d+\Z")
_FROM_TO = re.compile(r"\D*(\d+)(?: words)?\s*(?:-|\u2013|to|and)\s*(\d+)\s*words?\W*\Z")


def read_published(folder: Path, task: Task) -> tuple[AttributeTable, Tally]:
    """The table of a published data set, for the labels of `task`, and what was read and skipped.

    What a dimension means comes from the dimension of the same name in task.yaml; where there is none, from its name.

    Raises:
        InputError: there is no such folder, or no folder of a dimension in it, or a file in it cannot be read.
    """
    reader = _Reader(folder, task)
    folders = reader.folders()
    similar = reader.similar(folders.pop(SIMILAR)) if SIMILAR in folders else {}
    if not folders:
        raise InputError(f"{folder}: there is no folder of a dimension in it, as in {folder}/attrprompt/MODEL/style/")
    found = [each for name, where in folders.items() if (each := reader.dimension(name, where))]
    order, there = [each.name for each in task.dimensions or ()], {each.name for each in found}
    reader.tally.notes += [f"{name}: has no folder here; left out" for name in order if name not in there]
    found.sort(key=lambda each: order.index(each.name) if each.name in order else len(order))
    together = together_by_values(task, reader.listed)
    return AttributeTable(dimensions=tuple(found), similar=similar, together=together), reader.tally


class _Reader:
    def __init__(self, folder: Path, task: Task) -> None:
        self._top, self._task = folder, task
        self._labels = names_by_form(task.names)
        self._dimensions = {each.name: each for each in task.dimensions or ()}
        self.tally = Tally()
        self.listed = list[dict[str, list[str]]]()  # by label, values of files that list labels by value

    def folders(self) -> dict[str, Path]:
        """The folder of each dimension, by the dimension's name; of two, the one with filtered values."""
        if not self._top.is_dir():
            raise InputError(f"{self._top}: there is no such folder; it is one of datasets/ of the authors' repository")
        inside = self._top / "attrprompt"
        models = _folders(inside) if inside.is_dir() else [self._top]
        if len(models) != 1 or not models[0].is_dir():
            named = ", ".join(each.name for each in models) or "none"
            raise InputError(f"{inside}: expected the folder of one model in it, found {named}; name DIR more closely")
        found = dict[str, Path]()
        for each in _folders(models[0]):
            name = slugify(each.name)
            plain = name.removesuffix(_FILTERED)
            if plain in found:
                self.tally.notes.append(f"{found[plain].name}/: not read, {each.name}/ has its values, filtered")
            found[plain] = each
        return found

    def dimension(self, name: str, folder: Path) -> TableDimension | None:
        """One dimension: the same values for all labels, or values by label."""
        known = self._dimensions.get(name) or Dimension(name=name, about=name.replace("_", " "))
        files = {each.stem.strip().casefold(): each for each in _files(folder)}
        own = files.pop(name, None) or files.pop(folder.name.strip().casefold(), None)
        if own and own.suffix == ".json":
            per_label = self._by_value(own)
            self.listed.append(per_label)
        elif own:
            self.tally.notes += [f"{self._name(each)}: not read, {own.name} is the list" for each in files.values()]
            return self._common(known, self._read(own).phrases)
        else:
            per_label = {label: found.phrases for label, found in self._by_label(folder).items() if found.phrases}
        if missing := [label for label in self._task.names if label not in per_label]:
            self.tally.notes.append(f"{name}: no values for {', '.join(missing)}; write some before it is used")
        weights = {label: _even(per_label[label]) for label in self._task.names if label in per_label}
        return (
            TableDimension(name=name, about=known.about, ordered=known.ordered, per_label=weights) if weights else None
        )

    def similar(self, folder: Path) -> dict[str, tuple[str, ...]]:
        """The labels that each label is most easily taken for, nearest first."""
        similar = dict[str, tuple[str, ...]]()
        for label, found in self._by_label(folder).items():
            named = [(each, self._labels.get(form(each))) for each in found.phrases]
            if unknown := [each for each, known in named if known is None]:
                found.skip(UNKNOWN_LABEL, len(unknown))
                self.tally.notes.append(f"{SIMILAR} of {label}: {', '.join(map(repr, unknown))}: no such label")
            found.skip(ITSELF, sum(known == label for _, known in named))
            near = tuple(dict.fromkeys(known for _, known in named if known and known != label))
            if len(near) > _MOST_SIMILAR:
                found.skip(ALL_LABELS, len(near))
                near = ()
            if near:
                similar[label] = near
            found.phrases = list(near)
        if missing := [label for label in self._task.names if label not in similar]:
            self.tally.notes.append(f"{SIMILAR}: none for {', '.join(missing)}")
        return {label: similar[label] for label in self._task.names if label in similar}

    def _common(self, known: Dimension, values: list[str]) -> TableDimension | None:
        name, ordered = known.name, known.ordered
        if name == LENGTH:
            ranges = [_range(each) for each in values]
            readable = [str(each) for each in ranges if each]
            name, values = (LENGTH, readable) if len(readable) == len(values) else (LENGTH_IN_WORDS, values)
            ordered = True
        if not values:
            self.tally.notes.append(f"{name}: no values; left out")
            return None
        return TableDimension(name=name, about=known.about, ordered=ordered, values=_even(values))

    def _by_value(self, path: Path) -> dict[str, list[str]]:
        """Values by label, from a file that has labels by value."""
        try:
            rows = {str(value): list(each["lbl"]) for value, each in json.loads(_text(path)).items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f'{path}: expected {{value: {{"lbl": [label, ...]}}}}: {error!r}') from None
        found = self.tally.files[self._name(path)] = read_phrases(rows)
        per_label = dict[str, list[str]]()
        for value, names in rows.items():
            for phrase in read_phrases([value]).phrases:
                for name in names:
                    if known := self._labels.get(form(str(name))):
                        per_label.setdefault(known, []).append(phrase)
                    else:
                        found.skip(UNKNOWN_LABEL, 1)
        return {label: read_phrases(values).phrases for label, values in per_label.items()}

    def _by_label(self, folder: Path) -> dict[str, Phrases]:
        """What the file of each label holds. Of two files for a label the one with the label's very name is read."""
        chosen = dict[str, Path]()
        for path in _files(folder):
            label = self._labels.get(form(path.stem))
            if label is None:
                self.tally.notes.append(f"{self._name(path)}: not read, no label of the task is called so")
            elif label not in chosen:
                chosen[label] = path
            else:
                kept, other = sorted((chosen[label], path), key=lambda each: each.stem.strip() != label)
                chosen[label] = kept
                self.tally.notes.append(f"{self._name(other)}: not read, {kept.name} is the file of {label}")
        return {label: self._read(path) for label, path in chosen.items()}

    def _read(self, path: Path) -> Phrases:
        found = self.tally.files[self._name(path)] = read_phrases(_text(path).splitlines())
        return found

    def _name(self, path: Path) -> str:
        return f"{path.parent.name.strip()}/{path.name}"


def _range(text: str) -> WordRange | None:
    """A published length as a range of words: a bare number stands for that many and up to fifty more."""
    if _NUMBER.match(text):
        return WordRange(int(text), int(text) + _MORE) if int(text) else None
    found = _FROM_TO.match(text.casefold())
    return WordRange(int(found[1]), int(found[2])) if found and 1 <= int(found[1]) <= int(found[2]) else None


def _folders(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []


def _files(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.is_file() and not each.name.startswith("."))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


def _even(values: Iterable[str]) -> dict[str, float]:
    return dict.fromkeys(values, 1.0)
