"""Asking the model about the task itself: questions from templates, answers as JSON objects, a trace of each.

An answer that is no JSON object of the wanted form is asked for again, as another sample of the same question; the
first one stays in the store, so the next run takes the same way for nothing. Where no sample is of use they are all
forgotten, and the next run puts the question anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from stages.core.errors import RequestsFailedError
from stages.llm.chat import Answer, Asker, ChatRequest, Schema, format_for, list_schema, object_schema
from stages.llm.prices import Prices
from stages.llm.reading import parse_object

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from stages.core.files import Json
    from stages.core.sections import Llm
    from stages.core.templates import Templates

TRIES = 3

Found = TypeVar("Found")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Question(Generic[Found]):
    """One question: the template (its name is the step's), what is filled in, and the form of the answer.

    Attributes:
        template: Name of the template.
        about: What is asked about, for the trace and for errors: label and dimension, where there are any.
        values: What is filled in.
        key: The key of the answer's object that is wanted; a list stands under it.
        items: JSON schema of the list's items.
        read: What is made of the list. It raises ValueError where the list is of no use, and the question is put again.
        example: A list as an answer may hold it, of the full length: what a forecast goes on with.
        first: The sample of the answer that is asked for first: questions that are put several times on purpose differ
            in it alone.
        step: From a useless answer to the next sample; at least as many as there are questions that differ so.
    """

    template: str
    about: dict[str, str]
    values: dict[str, object]
    key: str
    items: Schema
    read: Callable[[list[Any]], Found]
    example: list[Any]
    first: int = 0
    step: int = 1


class Asks(Protocol):
    """Whoever gets questions answered: an `Interview`, or a rehearsal of one."""

    def ask(self, questions: Sequence[Question[Found]]) -> list[Found]:
        """What was read out of each answer, in the order of the questions."""
        ...


@dataclass(slots=True)
class Interview:
    """Asks questions, and keeps a trace of what each answer cost.

    Attributes:
        forget: What is done with requests that got no answer of use, so that they can be put again.
        trace: One record a request: step, label, dimension, key, tokens, dollars.
    """

    asker: Asker
    templates: Templates
    llm: Llm
    forget: Callable[[Sequence[ChatRequest]], None]
    trace: list[Json] = field(default_factory=list)

    def ask(self, questions: Sequence[Question[Found]]) -> list[Found]:
        """What was read out of each answer, in the order of the questions.

        Raises:
            RequestsFailedError: a question got no answer, or none of use in three samples.
        """
        answers: dict[int, Found] = {}
        problems: dict[int, str] = {}
        pending = list(range(len(questions)))
        for turn in range(TRIES):
            requests = [request_of(questions[number], turn, self.templates, self.llm) for number in pending]
            malformed = list[int]()
            for number, request, outcome in zip(
                pending, requests, self.asker.ask(requests) if requests else (), strict=True
            ):
                if not isinstance(outcome, Answer):
                    problems[number] = outcome.why
                    continue
                self._note(questions[number], request, outcome)
                try:
                    answers[number] = read_answer(questions[number], outcome)
                except ValueError as error:
                    problems[number] = str(error)
                    malformed.append(number)
            pending = malformed
        failed = [number for number in range(len(questions)) if number not in answers]
        self.forget(
            [request_of(questions[each], turn, self.templates, self.llm) for each in pending for turn in range(TRIES)]
        )
        if failed:
            shown = "".join(f"\n  {_name(questions[each])}: {problems[each]}" for each in failed[:10])
            raise RequestsFailedError(
                f"{len(failed)} of {len(questions)} questions got no usable answer; what is of use "
                f"is kept, run again to ask for the rest:{shown}"
            )
        return [answers[number] for number in range(len(questions))]

    def _note(self, question: Question[Any], request: ChatRequest, answer: Answer) -> None:
        dollars = Prices(self.llm.model, self.llm.price_per_million).dollars(
            answer.prompt_tokens, answer.completion_tokens
        )
        self.trace.append(
            {
                "step": question.template,
                **question.about,
                "key": request.key,
                "dollars": dollars,
                "prompt_tokens": answer.prompt_tokens,
                "completion_tokens": answer.completion_tokens,
            }
        )


def request_of(question: Question[Any], turn: int, templates: Templates, llm: Llm) -> ChatRequest:
    """The request that puts a question; a higher `turn` puts it once more."""
    text = templates.render(question.template, question.values)
    schema = object_schema(**{question.key: list_schema(question.items)})
    form = format_for(llm.response_format, question.template, schema)
    sample = question.first + turn * question.step
    return ChatRequest(llm.model, ({"role": "user", "content": text},), llm.sampling, form, sample)


def read_answer(question: Question[Found], answer: Answer) -> Found:
    """What was wanted, out of an answer.

    Raises:
        ValueError: it is not there.
    """
    found = parse_object(answer.completion).get(question.key)
    if not isinstance(found, list):
        raise ValueError(f"the answer has no list {question.key!r}")  # noqa: TRY004 - see parse_object
    return question.read(found)


def objects_in(answer: Iterable[object]) -> Iterator[dict[str, Any]]:
    """Those items that are objects."""
    return (each for each in answer if isinstance(each, dict))


def some(items: Collection[Item], what: str) -> Collection[Item]:
    """The items.

    Raises:
        ValueError: there are none.
    """
    if not items:
        raise ValueError(f"the answer holds no usable {what}")
    return items


def _name(question: Question[Any]) -> str:
    return " ".join([question.template, *question.about.values()])
