"""How many texts a label a budget pays for: by the recordings of the bundled task, and against a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stages.compare.__main__ import main
from stages.compare.afford import Afforded, afford, grounds, only, text_prompts
from stages.compare.bills import Bill, Budget
from stages.compare.buying import buy
from stages.core.errors import AnswersMissingError, BudgetError, InputError, RequestsFailedError
from stages.core.params import load_everything
from stages.core.tasks import Task, load_task
from stages.design.brief import Brief, gather
from stages.design.rehearsal import attribute_sources
from stages.llm.requests import PromptRequests
from tests.conftest import ROOT, edit_params
from tests.llm_server import LlmServer

TASK = "support_tickets"


@pytest.fixture
def bundled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def left(slug: str) -> tuple[Task, Brief]:
    """A task, and what people left beside it."""
    task = load_task(slug)
    return task, gather(task)


def tokens_of(method: str, per_label: int) -> int:
    """What so many texts a label cost, from the plan and the recordings, by another way."""
    alone = only(load_everything(), TASK, method, per_label)
    rows = map(json.loads, Path(f"data/recordings/{TASK}.jsonl").read_text(encoding="utf-8").splitlines())
    recorded = {row["key"]: row["answer"] for row in rows}
    with attribute_sources(alone, TASK) as sources:
        _, material = grounds(alone, *left(TASK), sources)
    prompts = text_prompts(alone, material)
    answers = [recorded[each.key] for each in PromptRequests(prompts, alone.llm)]
    return sum(each["prompt_tokens"] + each["completion_tokens"] for each in answers)


def of(method: str, budget: Budget, most: int = 20, *, with_attributes: bool = False) -> Afforded:
    return afford(load_everything(), *left(TASK), method, budget, most=most, with_attributes=with_attributes)


@pytest.mark.usefixtures("bundled")
@pytest.mark.parametrize("method", ["simprompt", "attrprompt", "exemplar"])
def test_the_most_that_the_budget_pays_for_to_the_token(method: str) -> None:
    costs = {n: tokens_of(method, n) for n in (5, 10, 15, 20)}
    assert of(method, Budget(costs[10], "tokens")).per_label == 10, "it pays for what costs all of it"
    assert of(method, Budget(costs[10] - 1, "tokens")).per_label == 5
    found = of(method, Budget(costs[15] + 1, "tokens"))
    assert (found.per_label, found.texts.tokens, found.missing, found.more) == (15, costs[15], 0, False)
    assert found.texts.requests == 3 * 12
    assert of(method, Budget(costs[5] - 1, "tokens")).per_label == 0
    most = of(method, Budget(10**9, "tokens"))
    assert (most.per_label, most.more) == (20, True)


@pytest.mark.usefixtures("bundled")
def test_dollars_are_tokens_at_the_price() -> None:
    found = of("context", Budget(0.02, "usd"))
    assert found.texts.dollars is not None
    assert 0.013 < found.texts.dollars <= 0.02
    assert found.attributes == Bill(), "it needs none, for each label has a description"


@pytest.mark.usefixtures("bundled")
def test_attributes_are_shown_and_by_an_option_counted_in() -> None:
    beside, inside = (of("attrprompt", Budget(0.03, "usd"), with_attributes=each) for each in (False, True))
    assert beside.attributes == inside.attributes
    assert beside.attributes.requests == 41
    assert beside.attributes.dollars is not None
    assert beside.per_label > inside.per_label
    assert inside.texts.dollars is not None
    assert inside.texts.dollars + beside.attributes.dollars <= 0.03


@pytest.mark.usefixtures("bundled")
def test_what_is_not_answered_is_estimated_by_what_is() -> None:
    known, found = of("simprompt", Budget(10**6, "tokens")), of("simprompt", Budget(10**6, "tokens"), 40)
    assert (found.texts.requests, found.texts.missing) == (96, 48)
    assert found.texts.tokens == pytest.approx(2 * known.texts.tokens, rel=0.01)
    assert found.texts.dollars == pytest.approx(2 * (known.texts.dollars or 0), rel=0.01)
    assert found.texts.missing_dollars == pytest.approx(known.texts.dollars, rel=0.01)


@pytest.mark.usefixtures("bundled")
@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({}, InputError, "either in dollars"),
        ({"usd": "0.01", "tokens": "5"}, InputError, "either in dollars"),
        ({"usd": "much"}, InputError, "--usd: expected a number above 0, found 'much'"),
        ({"usd": "0.01", "methods": "simprompt nonsense"}, InputError, "'nonsense' is missing; there are simprompt,"),
        ({"usd": "0.01", "most": "4"}, InputError, "a request has 5 texts"),
        ({"tokens": "100", "methods": "simprompt"}, BudgetError, r"simprompt: one request a label costs 3,045 tokens"),
        (
            {"usd": "1", "most": "25", "methods": "simprompt"},
            AnswersMissingError,
            "12 answers .* nothing was sent.*PAY=1",
        ),
    ],
)
def test_what_cannot_be_compared_is_told(asked: dict[str, str], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        main(TASK, **asked)  # type: ignore[arg-type]


@pytest.mark.usefixtures("project")
def test_imported_texts_and_unknown_prices_have_no_cost() -> None:
    edit_params(lambda each: each["methods"].update(theirs={"imported": "theirs.csv"}))
    with pytest.raises(InputError, match="theirs: imports its texts"):
        main("notes", usd="1", methods="theirs")
    edit_params(lambda each: each["llm"].update(model="nobody knows it"))
    with pytest.raises(BudgetError, match=r"set llm\.price_per_million"):
        main("notes", usd="1", methods="simprompt")


@pytest.mark.usefixtures("project")
def test_buying_ends_at_the_budget_and_the_next_time_buys_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with LlmServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        everything, budget = load_everything(), Budget(2000, "tokens")
        # Nothing is known of either: an answer is taken to have 250 tokens, and has about 100.
        before = afford(everything, *left("notes"), "simprompt", budget, most=100)
        assert server.bodies == []
        assert not before.answered
        found = buy(everything, *left("notes"), "simprompt", budget, most=100, with_attributes=False)
        assert before.per_label < found.per_label
        assert not found.missing
        assert found.texts.tokens <= 2000
        # Estimates err: at most a round more than what is paid for was asked.
        assert found.texts.requests <= len(server.bodies) <= found.texts.requests + 3
        asked = len(server.bodies)
        assert buy(everything, *left("notes"), "simprompt", budget, most=100, with_attributes=False) == found
        assert len(server.bodies) == asked


@pytest.mark.usefixtures("project")
def test_requests_that_fail_end_the_buying(monkeypatch: pytest.MonkeyPatch) -> None:
    with LlmServer(misbehave=lambda _: (400, {"error": {"message": "no"}})) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        with pytest.raises(RequestsFailedError, match="the same command asks for these alone"):
            buy(load_everything(), *left("notes"), "simprompt", Budget(2000, "tokens"), most=20, with_attributes=False)


@pytest.mark.usefixtures("project")
def test_answers_without_counted_tokens_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = LlmServer.reply

    def uncounted(self: LlmServer, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        status, told = reply(self, body, key)
        return status, {name: each for name, each in told.items() if name != "usage"}

    monkeypatch.setattr(LlmServer, "reply", uncounted)
    with LlmServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        with pytest.raises(InputError, match="the endpoint that gave them counts none"):
            buy(load_everything(), *left("notes"), "simprompt", Budget(2000, "tokens"), most=20, with_attributes=False)


def test_a_comparison_has_no_reserve_for_it_would_cost_more() -> None:
    everything = load_everything(ROOT / "params.yaml")
    assert everything.prompts.reserve > 0
    assert only(everything, TASK, "context", 10).prompts.reserve == 0
