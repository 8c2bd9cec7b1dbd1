"""YAML files that people write, read into pydantic models so that every mistake is told at once, with its line.

params.yaml:23: attributes.values: expected an integer, found 'many'
params.yaml:31: prompts.per_lable: unknown key; did you mean per_label?
"""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from stages.core.errors import InputError
from stages.core.yaml_document import Location, line_of, not_json, parse, place, shown_value, steps_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pydantic_core import ErrorDetails


class Section(BaseModel):
    """One mapping of such a file: no unknown keys, no silent conversions ("20" is no number), not to be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, protected_namespaces=())


# Words of pydantic, and what they are called in YAML.
_WORDS = (
    ("Input should be a valid array", "expected a list"),
    ("Input should be an object", "expected keys and values"),
    ("Input should be a valid", "expected a"),
    ("Input should be", "expected"),
    ("String should match pattern", "expected a text that matches"),
    ("String should have at least", "expected at least"),
    ("Value should have at least", "expected at least"),
    ("Dictionary should have at least", "expected at least"),
    ("expected a integer", "expected an integer"),
)

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
    document = parse(path)
    try:
        # Through JSON, because pydantic's strict mode takes a list for a tuple only from there.
        found = model.model_validate_json(json.dumps(document, allow_nan=False))
    except ValidationError as error:
        details = _without_followups(error.errors())
        raise InputError(*(_problem(path, document, model, each) for each in details)) from None
    except (TypeError, ValueError):  # a YAML date or set, .nan, a key that is no string
        at, value = not_json(document) or ((), document)
        where = f"{place(path, line_of(document, at))}: {'.'.join(map(str, at))}".rstrip(": ")
        no = "finite number; a text" if isinstance(value, float) else "text, number, list or mapping; it"
        raise InputError(f"{where}: {shown_value(value)} is no {no} goes in quotes") from None
    problems = [f"{place(path, line_of(document, at))}: {'.'.join(map(str, at))}: {said}" for at, said in check(found)]
    if problems:
        raise InputError(*problems)
    return found


def _without_followups(details: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Each place once: a union reports one error for each of its members."""
    seen: set[Location] = set()
    for each in details:
        if each["loc"] not in seen:
            seen.add(each["loc"])
            yield each


def _problem(path: Path, document: object, model: type[BaseModel], details: ErrorDetails) -> str:
    kind, value = details["type"], details["input"]
    location = steps_in(document, details["loc"])
    where = f"{place(path, line_of(document, location))}: {'.'.join(map(str, location))}".rstrip(": ")
    found = shown_value(list(value) if kind == "too_short" and isinstance(value, dict) else value)
    match kind:
        case "extra_forbidden":
            known = _known_keys(model, location[:-1])
            near = difflib.get_close_matches(str(location[-1]), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
            return f"{where}: unknown key; {hint}"
        case "missing":
            return (
                f"{where}: too few items, found {found}" if isinstance(details["loc"][-1], int) else f"{where}: missing"
            )
        case "string_type" if isinstance(value, bool | int | float):
            return f"{where}: expected a string, found {found}; put it in quotes"
        case "value_error":
            return f"{where}: {details['ctx']['error']}"
        case "union_tag_invalid" | "union_tag_not_found":
            return f"{where}: kind: expected {details['ctx'].get('expected_tags', 'one of the known kinds')}"
        case _:
            said = re.sub(r" after validation, not \d+$", "", details["msg"])
            for theirs, ours in _WORDS:
                said = said.replace(theirs, ours)
            return f"{where}: {said}, found {found}"


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
