"""YAML files that people write, read into pydantic models so that every mistake is told at once, with its line.

params.yaml:23: attributes.values: expected an integer, found 'many'
params.yaml:31: prompts.per_lable: unknown key; did you mean per_label?
"""

from __future__ import annotations

import difflib
import json
import re
from io import StringIO
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from stages.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pydantic_core import ErrorDetails

Location = tuple[int | str, ...]


class Section(BaseModel):
    """One mapping of such a file: no unknown keys, no silent conversions ("20" is no number), not to be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, protected_namespaces=())


SectionType = TypeVar("SectionType", bound=BaseModel)


def read_checked(
    path: Path,
    model: type[SectionType],
    check: Callable[[SectionType], Iterable[tuple[Location, str]]] = lambda _: (),
) -> SectionType:
    """Read a YAML file into `model`.

    Args:
        path: The file.
        model: What it should hold.
        check: What is wrong with it that the model alone cannot know: where, and what.

    Raises:
        InputError: with one line for each problem of the file: missing, not YAML, a key twice, an unknown key, a wrong
            type or value.
    """
    document = _parse(path)
    try:
        # Through JSON, because pydantic's strict mode takes a list for a tuple only from there.
        found = model.model_validate_json(json.dumps(document, allow_nan=False))
    except ValidationError as error:
        details = _without_followups(error.errors())
        raise InputError(*(_problem(path, document, model, each) for each in details)) from None
    except (TypeError, ValueError) as error:  # a YAML date or set, .nan, a key that is no string
        raise InputError(f"{path}: holds a value that JSON has no word for ({error}); put it in quotes") from None
    problems = [f"{place(path, line_of(document, at))}: {'.'.join(map(str, at))}: {said}" for at, said in check(found)]
    if problems:
        raise InputError(*problems)
    return found


def line_of(document: object, location: Location) -> int | None:
    """The line (from 1) at which the value at `location` stands, as near as the document knows it."""
    line: int | None = None
    for step in _steps_in(document, location):
        marks = getattr(document, "lc", None)
        try:
            line = 1 + (marks.key(step)[0] if isinstance(document, dict) else marks.item(step)[0])  # type: ignore[union-attr]
            document = document[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError, AttributeError):
            break  # a key that is missing: its parent's line
    return line


def place(path: Path, line: int | None) -> str:
    """`path:line`, or `path` alone where the line is not known."""
    return f"{path}:{line}" if line else str(path)


def place_of(path: Path, location: Location) -> str:
    """Where in a file the value at `location` stands: `path:line`.

    Raises:
        InputError: the file cannot be read as YAML.
    """
    return place(path, line_of(_parse(path), location))


def _parse(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    try:
        document = YAML(typ="rt").load(StringIO(text))
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        found = re.search(r'found duplicate key "(.*?)" with', error.problem or "", re.DOTALL)
        key = f"{found[1]!r}" if found else "a key"
        raise InputError(f"{place(path, line)}: {key} stands here for the second time; remove one of the two") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise InputError(f"{place(path, line)}: not valid YAML: {error.problem or error.context}") from None
    except YAMLError as error:
        raise InputError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise InputError(f"{path}: expected keys and values (a YAML mapping), found {_shown(document)}")
    return document


def _without_followups(details: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Each place once: a union reports one error for each of its members."""
    seen: set[Location] = set()
    for each in details:
        if each["loc"] not in seen:
            seen.add(each["loc"])
            yield each


def _problem(path: Path, document: object, model: type[BaseModel], details: ErrorDetails) -> str:
    location = _steps_in(document, details["loc"])
    where = f"{place(path, line_of(document, location))}: {'.'.join(map(str, location))}".rstrip(": ")
    kind, found = details["type"], _shown(details["input"])
    match kind:
        case "extra_forbidden":
            known = _known_keys(model, location[:-1])
            near = difflib.get_close_matches(str(location[-1]), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
            return f"{where}: unknown key; {hint}"
        case "missing":
            return f"{where}: missing"
        case "value_error":
            return f"{where}: {details['ctx']['error']}"
        case "union_tag_invalid" | "union_tag_not_found":
            return f"{where}: kind: expected {details['ctx'].get('expected_tags', 'one of the known kinds')}"
        case _:
            said = (
                details["msg"].replace("Input should be a valid", "expected a").replace("Input should be", "expected")
            )
            return f"{where}: {said.replace('expected a integer', 'expected an integer')}, found {found}"


def _steps_in(document: object, location: Location) -> Location:
    """`location` in terms of the file: without the steps that pydantic adds (names of union members, "[key]"), and
    with the key where it counts the entries of a mapping that was read as a list.
    """
    kept: list[int | str] = []
    for number, step in enumerate(location, 1):
        if not isinstance(document, dict | list):
            break
        name = list(document)[step] if isinstance(document, dict) and isinstance(step, int) else step
        try:
            document = document[name]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            if number < len(location) or step == "[key]" or isinstance(document, list):
                continue
        kept.append(name)
    return tuple(kept)


def _known_keys(model: type[BaseModel], location: Location) -> list[str]:
    """The keys that the section at `location` takes."""
    here: list[type[BaseModel]] = [model]
    for step in location:
        following: list[type[BaseModel]] = []
        for each in here:
            field = each.model_fields.get(str(step))
            following += list(_models_in(field.annotation)) if field else [each]
        here = following or here
    return sorted({key for each in here for key in each.model_fields})


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _shown(value: object) -> str:
    shown = "nothing" if value is None else repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."  # noqa: PLR2004 - a line that a terminal shows whole
