"""A server that we did not write: `transformers serve`, on loopback, with a tiny model of random weights.

The fault server answers as we think that servers do. This one has its own mind about names, errors and counts, so what
is kept of its answers is compared with what it says to a plain HTTP client.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from stages.core.errors import EndpointRefusesError
from stages.core.params import load_everything
from stages.llm.ask import Asking, Sources
from stages.llm.chat import REJECTED, SERVER_ERROR, STRING, Answer, ChatRequest, NoAnswer, Outcome, format_for
from stages.llm.client import OpenAIEndpoint
from tests.conftest import ROOT

COUNT = 12
START_S = 120.0
RETRIES = 1
OPS = {"concurrency": 4, "timeout_s": 30.0, "retries": RETRIES, "patience_s": 30.0, "give_up_after": 20}
UNCAPPED = {"max_usd": None, "max_usd_total": None, "requests_per_minute": None, "tokens_per_minute": None}
SAMPLING = {"max_tokens": 16}
SPECIAL = ("<s>", "</s>", "<pad>")
START, END, PAD = range(3)
TEMPLATE = "{{ bos_token }}{% for each in messages %}{{ each.role }}: {{ each.content }}\n{% endfor %}assistant:"


def prompt(number: int) -> str:
    return f"<{number}> bitte schön"


def make_model(folder: Path) -> None:
    """A model that answers with noise; each byte of a prompt is a token of its own, so that tokens can be counted."""
    import torch  # noqa: PLC0415 - seconds that collecting the tests saves
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers  # noqa: PLC0415 - likewise
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast  # noqa: PLC0415 - likewise

    words = [*SPECIAL, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE(vocab={word: number for number, word in enumerate(words)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    start, end, pad = SPECIAL
    wrapped = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, bos_token=start, eos_token=end, pad_token=pad
    )
    wrapped.chat_template = TEMPLATE
    wrapped.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=512, bos_token_id=START, eos_token_id=END, pad_token_id=PAD,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        model.lm_head.weight[END] = 0.0  # some other token is always likelier, so answers end by their length
    model.save_pretrained(folder)


@dataclass(frozen=True)
class Server:
    """A server that is up: its address, the log that it writes, the folder of its model."""

    address: str
    log: Path
    model: str

    @property
    def url(self) -> str:
        return f"{self.address}/v1"

    def statuses(self) -> Counter[int]:
        """How often it has answered with each status. It logs an answer before it sends it."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return Counter(int(status) for status in re.findall(r'"POST \S+/completions HTTP/1.1" (\d+)', text))

    def said(self, number: int) -> dict[str, Any]:
        """What it says to a plain client."""
        body = {"model": self.model, "messages": [{"role": "user", "content": prompt(number)}], **SAMPLING}
        reply = httpx2.post(f"{self.url}/chat/completions", json=body, timeout=30.0, trust_env=False)
        found: dict[str, Any] = reply.raise_for_status().json()
        return found

    def requests(self, count: int = COUNT, **other: Any) -> list[ChatRequest]:
        """So many different requests; `other` are fields of them that are not as usual."""
        usual = [
            ChatRequest(self.model, ({"role": "user", "content": prompt(number)},), SAMPLING) for number in range(count)
        ]
        return [replace(each, **other) for each in usual]


@contextmanager
def serving(folder: Path, model: Path, *pinned: str) -> Iterator[Server]:
    """`transformers serve` in a process of its own. Port 0: it takes a free one and names it in its log."""
    log = folder / "log.txt"
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", *pinned, "--device", "cpu"]
    offline = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1", "HF_HOME": str(folder / "hub")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", "0"],
            cwd=folder, env={**os.environ, **offline}, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield Server(address_of(process, log), log, str(model))
    finally:
        process.kill()
        process.wait()


def address_of(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where it listens, as soon as it answers there."""
    deadline, text = time.monotonic() + START_S, ""
    while process.poll() is None and time.monotonic() < deadline:
        text = log.read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", text):
            assert httpx2.get(f"{found[1]}/health", timeout=30.0, trust_env=False).json() == {"status": "ok"}
            return found[1]
        time.sleep(0.1)
    text = log.read_text(encoding="utf-8", errors="replace")
    pytest.fail(f"transformers serve: exit status {process.returncode}, its log ends with\n{text[-3000:]}")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    make_model(folder)
    return folder


@pytest.fixture(scope="module")
def server(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that serves this model alone."""
    with serving(tmp_path_factory.mktemp("server"), weights, str(weights)) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


def ask(url: str, store: Path, wanted: list[ChatRequest], **ops: Any) -> list[Outcome]:
    """Ask for all of them, as a run does."""
    everything = load_everything(ROOT / "params.yaml")
    chosen = everything.ops.model_copy(update={**OPS, **UNCAPPED, **ops})
    update = {"model": wanted[0].model, "sampling": wanted[0].sampling, "price_per_million": {}}
    asking = Asking("t", "these", everything.llm.model_copy(update=update), chosen)
    with Sources(asking, Path("none"), store, lambda: OpenAIEndpoint(url, None, chosen)) as opened:
        return list(opened.ask(wanted))


def test_what_is_kept_is_what_the_server_says(server: Server, store: Path) -> None:
    found = ask(server.url, store, server.requests())
    ids = set[str]()
    for number, each in enumerate(found):
        assert isinstance(each, Answer), each
        said = server.said(number)
        (choice,), usage = said["choices"], said["usage"]
        assert each.completion == choice["message"]["content"], "nothing is drawn by lot: the same each time"
        assert isinstance(each.completion, str)
        assert (each.finish_reason, choice["finish_reason"]) == ("length", "length")
        assert (each.prompt_tokens, each.completion_tokens) == (usage["prompt_tokens"], usage["completion_tokens"])
        bytes_of_prompt = len(f"user: {prompt(number)}\nassistant:".encode())
        assert (each.prompt_tokens, each.completion_tokens) == (1 + bytes_of_prompt, SAMPLING["max_tokens"])
        assert each.model == said["model"] == f"{server.model}@main", "it names the revision too"
        assert each.fingerprint is said.get("system_fingerprint") is None
        assert each.request_id == str(UUID(each.request_id))
        assert each.request_id != said["id"]
        ids.add(each.request_id)
    assert len(ids) == COUNT


def test_what_was_answered_is_not_asked_again(server: Server, store: Path) -> None:
    before = server.statuses()
    found = ask(server.url, store, server.requests())
    assert server.statuses() - before == {200: COUNT}
    assert ask(server.url, store, server.requests()) == found
    assert server.statuses() - before == {200: COUNT}


def test_an_answer_that_ends_by_itself_and_a_schema(server: Server, store: Path) -> None:
    """The server takes `response_format` and does not heed it; 100.0, since it fails where a bias is an int."""
    ending = {**SAMPLING, "logit_bias": {str(END): 100.0}}
    form = format_for("json_schema", "text", STRING)
    (found,) = ask(server.url, store, server.requests(1, sampling=ending, response_format=form))
    assert isinstance(found, Answer), found
    assert (found.completion, found.finish_reason, found.completion_tokens) == ("", "stop", 1)


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ({"model": "nobody/none"}, r"status 400: .*Server is pinned to '/.*'; requested 'nobody/none'\."),
        ({"sampling": {"top_k": 5}}, r"status 422: .*Unexpected fields in the request: {'top_k'}"),
    ],
)
def test_requests_that_it_does_not_take(server: Server, store: Path, odd: dict[str, Any], said: str) -> None:
    before = server.statuses()
    for each in ask(server.url, store, server.requests(**odd)):
        assert isinstance(each, NoAnswer), each
        assert each.reason == REJECTED
        assert re.match(said, each.why), each.why
    assert (server.statuses() - before).total() == COUNT, "each is sent once"


def test_where_it_takes_none_the_run_ends_with_one_error(server: Server, store: Path) -> None:
    before = server.statuses()
    with pytest.raises(EndpointRefusesError, match=r"^given up: the first 4 requests were all rejected; .* status 400"):
        ask(server.url, store, server.requests(100, model="nobody/none"), give_up_after=4)
    assert (server.statuses() - before).total() < COUNT


def test_an_address_without_its_v1(server: Server, store: Path) -> None:
    with pytest.raises(EndpointRefusesError, match=r"\(status 404\): .*Not Found.* OPENAI_BASE_URL, .* ends in /v1$"):
        ask(server.address, store, server.requests())


def test_a_model_that_cannot_be_loaded_fails_alone(weights: Path, store: Path, tmp_path: Path) -> None:
    """Where no model is pinned each is loaded when it is asked for, and one that is not there is a bare status 500."""
    with serving(tmp_path, weights) as server:
        *good, bad = ask(server.url, store, [*server.requests(), *server.requests(1, model="nobody/none")])
        assert all(isinstance(each, Answer) for each in good)
        assert bad == NoAnswer(SERVER_ERROR, "status 500: Internal Server Error")
        assert server.statuses() == {200: COUNT, 500: 1 + RETRIES}
