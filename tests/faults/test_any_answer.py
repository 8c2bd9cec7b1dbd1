"""Every parser of what a model wrote: whatever comes, a value or an error of ours, in a time linear in its length."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stages.checks.annotations import read_annotations
from stages.checks.completions import NoText, read_texts
from stages.checks.judgements import Opinion, read_judgements
from stages.checks.reports import Reported, read_reports
from stages.checks.texts import REASONS, TextCheck
from stages.core import files
from stages.core.annotating import Sought
from stages.core.errors import ArtifactError, InputError, StoreError
from stages.core.examples import Example
from stages.core.lengths import WordRange
from stages.core.params import load_everything
from stages.core.records import Generated, Prompt, Rejected, Text
from stages.core.reports import Spread
from stages.core.sections import Attributes
from stages.core.taskfile import Label
from stages.core.tasks import Task
from stages.core.texts import harmless, normalised
from stages.design.attributes import find_attributes
from stages.design.audit import audit_page
from stages.design.interview import Question, read_answer
from stages.design.phrases import LONGEST, read_phrases
from stages.design.table import AttributeTable, TableDimension, read_table, write_table
from stages.llm.chat import Answer, ChatRequest
from stages.llm.limits import wait_asked_for, wait_until_reset
from stages.llm.reading import parse_object, tidy, unfenced
from stages.llm.recordings import read_recordings
from stages.llm.store import Store
from stages.llm.wire import UNREADABLE, read_completion, read_error
from tests.conftest import ROOT
from tests.faults.hostile import CONTROLS, MALFORMED, PHRASES, UNSEEN, long_texts

Found = TypeVar("Found")

TONE, LENGTH = Spread("tone", ("calm", "angry"), (0.5, 0.5)), Spread("length", ("1 to 2 words",), (1.0,))
WANTED = Attributes(dimensions=2, rounds=2, values=3, same=0.9, similar=1, similar_by_embedding=0, length_ranges=2,
                    count_in=0)  # fmt: skip

STRINGS = [*PHRASES.values(), *CONTROLS.values(), *UNSEEN.values()]
NUMBERS = (True, 0, -1, 1, 2, 10**400, 1e308, 1e-320, float("nan"), float("inf"), -0.0)
# Of characters that mean something to some parser, and any others.
MARKS = st.sampled_from("{}[]\",:`'\\ \n\t\r.a1eI\x00\x1b\ud800\u2028\u202e\u0301")
TEXT = st.text(MARKS | st.characters(), max_size=40)
NO_USE = st.sampled_from([each for each in MALFORMED if len(each) < 10_000])
LEAVES = st.none() | st.sampled_from(NUMBERS) | st.sampled_from(STRINGS) | TEXT
KEYS = st.sampled_from(
    ("texts", "text", "values", "value", "percent", "dimensions", "name", "about", "per_label", "ordered", "similar",
     "labels", "realism", "why", "verdicts", "number", "fits", "reason", "read", "together", "label", "tone", "length",
     "noise", "parcel")
) | st.text(max_size=5)  # fmt: skip
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


@st.composite
def completions(draw: st.DrawFn) -> str:
    """Any text; JSON of any form, or of about the form that is wanted; in a fence, cut off, with words around it."""
    of_form = st.dictionaries(KEYS, st.lists(JSON, max_size=4), min_size=1, max_size=1)
    found = draw(TEXT | NO_USE | JSON.map(json.dumps) | of_form.map(json.dumps))
    before, after = draw(st.sampled_from([("", ""), ("```json\n", "\n```"), ("Sure! ", " {ok}"), ("", "\x00")]))
    found = f"{before}{found}{after}"
    return found[: draw(st.integers(0, len(found)))] if draw(st.booleans()) else found


def as_bytes(values: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """Any bytes; the values as JSON; what is of no use."""
    said = values.map(lambda each: json.dumps(each).encode())
    return st.binary(max_size=40) | said | NO_USE.map(lambda each: each.encode("utf-8", "surrogatepass"))


def answer(completion: str | None) -> Answer:
    return Answer(completion, "stop", 1, 1, "desk")


@given(completions(), st.integers(1, 4), st.booleans())
@settings(max_examples=100)
def test_texts(completion: str, wanted: int, as_json: bool) -> None:
    texts = read_texts(completion, wanted, as_json=as_json)
    reported = read_reports(completion, wanted, (TONE, LENGTH))
    assert len(texts) == len(reported) == wanted
    assert all(isinstance(each, NoText | Reported) for each in reported)
    known = {("tone", value) for value in TONE.values} | {("length", value) for value in LENGTH.values}
    assert all(known >= set(each.values.items()) for each in reported if isinstance(each, Reported))
    check = TextCheck(WordRange(1, 20), 0.5, ["a"])
    assert all(check.judge(each, {}) in (None, *REASONS) for each in texts if isinstance(each, str))
    with naming("the answer", ValueError):
        assert isinstance(parse_object(completion), dict)


@given(completions(), st.integers(1, 4), st.booleans())
@settings(max_examples=100)
def test_what_is_said_of_texts_that_were_shown(completion: str, wanted: int, multilabel: bool) -> None:
    labels = ("noise", "parcel")
    judged = read_judgements(answer(completion), wanted, labels, 3, multilabel=multilabel)
    annotated = read_annotations(answer(completion), wanted, [Sought("tone", "", TONE.values)])
    assert len(judged) == len(annotated) == wanted
    for each in judged:
        assert isinstance(each, str) or (set(each.chances) <= set(labels) and each.why.isprintable())
    assert all(isinstance(each, str) or set(each) == {"tone"} for each in annotated)


@pytest.mark.parametrize("completion", MALFORMED, ids=range(len(MALFORMED)))
def test_answers_of_no_use(completion: str) -> None:
    assert read_texts(completion, 1, as_json=True)[0] in (NoText.MISSING, NoText.MALFORMED)
    assert len(read_texts(completion, 1, as_json=False)) == 1


LONG = long_texts(10_000)


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_texts(text: str) -> None:
    """It comes to an end: what was quadratic took minutes or hours for these."""
    for completion in (text, json.dumps({"texts": [text]})):
        for as_json in (True, False):
            assert len(read_texts(completion, 1, as_json=as_json)) == 1
        read_reports(completion, 1, (TONE, LENGTH))
        assert not isinstance(
            read_judgements(answer(completion), 1, ("noise", "parcel"), 3, multilabel=True)[0], Opinion
        )
    TextCheck(WordRange(1, 20), 0.5, [text]).judge(text, {})
    assert normalised(text) == normalised(text + " ")
    assert unfenced(f"```\n{text}\n```") == text.rstrip()
    tidy(text)
    tidy(text, 10 * len(text))


@pytest.mark.parametrize("mark", ["\u0301\u0316", "\uff9e\u0301", "\u0345"])
def test_marks_are_sorted_in_short_runs(mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that Python takes for a run of marks is quadratic in its length."""
    given_to, normalize = list[str](), unicodedata.normalize

    def noted(form: Any, text: str) -> str:
        given_to.append(text)
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", noted)
    normalised("a" + mark * 500)
    classes = map(unicodedata.combining, normalize("NFKD", given_to[0]))
    runs = [len(list(run)) for marked, run in groupby(classes, bool) if marked]
    assert sum(runs) >= 500
    assert max(runs) <= 60


def test_marks_on_a_letter_are_no_words() -> None:
    assert normalised("Cafe\u0301 " + "e\u0301\u0316" * 3) == "caf\u00e9 " + " ".join(["\u00e9"] * 3)
    assert normalised("a" + "\u0301\u0316" * 200 + "b") == normalised("a" + "\u0301\u0316" * 300 + "b")
    assert normalised("-" * 100 + "Where, now?" + "." * 100) == "where now"


_FENCED = re.compile(r"\A\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)


@given(st.text("`\n a{", max_size=14).map(lambda text: text.replace("`", "```")))
@settings(max_examples=500)
@example("```json\n\n a \n ```\n")
@example("```\n```")
@example("```\n````")
def test_a_fence_is_what_the_pattern_says(text: str) -> None:
    """The pattern is short, and cubic in the length of what it is matched with."""
    found = _FENCED.match(text)
    assert unfenced(text) == (found[1] if found else text)


@contextmanager
def naming(place: object, *kinds: type[Exception]) -> Iterator[None]:
    """No error, or one of these, which says where."""
    try:
        yield
    except kinds as error:
        told = harmless(str(error))
    else:
        return
    assert str(place) in told


@given(st.lists(TEXT | st.sampled_from(STRINGS), max_size=6))
def test_lines_of_a_list_that_a_model_wrote(lines: list[str]) -> None:
    found = read_phrases(lines)
    assert found.lines == len(lines) == len(found.phrases) + found.skipped.total()
    assert all(each.isprintable() and len(each) <= LONGEST for each in found.phrases)


HEADERS = ("retry-after", "retry-after-ms", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens")


@given(st.dictionaries(st.sampled_from(HEADERS), TEXT | st.text("0123456789.msh ", max_size=400)))
@example({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1" * 400 + "s"})
def test_headers(headers: dict[str, str]) -> None:
    assert 0 <= wait_until_reset(headers) < float("inf")
    assert 0 <= (wait_asked_for(headers) or 0) < float("inf")


class Said:
    """Gives the same answer to every question; what cannot be read out of it is what the question's example says."""

    def __init__(self, said: Any) -> None:
        self.said, self.asked = said, list[Question[Any]]()

    def ask(self, questions: Sequence[Question[Found]]) -> list[Found]:
        self.asked += questions
        return [self._answer(each) for each in questions]

    def _answer(self, question: Question[Found]) -> Found:
        try:
            if isinstance(self.said, str):
                return read_answer(question, answer(self.said))
            given = self.said.get(question.key, question.example) if isinstance(self.said, dict) else self.said
            return question.read(given)
        except ValueError:
            return question.read(question.example)


TASK = Task(
    "notes", "notes", "a line", WordRange(2, 40), multilabel=True,
    labels=(Label(name="noise", description="is loud"), Label(name="parcel", description="a parcel"), Label(name="?")),
)  # fmt: skip
METHODS = [load_everything(ROOT / "params.yaml").methods[name] for name in ("attrprompt", "metaprompt")]
EXAMPLES = [Example(f"text {number}", "noise") for number in range(10)]


def table_of(said: Said, folder: Path) -> AttributeTable:
    """What becomes of an answer that is given to every question, through the file that keeps it."""
    table = find_attributes(TASK, WANTED, METHODS, said, EXAMPLES, to_count=EXAMPLES)
    write_table(folder / "table.yaml", table)
    read = read_table(folder / "table.yaml")
    for kept, found in zip(read.dimensions, table.dimensions, strict=True):
        for label in (*TASK.names, ""):
            assert kept.values_for(label) == found.values_for(label)
        assert (kept.name, kept.about, kept.dropped, kept.counted) == (
            found.name, found.about, found.dropped, found.counted)  # fmt: skip
    rest = {"similar", "definitions", "instructions", "together"}
    assert read.model_dump(include=rest) == table.model_dump(include=rest)
    return read


@given(completions() | st.lists(JSON, max_size=6))
@settings(max_examples=50)
def test_questions_about_the_task(tmp_path_factory: pytest.TempPathFactory, said: Any) -> None:
    found = table_of(Said(said), tmp_path_factory.getbasetemp())
    assert audit_page("notes", found).startswith("# Attributes of notes")
    told = [each for dimension in found.dimensions for each in (dimension.about, *dimension.values_for("noise"))]
    assert all(each.isprintable() for each in (*told, *found.definitions.values(), *found.instructions.values()))
    assert all(re.fullmatch("[a-z0-9_]+", each.name) for each in found.dimensions)
    assert all(set(names) <= set(TASK.names) for names in (*found.similar.values(), *found.together.values()))


def kept_as_written(phrases: list[str], folder: Path) -> None:
    """None becomes a tag, an anchor, a number, a date or a merge key of the file that keeps them."""
    for weights in ({each: number + 1.0 for number, each in enumerate(phrases)}, dict.fromkeys(phrases, 1.0)):
        tones = TableDimension(name="tone", about=phrases[0], values=weights, per_label={"noise": weights})
        table = AttributeTable(dimensions=(tones,), definitions={"noise": phrases[-1]})
        write_table(folder / "phrases.yaml", table)
        assert read_table(folder / "phrases.yaml") == table


@given(st.lists((st.sampled_from(STRINGS) | TEXT).map(tidy).filter(bool), min_size=1, max_size=5, unique=True))
@settings(max_examples=50)
def test_phrases_stay_as_they_are_written(tmp_path_factory: pytest.TempPathFactory, phrases: list[str]) -> None:
    kept_as_written(phrases, tmp_path_factory.getbasetemp())


def test_phrases_that_mean_something_to_yaml(tmp_path: Path) -> None:
    marks = [
        "<<",
        "=",
        "~",
        "---",
        "...",
        "?",
        "? a",
        "- a",
        "a: b",
        "a #b",
        "%a",
        "@a",
        "`a",
        "!a b",
        "!!str",
        "|",
        ">",
    ]
    words = ["null", "yes", "1_000", "0o17", "1e3", ".inf", "2020-02-02", "x" * 200, "x " * 90 + "x"]
    kept_as_written([*marks, *words, "'", '"', "{a", "a]", ", a", "\ud7ff", "\U0001f600"], tmp_path)


def test_no_more_is_looked_at_than_anybody_asked_for(tmp_path: Path) -> None:
    """Values are compared with each other, and proposed dimensions are named in the next question."""
    many = [{"value": f"v{number}", "percent": 10**400} for number in range(30_000)]
    said = Said({"values": many, "dimensions": [{"name": f"d{number}", "about": "x"} for number in range(30_000)]})
    dimensions = table_of(said, tmp_path).dimensions
    assert [len(each.values) for each in dimensions if each.name == "d0"] == [3]
    merged = [each for each in said.asked if each.template == "merge"]
    assert [len(each.values["proposed"]) <= 200 for each in merged] == [True]  # type: ignore[arg-type]


USAGE = st.dictionaries(st.sampled_from(["prompt_tokens", "completion_tokens"]), LEAVES) | JSON
MESSAGE = st.dictionaries(st.sampled_from(["content", "refusal", "role"]), LEAVES) | JSON
BODY = st.fixed_dictionaries(
    {"choices": st.lists(st.fixed_dictionaries({"message": MESSAGE}, optional={"finish_reason": LEAVES})),
     "usage": USAGE},
    optional={"model": JSON, "id": JSON, "system_fingerprint": JSON},
)  # fmt: skip


@given(as_bytes(BODY | JSON))
def test_bodies(body: bytes) -> None:
    message, code = read_error(body)
    assert isinstance(message, str)
    assert code is None or isinstance(code, str)
    try:
        found = read_completion(body)
    except UNREADABLE:
        return
    assert Answer.from_json(asdict(found)) == found
    assert min(found.prompt_tokens, found.completion_tokens) >= 0
    assert max(map(len, (found.finish_reason, found.model, found.request_id or ""))) <= 200


COUNTS: tuple[Any, ...] = ("many", {"a": 1}, 1e999, float("nan"), -5, 10**30)


@pytest.mark.parametrize("usage", ["none", [], None, *({"prompt_tokens": each} for each in COUNTS)])
def test_an_answer_is_kept_whatever_was_counted(usage: Any) -> None:
    usage = {"completion_tokens": 7, **usage} if usage and isinstance(usage, dict) else usage
    body = json.dumps({"choices": [{"message": {"content": "paid"}, "finish_reason": "stop"}], "usage": usage})
    found = read_completion(body)
    assert (found.completion, found.prompt_tokens, found.completion_tokens) == ("paid", 0, 0)


FIELDS = ("completion", "finish_reason", "prompt_tokens", "completion_tokens", "model")
ROW = st.fixed_dictionaries(dict.fromkeys(FIELDS, LEAVES), optional=dict.fromkeys(("seconds", "batch", "x"), LEAVES))
LINE = st.fixed_dictionaries({"key": LEAVES, "answer": ROW | JSON}, optional={"request": JSON}) | JSON


@given(as_bytes(LINE))
def test_lines_of_recordings_and_of_artifacts(tmp_path_factory: pytest.TempPathFactory, line: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "lines.jsonl"
    path.write_bytes(line + b"\n")
    with naming(f"{path}:1: ", InputError):
        recorded = read_recordings(path)
        assert all(Answer.from_json(asdict(each)) == each for each in recorded.values())
    for record in (Prompt, Generated, Text, Rejected):
        with naming(f"{path}:1: ", ArtifactError):
            list(files.read_records(path, record, "clean"))
    with naming(f"{path}: ", ArtifactError):
        files.read_json(path, "clean")


@given(st.text(max_size=20) | ROW.map(json.dumps) | NO_USE)
def test_what_stands_in_a_store(tmp_path_factory: pytest.TempPathFactory, kept: str) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile.sqlite"
    with Store(path) as store:
        row = ("key", "{}", kept.encode("utf-8", "surrogatepass"))
        store.connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, CAST(? AS TEXT))", row)
        with naming(path, StoreError):
            assert store.get(["key"]).keys() == {"key"}


@given(st.sampled_from([*STRINGS, *MALFORMED]) | TEXT | st.none())
def test_a_store_gives_back_what_it_was_given(tmp_path_factory: pytest.TempPathFactory, completion: str | None) -> None:
    with Store(tmp_path_factory.getbasetemp() / "given.sqlite") as store:
        request = ChatRequest("desk", ({"role": "user", "content": str(completion)},), {})
        store.put([(request, answer(completion))])
        assert store.get([request.key]) == {request.key: answer(completion)}


@given(st.sampled_from(STRINGS) | st.text())
def test_a_terminal_gets_text(message: str) -> None:
    shown = harmless(message)
    assert not {each for each in shown if unicodedata.category(each) in ("Cc", "Cf", "Cs")} - set("\n\u200c\u200d")
    assert shown == message or not message.isprintable()
