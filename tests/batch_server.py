"""A batch API on loopback: files and batches as OpenAI has them, with lines that fail, time that runs out, and cuts.

It answers in another order than it was asked, bills what it answers, and refuses a file that is not what it should be.
"""

from __future__ import annotations

import email.parser
import email.policy
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.http_server import Call, HttpServer, Reply, json_reply


@dataclass
class BatchServer(HttpServer):
    """The server; use it as a context manager.

    Attributes:
        looks: How often a batch is looked at before it is over.
        fate: Called with a line's prompt and how often it was sent: None for an answer, "expired", "lost" (in no file),
            or a status and a message.
        status: What a batch ends as, by its number from 0; "completed" where it is not named.
        create: Called before and after a batch is made, with its number and "before" or "after": a status to answer
            with instead, 0 to cut the connection, or None.
        key: The only key that is let in; None for any.
        path: What its addresses begin with, after /v1/.
        most: Requests that a file may have.
    """

    looks: int = 1
    fate: Any = None
    status: dict[int, str] = field(default_factory=dict)
    create: Any = None
    key: str | None = None
    path: str = ""
    most: int = 50_000
    files: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)
    billed: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)

    def respond(self, call: Call) -> Reply | None:
        if self.key and call.key != f"Bearer {self.key}":
            return json_reply(401, error(f"Incorrect API key provided: {call.key.removeprefix('Bearer ')}"))
        path, _, query = call.path.removeprefix(f"/v1/{self.path}").partition("?")
        status, reply = self.reply(call.verb, path, query, call.body, call.headers.get("Content-Type", ""))
        return json_reply(status, reply) if status else None

    def reply(
        self, verb: str, path: str, query: str, body: bytes, content_type: str
    ) -> tuple[int, bytes | dict[str, Any]]:
        """Status (0: none at all) and body of an answer."""
        match verb, path.split("/"):
            case "POST", ["files"]:
                return self._upload(body, content_type)
            case "GET", ["files", name, "content"] if name in self.files:
                self.calls["content"] += 1
                return 200, self.files[name]
            case "POST", ["batches"]:
                return self._create(json.loads(body))
            case "GET", ["batches"]:
                return 200, self._page(query)
            case "GET", ["batches", name] if name in self.batches:
                return 200, self._look(self.batches[name])
        return 404, error(f"nothing at {path}")

    def _upload(self, body: bytes, content_type: str) -> tuple[int, dict[str, Any]]:
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        parts = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
        if parts["purpose"].get_content().strip() != "batch":
            return 400, error("purpose")
        name = f"file-{len(self.files)}"
        content: Any = parts["file"].get_payload(decode=True)
        self.files[name] = content
        self.calls["upload"] += 1
        return 200, {"id": name, "object": "file", "bytes": 1, "created_at": 0, "filename": "x", "purpose": "batch",
                     "status": "processed"}  # fmt: skip

    def _create(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        number = len(self.batches)
        if self.create and (found := self.create(number, "before")) is not None:
            return found, error("before")
        lines = [json.loads(line) for line in self.files[asked["input_file_id"]].splitlines()]
        assert asked["endpoint"] == "/v1/chat/completions"
        assert asked["completion_window"] == "24h"
        assert {line["url"] for line in lines} == {asked["endpoint"]}
        assert len({line["custom_id"] for line in lines}) == len(lines) <= self.most
        name = f"batch_{number}"
        batch = {"id": name, "object": "batch", "endpoint": asked["endpoint"], "completion_window": "24h",
                 "input_file_id": asked["input_file_id"], "created_at": int(time.time()), "status": "validating",
                 "metadata": asked.get("metadata"), "request_counts": {"total": 0, "completed": 0, "failed": 0},
                 "looks": 0, "lines": lines, "number": number}  # fmt: skip
        self.batches[name] = batch
        self.calls["create"] += 1
        if self.create and (found := self.create(number, "after")) is not None:
            return found, error("after")
        return 200, _public(batch)

    def _page(self, query: str) -> dict[str, Any]:
        self.calls["list"] += 1
        found = [_public(each) for each in reversed(self.batches.values())]
        after = dict(part.split("=") for part in query.split("&")).get("after")
        start = [each["id"] for each in found].index(after) + 1 if after else 0
        page = found[start : start + 2]  # small pages, so that there is more than one
        return {"object": "list", "data": page, "has_more": start + 2 < len(found)}

    def _look(self, batch: dict[str, Any]) -> dict[str, Any]:
        self.calls["look"] += 1
        batch["looks"] += 1
        if batch["status"] in ("validating", "in_progress"):
            batch["status"] = "in_progress"
            if batch["looks"] > self.looks:
                self._finish(batch)
        return _public(batch)

    def _finish(self, batch: dict[str, Any]) -> None:
        batch["status"] = self.status.get(batch["number"], "completed")
        if batch["status"] == "failed":
            batch["errors"] = {"data": [{"code": "token_limit_exceeded", "message": "too many tokens are enqueued"}]}
            return
        files: dict[str, list[Any]] = {"output": [], "error": []}
        for line in batch["lines"]:
            prompt = line["body"]["messages"][-1]["content"]
            self.sent[prompt] += 1
            fate = self.fate(prompt, self.sent[prompt]) if self.fate else None
            if fate == "lost":
                continue
            result = {"id": "x", "custom_id": line["custom_id"], "response": None, "error": None}
            if fate == "expired":
                result["error"] = {"code": "batch_expired", "message": "This request could not be executed in time."}
            elif fate:
                result["response"] = {"status_code": fate[0], "request_id": "r", "body": error(fate[1])}
            else:
                self.billed[prompt] += 1
                result["response"] = {"status_code": 200, "request_id": "r", "body": _completion(line["body"], prompt)}
            files["error" if fate else "output"].append(result)
        for kind, results in files.items():
            random.Random(1).shuffle(results)
            if results:
                name = f"file-{len(self.files)}"
                self.files[name] = "\n".join(json.dumps(each, ensure_ascii=False) for each in results).encode()
                batch[f"{kind}_file_id"] = name
        batch["request_counts"] = {"total": len(batch["lines"]), "completed": len(files["output"]),
                                   "failed": len(files["error"])}  # fmt: skip


def _public(batch: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in batch.items() if name not in ("looks", "lines", "number")}


def error(message: str) -> dict[str, Any]:
    """An error's body."""
    return {"error": {"message": message, "type": "x", "code": None}}


def _completion(body: dict[str, Any], prompt: str) -> dict[str, Any]:
    return {
        "id": "exchange", "object": "chat.completion", "created": 0, "model": body["model"],
        "system_fingerprint": "fp_batch", "usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30},
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": f"answer to {prompt}"}}],
    }  # fmt: skip
