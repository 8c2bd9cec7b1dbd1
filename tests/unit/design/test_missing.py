"""Values that are reported and not ordered: what is missing, which round a request stands in, and what it says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.core.lengths import WordRange
from stages.core.records import PlannedText, Prompt
from stages.core.reports import Report, Spread
from stages.core.sections import Method, Prompts
from stages.core.taskfile import Label
from stages.core.tasks import Task
from stages.core.templates import Templates
from stages.design.missing import completed, missing
from stages.design.plan import Factor
from stages.design.prompting import Material, prompts_for
from stages.design.reporting import round_of, spreads_of
from stages.design.table import AttributeTable, TableDimension
from tests.conftest import ROOT

TONE = Spread("tone", ("calm", "angry", "sad"), (0.6, 0.3, 0.1))
WISH = "These are missing:"
TABLE = AttributeTable(
    dimensions=(
        TableDimension(name="length", about="how long", ordered=True, values={"2 to 8 words": 1.0, "9 to 40 words": 1}),
        TableDimension(name="tone", about="how it sounds", values={"calm": 3.0, "angry": 1.0}),
        TableDimension(name="who_writes", about="who it is", per_label={
            each: {f"a {each} fan": 1.0, "a child": 1.0} for each in ("noise", "parcel", "plants")}),
    ),
)  # fmt: skip


def prompt(before: int = 0, texts: int = 2, *spreads: Spread, number: int = 1) -> Prompt:
    report = Report(number, before, WISH if number else "", spreads or (TONE,))
    rows = tuple(PlannedText(index) for index in range(texts))
    return Prompt("noise", rows, ({"role": "user", "content": "Write.\nAnswer so."},), True, 0, report=report)


def added(found: Prompt) -> list[str]:
    """The lines between the first and the last of a prompt of two lines."""
    first, *between, last = found.messages[0]["content"].split("\n")
    assert (first, last) == ("Write.", "Answer so.")
    return between


def test_what_no_text_has_comes_first_then_what_is_furthest_below_its_share() -> None:
    assert missing(TONE, {}) == ["calm", "angry", "sad"]
    assert missing(TONE, {"calm": 9}) == ["angry", "sad", "angry", "angry"], "three of nine, and one"
    assert missing(TONE, {"calm": 2, "angry": 2, "sad": 6}) == ["calm", "angry", "calm", "calm", "calm"]
    assert missing(TONE, {"calm": 6, "angry": 3, "sad": 1}) == []
    assert missing(TONE, {"calm": 6, "angry": 3, "sad": 1, "grim": 90}) == [], "what is not in the table does not count"


def test_a_request_says_what_is_missing_before_the_form_of_the_answer() -> None:
    seen = {"tone": Counter(calm=9)}
    assert added(completed(prompt(0, 4), seen)) == [WISH, "- tone: angry (3 texts)", "- tone: sad"]
    assert added(completed(prompt(0, 2), seen)) == [WISH, "- tone: angry", "- tone: sad"], "no more than texts"
    assert added(completed(prompt(2, 2), seen)) == [WISH, "- tone: angry (2 texts)"], (
        "the others of its round have theirs"
    )
    assert added(completed(prompt(4, 2), seen)) == []
    assert added(completed(prompt(number=0), seen)) == [], "the first round knows nothing"
    bare = Prompt("noise", (), ({"role": "user", "content": "Write.\nAnswer so."},), False, 0)
    assert completed(bare, seen) is bare


WORDS = st.text(min_size=1, max_size=8)
COUNTS = st.dictionaries(st.sampled_from(TONE.values) | WORDS, st.integers(0, 50), max_size=6)


@given(COUNTS, st.integers(0, 30), st.integers(1, 8))
def test_nothing_that_is_not_in_the_table_gets_into_a_prompt(counts: dict[str, int], before: int, texts: int) -> None:
    lines = added(completed(prompt(before, texts), {"tone": Counter(counts), "made up": Counter(counts)}))
    known = {f"- tone: {value}{times}" for value in TONE.values for times in ("", *(f" ({n} texts)" for n in range(9)))}
    assert set(lines) <= {WISH, *known}
    assert (lines[:1] == [WISH]) == bool(lines)


@given(st.lists(st.integers(0, 40), min_size=3, max_size=3))
def test_what_is_missing_would_bring_every_value_to_its_share(counts: list[int]) -> None:
    seen = dict(zip(TONE.values, counts, strict=True))
    wanted = Counter(missing(TONE, seen))
    for value, share in zip(TONE.values, TONE.shares, strict=True):
        have = seen[value] + wanted[value]
        assert have >= 1
        assert have >= share * sum(counts) - 0.5
        assert not wanted[value] or have <= max(1, share * sum(counts) + 0.5)


def test_rounds_double() -> None:
    assert [round_of(place) for place in range(9)] == [
        (0, 0), (1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2), (3, 3), (4, 0)]  # fmt: skip
    assert round_of(199)[0] == 8, "a thousand texts, five a request: nine rounds"


WANTED = Prompts(
    per_label=1, reserve=0.0, texts_per_request=1, design="balanced", frequencies="uniform", core_share=0.0, seed=1
)
TEMPLATES = Templates(ROOT / "data/templates/methods")
REPORTED = Method(template="request", attributes="all", report=True, frequencies="natural")


def planned(task: Task, per_label: int, size: int = 3, method: Method = REPORTED) -> list[Prompt]:
    wanted = WANTED.model_copy(update={"per_label": per_label, "texts_per_request": size})
    return list(prompts_for(Material(task, TABLE), method, wanted, TEMPLATES))


def test_what_the_model_is_told_and_asked_to_say(task: Task) -> None:
    first, *_ = planned(task, 3)
    assert first.messages[0]["content"] == (
        "Texts of this kind are wanted: notes that people leave for their neighbours.\n"
        'Write 3 that belong to "noise" (complains that something is loud), as the people who send them really would.\n'
        "Texts like these differ in the following ways. So should yours: as it comes, and over many of them about as "
        "often as it says here.\n"
        "- length (how long): 2 to 8 words (50%); 9 to 40 words (50%)\n"
        "- tone (how it sounds): calm (75%); angry (25%)\n"
        "- who writes (who it is): a noise fan (50%); a child (50%)\n"
        'When a text is written, say which of these values it has, word for word as above, or "other" where it has '
        "none of them. Its length is counted, and need not be said.\n"
        'Answer with a JSON object and nothing else: {"texts": [{"text": "...", "values": '
        '{"tone": "...", "who_writes": "..."}}, ...]} with 3 texts in it.'
    )
    assert [row.attributes for row in first.rows] == [{}, {}, {}], "nothing is ordered"
    assert first.as_json


@pytest.mark.parametrize("template", ["simprompt", "attrprompt", "request"])
def test_every_template_asks_for_reports(task: Task, template: str) -> None:
    [first, *_] = planned(task, 1, 1, REPORTED.model_copy(update={"template": template}))
    content = first.messages[0]["content"]
    assert first.as_json
    assert content.splitlines()[-1].startswith("Answer with a JSON object")
    assert content.endswith('"who_writes": "..."}}]} with 1 text in it.')


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 16), st.integers(0, 9), st.integers(1, 4))
def test_more_texts_only_append(few: int, more: int, size: int) -> None:
    task = _task()
    whole = [each for each in planned(task, few, size) if len(each.rows) == size]
    again = planned(task, few + more, size)
    assert again[: len(whole)] == whole
    numbers = [each.report.round for each in again if each.report]
    assert numbers == sorted(numbers), "rounds stand in their order"
    seen = {"tone": Counter(calm=len(again))}
    assert [completed(each, seen) for each in again[: len(whole)]] == [completed(each, seen) for each in whole]


def _task() -> Task:
    labels = tuple(Label(name=each) for each in ("noise", "parcel", "plants"))
    return Task("notes", "notes", "", WordRange(2, 40), labels)


def test_values_without_a_share_are_not_asked_for() -> None:
    found = list(spreads_of([Factor("tone", ("calm", "angry"), (1.0, 0.0)), Factor("none", (), ())]))
    assert found == [Spread("tone", ("calm",), (1.0,))]


@pytest.mark.parametrize(
    ("entry", "said"),
    [({"attributes": "none"}, "nothing to report on"), ({"attributes": "all", "core_share": 0.5}, "core_share")],
)
def test_a_method_that_cannot_be(entry: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Method(template="request", report=True, **entry)
