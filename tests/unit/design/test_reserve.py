"""The reserve of a plan: it continues the plan, and no more of it is asked for than is lacking."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.checks.judging import SURPLUS, Judging
from stages.core.params import load_everything
from stages.core.records import Generated, PlannedText, Prompt, Text
from stages.core.sections import Clean, Method, Price, Prompts
from stages.core.tasks import Task, load_task
from stages.core.templates import Templates
from stages.design.prompting import Material, prompts_for, reserved
from stages.design.reserve import PartOfPlan, Refill
from stages.design.table import AttributeTable, TableDimension
from stages.llm.chat import REJECTED, SERVER_ERROR, Answer, ChatRequest, NoAnswer, Outcome
from stages.llm.prices import Prices
from stages.measures.study import planned_shares
from tests.conftest import ROOT, write_task

if TYPE_CHECKING:
    from stages.core.sections import Llm

LABELS = ("noise", "parcel", "plants")
TABLE = AttributeTable(dimensions=(TableDimension(name="tone", about="a", values={"calm": 1.0, "angry": 2.0}),))
TEMPLATES = Templates(ROOT / "data/templates/methods")
PRICES = Prices("m", {"m": Price(prompt=1.0, completion=1.0)})


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Task]:
    with pytest.MonkeyPatch.context() as here:
        here.chdir(tmp_path_factory.mktemp("notes"))
        write_task("notes")
        yield load_task("notes")


@pytest.fixture(scope="module")
def llm() -> Llm:
    return load_everything(ROOT / "params.yaml").llm


def wanted(per_label: int, size: int, reserve: float) -> Prompts:
    return Prompts(
        per_label=per_label, reserve=reserve, texts_per_request=size, design="balanced", frequencies="uniform",
        core_share=0.0, seed=1,
    )  # fmt: skip


@settings(max_examples=40)
@given(st.integers(1, 12), st.integers(1, 5), st.floats(0, 2), st.sampled_from(["simprompt", "attrprompt"]))
def test_the_plan_is_as_without_a_reserve_and_the_reserve_goes_on_from_it(
    task: Task, per_label: int, size: int, share: float, template: str
) -> None:
    method = Method(template=template, attributes="all" if template == "attrprompt" else "none")
    chosen, material = wanted(per_label, size, share), Material(task, TABLE)
    every = list(prompts_for(material, method, chosen, TEMPLATES, reserve=True))
    first = list(prompts_for(material, method, chosen, TEMPLATES))
    assert every[: len(first)] == first == list(PartOfPlan(every))
    assert list(PartOfPlan(every, reserve=True)) == every[len(first) :]
    more = reserved(method, chosen)
    assert -1e-6 <= more - share * per_label < 1
    larger = list(prompts_for(material, method, wanted(per_label + more, size, 0.0), TEMPLATES))
    for label in LABELS:
        rows = [row for each in every if each.label == label for row in each.rows]
        assert rows == [row for each in larger if each.label == label for row in each.rows]
    if not per_label % size:
        asked = [(each.messages, each.sample) for each in every]
        assert asked == [(each.messages, each.sample) for each in larger], "what is paid for serves a larger plan"
    assert planned_shares(every) == planned_shares(first)


def test_reported_values_and_imported_texts_have_no_reserve(task: Task) -> None:
    reported = Method(template="request", attributes="all", report=True)
    chosen = wanted(8, 4, 0.5)
    assert not any(
        each.reserve for each in prompts_for(Material(task, TABLE), reported, chosen, TEMPLATES, reserve=True)
    )
    assert (reserved(reported, chosen), reserved(Method(imported="a.csv"), chosen)) == (0, 0)


class Scripted:
    """Answers each request as it is told: by its message, a list of texts, or None for no answer."""

    def __init__(self, replies: dict[str, list[str | None] | str]) -> None:
        self.replies = replies
        self.asked: list[str] = []

    def ask(self, requests: Iterable[ChatRequest]) -> Iterator[Outcome]:
        for each in requests:
            name = each.messages[0]["content"]
            self.asked.append(name)
            reply = self.replies[name]
            yield (
                NoAnswer(reply, "no")
                if isinstance(reply, str)
                else Answer(json.dumps({"texts": reply}), "stop", 1, 1, "m")
            )


@st.composite
def plans(draw: st.DrawFn) -> tuple[list[Prompt], dict[str, list[str | None] | str]]:
    """A plan with reserve over three labels, and what comes of each request; some texts stand there twice."""
    prompts, replies = list[Prompt](), dict[str, list[str | None] | str]()
    counts = {label: (draw(st.integers(1, 3)), draw(st.integers(0, 4)), draw(st.integers(1, 3))) for label in LABELS}
    texts = st.one_of(st.none(), st.sampled_from(["the one", "the other"]), st.integers(0, 999).map("note {}".format))
    for reserve in (False, True):
        for place in range(4):
            for label, (first, more, size) in counts.items():
                if place < (more if reserve else first):
                    name, start = f"{label} {place} {reserve}", (place + first * reserve) * size
                    rows = tuple(PlannedText(start + n, also=tuple(set(LABELS) - {label})) for n in range(size))
                    message = ({"role": "user", "content": name},)
                    prompts.append(Prompt(label, rows, message, as_json=True, sample=0, reserve=reserve))
                    lists = st.lists(texts, min_size=0, max_size=size)
                    replies[name] = draw(st.one_of(lists, lists, lists, st.sampled_from([REJECTED, SERVER_ERROR])))
    return prompts, replies


@given(plans())
def test_never_more_than_was_planned_and_nothing_is_asked_where_that_is_there(
    task: Task, llm: Llm, plan: tuple[list[Prompt], dict[str, list[str | None] | str]]
) -> None:
    prompts, replies = plan
    asker, strict = Scripted(replies), Clean(length_tolerance=9.0)
    refill = Refill(Judging(task, strict, []), PartOfPlan(prompts, reserve=True))
    found = list(refill.run(answered(PartOfPlan(prompts), replies), llm, PRICES, asker))

    # What `clean` makes of it, line by line.
    judging, needed, kept = Judging(task, strict, []), Counter[str](), Counter[str]()
    results = []
    for each in found:
        if each.reserve:
            needed[each.label] += 1
        results += judging.of(each)
    kept.update(each.label for each in results if isinstance(each, Text))
    planned = Counter(each.label for each in prompts if not each.reserve for _ in each.rows)
    assert judging.taken == refill.judging.taken == kept, "a text counts for the label that it is planned for"
    assert all(kept[label] <= planned[label] for label in LABELS)
    assert asker.asked == [p.messages[0]["content"] for p in refill.asked]
    for label in LABELS:
        own = [each for each in found if each.label == label]
        rest = [each for each in prompts if each.label == label and each.reserve]
        assert [each.rows for each in own if each.reserve] == [each.rows for each in rest[: needed[label]]], "in order"
        failed = any(each.finish_reason == SERVER_ERROR for each in own if each.reserve)
        assert kept[label] == planned[label] or needed[label] == len(rest) or failed
        if needed[label] and kept[label] == planned[label]:
            last = [row.index for row in own[-1].rows]
            assert any(isinstance(each, Text) and each.label == label and each.index in last for each in results)
        lost = [
            each for each in results if not isinstance(each, Text) and each.reason == SURPLUS and each.label == label
        ]
        assert not lost or kept[label] == planned[label]


def answered(prompts: Iterable[Prompt], replies: dict[str, list[str | None] | str]) -> Iterator[Generated]:
    for each in prompts:
        reply = replies[each.messages[0]["content"]]
        same = (each.label, each.rows, True, 0)
        if isinstance(reply, str):
            yield Generated(*same, "", None, reply, 0, 0, 0.0, None, None, None, None)
        else:
            yield Generated(*same, "key", json.dumps({"texts": reply}), "stop", 1, 1, 0.0, "m", None, None, None)
