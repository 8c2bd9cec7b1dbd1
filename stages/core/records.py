"""The records that stages hand to one another: one line of a JSON lines file each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from stages.core.reports import Report

if TYPE_CHECKING:
    from stages.core.files import Json


@dataclass(frozen=True, slots=True)
class PlannedText:
    """One text that is wanted.

    Attributes:
        index: Its number within the label, from 0.
        attributes: The values it shall have.
        also: The labels it shall have beside the one that it is planned for; none where a text has one label.
    """

    index: int
    attributes: dict[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()


IMPORTED = "imported"  # the finish reason of a text that was made elsewhere: nobody was asked for it


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request: the texts it asks for, all of one label, and the messages that ask for them.

    Or one text that was made elsewhere, in place of a request.

    Attributes:
        label: The label's name.
        rows: The texts asked for, in the order of the answer.
        messages: As the chat endpoint takes them.
        as_json: Whether the answer is `{"texts": [...]}` rather than one bare text.
        sample: How often the same messages stand in this file before: the n-th time is to be a different answer.
        text: A text that was made elsewhere, which there is nothing to ask for; None for a request.
        report: What is to be said of each text; None where nothing is. Then the answer is
            `{"texts": [{"text": ..., "values": {dimension: value}}]}`.
        reserve: Whether it is asked for only where its label lacks texts, because others were rejected.
    """

    label: str
    rows: tuple[PlannedText, ...]
    messages: tuple[dict[str, str], ...]
    as_json: bool
    sample: int
    text: str | None = None
    report: Report | None = None
    reserve: bool = False

    @classmethod
    def from_json(cls, row: Json) -> Self:
        """Read a line of a prompts file."""
        own = (row.get("text"), _report(row), row.get("reserve", False))
        rest = (tuple(row["messages"]), row["as_json"], row["sample"], *own)
        return cls(row["label"], _rows(row), *rest)


@dataclass(frozen=True, slots=True)
class Generated:
    """One raw completion, with the texts that were asked for.

    Attributes:
        label: The label's name.
        rows: The texts asked for.
        as_json: As in the prompt.
        sample: As in the prompt.
        key: Under which the answer is stored or recorded; empty where there is none.
        completion: What the model wrote; None where it wrote nothing. Of an imported text: the text.
        finish_reason: As the endpoint gave it ("stop", "length", ...); where there is no answer, why (see `llm/chat`),
            or `IMPORTED`.
        prompt_tokens: As the endpoint counted them.
        completion_tokens: As the endpoint counted them.
        dollars: At the price in params.yaml or of the price list; None where no price is known, and for an imported
            text, which cost somebody something.
        model: The model as it named itself; this and the following are None where nobody knows.
        fingerprint: Of the model's set-up.
        request_id: The endpoint's name for the exchange.
        answered_at: UTC.
        report: As in the prompt.
        reserve: As in the prompt.
    """

    label: str
    rows: tuple[PlannedText, ...]
    as_json: bool
    sample: int
    key: str
    completion: str | None
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    dollars: float | None
    model: str | None
    fingerprint: str | None
    request_id: str | None
    answered_at: str | None
    report: Report | None = None
    reserve: bool = False

    @property
    def imported(self) -> bool:
        """Whether this is a text that was made elsewhere."""
        return not self.key and self.finish_reason == IMPORTED

    @property
    def failed(self) -> bool:
        """Whether the request came to nothing."""
        return not self.key and not self.imported

    @classmethod
    def from_json(cls, row: Json) -> Self:
        """Read a line of a generated file."""
        return cls(**{**row, "rows": _rows(row), "report": _report(row)})


class _Planned:
    """What a planned text has, whatever became of it."""

    __slots__ = ()
    label: str
    also: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels that it was to have."""
        return (self.label, *self.also)

    @classmethod
    def from_json(cls, row: Json) -> Self:
        """Read a line of accepted.jsonl or rejected.jsonl."""
        return cls(**{**row, "also": tuple(row.get("also", ()))})


@dataclass(frozen=True, slots=True)
class Text(_Planned):
    """A text that passed `clean`: `label` is the one that it was planned for, `also` are those beside it.

    Where it was asked for in place of a rejected one, it is of the `reserve`.
    """

    text: str
    label: str
    index: int
    attributes: dict[str, str]
    also: tuple[str, ...] = ()
    reserve: bool = False


@dataclass(frozen=True, slots=True)
class Rejected(_Planned):
    """A planned text that did not: `text` is what came instead, if anything did."""

    reason: str
    text: str | None
    label: str
    index: int
    attributes: dict[str, str]
    also: tuple[str, ...] = ()
    reserve: bool = False


@dataclass(frozen=True, slots=True)
class Annotation:
    """What the model says of one text that it was shown, without being told what was ordered.

    Attributes:
        real: Whether it is a text of the test set, rather than one of the method's accepted ones.
        label: That it was planned for; of a real text the first.
        index: Its place among the texts of its file, from 0.
        text: As the model was shown it.
        values: One of each attribute that was looked for; none where there is no annotation.
        reason: Why there is none; None where there is one.
        key: Under which the answer is stored or recorded; empty where there is none.
    """

    real: bool
    label: str
    index: int
    text: str
    values: dict[str, str]
    reason: str | None
    key: str

    @classmethod
    def from_json(cls, row: Json) -> Self:
        """Read a line of an annotations file."""
        return cls(**row)


def _rows(row: Json) -> tuple[PlannedText, ...]:
    return tuple(PlannedText(each["index"], each["attributes"], tuple(each.get("also", ()))) for each in row["rows"])


def _report(row: Json) -> Report | None:
    return Report.from_json(row["report"]) if "report" in row else None
