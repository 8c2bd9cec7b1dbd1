"""A fast chat endpoint on loopback, in a process of its own, that misbehaves on request and counts what it bills.

    with FaultServer({"delay": 0.2, "rate": 150, "rules": [["needle", {"status": 500}]]}) as server:
        ...
        server.stats()

Settings:
    delay       seconds from request to answer
    rate        requests a second that are admitted (a token bucket); others get status 429 at once
    burst       size of that bucket; 1 where it is not given
    refusal     headers of those answers
    headers     headers of all other answers
    tokens      [prompt, completion] of each answer; else by its length
    completion  the text of each answer; else one that depends on the prompt
    rules       [[needle, action], ...]: the first rule whose needle is in the request's body is followed
Actions:
    status, body, headers      that answer
    cut: n                     the connection is closed after n bytes of a good answer: it was made, and is billed
    hang: true                 no answer ever; billed
    raw: text                  that body with status 200
    message: {...}             that message in an otherwise good answer
    finish_reason              likewise
    times: n                   the rule holds for the first n requests of each prompt only
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from typing import Any, Self

from tests.conftest import ROOT


class FaultServer:
    """The server; use it as a context manager."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self.url = ""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.fault_server", json.dumps(self._settings)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.url = f"http://127.0.0.1:{self._process.stdout.readline().strip()}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()

    def stats(self) -> dict[str, Any]:
        """requests, refused, billed (number of answers), prompt_tokens, completion_tokens, prompts (how often each)."""
        with urllib.request.urlopen(self.url.replace("/v1", "/stats")) as reply:
            found: dict[str, Any] = json.load(reply)
        return found

    def set(self, settings: dict[str, Any]) -> None:
        """Other settings from now on; the counts go on."""
        request = urllib.request.Request(self.url.replace("/v1", "/set"), json.dumps(settings).encode())
        with urllib.request.urlopen(request) as reply:
            reply.read()


class _State:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.counts: Counter[str] = Counter()
        self.prompts: Counter[str] = Counter()
        self.keys: set[str] = set()
        self.set(settings)

    def set(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.level, self.at = float(settings.get("burst", 1)), time.monotonic()

    def admits(self) -> bool:
        rate = self.settings.get("rate")
        if not rate:
            return True
        now = time.monotonic()
        self.level = min(float(self.settings.get("burst", 1)), self.level + (now - self.at) * rate)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


class _Protocol(asyncio.Protocol):
    def __init__(self, state: _State) -> None:
        self._state, self._buffer = state, b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, rest = self._buffer.partition(b"\r\n\r\n")
            lower = head.lower()
            start = lower.find(b"content-length:")
            length = int(lower[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._request(head, rest[:length])

    def _request(self, head: bytes, body: bytes) -> None:
        state = self._state
        path = head.split(b" ", 2)[1]
        if path == b"/stats":
            self._reply(200, json.dumps({**state.counts, "prompts": state.prompts}).encode())
            return
        if path == b"/set":
            state.set(json.loads(body))
            self._reply(200, b"{}")
            return
        state.counts["requests"] += 1
        if not state.admits():
            state.counts["refused"] += 1
            error = b'{"error": {"message": "too many requests", "type": "requests", "code": "rate_limit_exceeded"}}'
            self._reply(429, error, state.settings.get("refusal", {}))
            return
        asyncio.get_running_loop().call_later(state.settings.get("delay", 0.0), self._answer, body)

    def _answer(self, body: bytes) -> None:
        state, asked = self._state, json.loads(body)
        prompt = asked["messages"][-1]["content"]
        state.prompts[prompt] += 1
        action = self._action(body.decode(), prompt)
        if "status" in action:
            self._reply(action["status"], json.dumps(action.get("body", {"error": {"message": "no"}})).encode(),
                        action.get("headers", {}))  # fmt: skip
            return
        good = self._good(asked, prompt, action)
        if action.get("hang"):
            return
        if "cut" in action:
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(good)}\r\n\r\n"
            self._transport.write(head.encode() + good[: action["cut"]])
            self._transport.close()
            return
        self._reply(200, action["raw"].encode() if "raw" in action else good, state.settings.get("headers", {}))

    def _action(self, body: str, prompt: str) -> dict[str, Any]:
        for needle, action in self._state.settings.get("rules", []):
            if needle in body and self._state.prompts[prompt] <= action.get("times", 1e9):
                return dict(action)
        return {}

    def _good(self, asked: dict[str, Any], prompt: str, action: dict[str, Any]) -> bytes:
        state = self._state
        text = state.settings.get("completion") or f"answer to {prompt[:40]}"
        given = state.settings.get("tokens") or [-(-len(prompt) // 4), -(-len(text) // 4)]
        state.counts["billed"] += 1
        state.counts["prompt_tokens"] += given[0]
        state.counts["completion_tokens"] += given[1]
        message = action.get("message") or {"role": "assistant", "content": text}
        return json.dumps({
            "id": f"exchange-{state.counts['billed']}", "object": "chat.completion", "created": 0,
            "model": asked["model"], "system_fingerprint": "fp_test",
            "usage": {"prompt_tokens": given[0], "completion_tokens": given[1], "total_tokens": sum(given)},
            "choices": [{"index": 0, "finish_reason": action.get("finish_reason", "stop"), "message": message}],
        }).encode()  # fmt: skip

    def _reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        if self._transport.is_closing():
            return
        lines = [f"HTTP/1.1 {status} x", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._transport.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)


async def _serve(settings: dict[str, Any]) -> None:
    state = _State(settings)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Protocol(state), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(json.loads(sys.argv[1])))
