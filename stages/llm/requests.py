"""Prompts as requests to a model: what `generate` asks and what a forecast counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core.reports import OTHER
from stages.llm.chat import STRING, ChatRequest, Schema, format_for, list_schema, object_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stages.core.records import Prompt
    from stages.core.reports import Report, Spread
    from stages.core.sections import Llm

_TEXTS = object_schema(texts=list_schema(STRING))


class PromptRequests:
    """The requests of prompts, made anew each time they are gone through, so that none has to stay in memory.

    An imported text is none.
    """

    def __init__(self, prompts: Iterable[Prompt], llm: Llm) -> None:
        self._prompts, self._llm = prompts, llm
        self._format = format_for(llm.response_format, "texts", _TEXTS)

    def __iter__(self) -> Iterator[ChatRequest]:
        return (self.of(each) for each in self._prompts if each.text is None)

    def of(self, prompt: Prompt) -> ChatRequest:
        """The request of one prompt."""
        form = self._format if prompt.as_json else None
        if prompt.report:
            form = format_for(self._llm.response_format, "reports", _reports(prompt.report))
        return ChatRequest(self._llm.model, prompt.messages, self._llm.sampling, form, prompt.sample)


def values_schema(spreads: Iterable[Spread]) -> Schema:
    """The schema of an object with a value of each dimension; that of a length is counted, and nobody says it."""
    return object_schema(
        **{
            each.name: {"type": "string", "enum": list(dict.fromkeys((*each.values, OTHER)))}
            for each in spreads
            if not each.measured
        }
    )


def _reports(report: Report) -> Schema:
    return object_schema(texts=list_schema(object_schema(text=STRING, values=values_schema(report.spreads))))
