"""A chat endpoint on loopback for tests: a real HTTP server, whose answers are made up by rule.

It answers the project's own questions in the form that they ask for, with words from a small vocabulary of each label,
so that a student has something to learn. It counts what it is asked, and can be told to misbehave.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.http_server import Call, HttpServer, Reply, json_reply

# Values that no encoder takes for one another.
PHRASES = ("the lift is broken", "a birthday party", "smells of paint", "two dogs", "lost keys", "snow on the stairs",
           "a new baby", "loud drilling")  # fmt: skip

Answer = str | tuple[int, dict[str, Any]]


@dataclass
class LlmServer(HttpServer):
    """The server; use it as a context manager.

    Attributes:
        bodies: Every request's body, as it came.
        keys: Every request's Authorization header.
        misbehave: Called with each body; what it returns is sent instead: a completion, or a status and a body.
    """

    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    misbehave: Any = None
    _lock: Any = field(default_factory=threading.Lock)
    _seen: Counter[str] = field(default_factory=Counter)

    def respond(self, call: Call) -> Reply:
        return json_reply(*self.reply(json.loads(call.body), call.key))

    def reply(self, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        prompt = body["messages"][-1]["content"]
        with self._lock:
            self.bodies.append(body)
            self.keys.append(key)
            repeat = self._seen[prompt]
            self._seen[prompt] += 1
        special = self.misbehave(body) if self.misbehave else None
        if isinstance(special, tuple):
            return special
        completion = special if special is not None else answer(prompt, repeat)
        usage = {"prompt_tokens": len(prompt) // 4, "completion_tokens": len(completion) // 4}
        usage["total_tokens"] = sum(usage.values())
        message = {"role": "assistant", "content": completion}
        return 200, {
            "id": "test", "object": "chat.completion", "created": 0, "model": body["model"], "usage": usage,
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        }  # fmt: skip


def answer(prompt: str, repeat: int) -> str:  # noqa: PLR0911 - a return a question
    """The answer to one of the project's questions."""
    if '"dimensions"' in prompt:
        return json.dumps({"dimensions": [
            {"name": "scene", "about": "what happened", "per_label": True, "ordered": False},
            {"name": "tone", "about": "how it sounds", "per_label": False, "ordered": True}]})  # fmt: skip
    if '{"text": ["..."]}' in prompt:
        about = re.search(r'"([^"]+)"', prompt)
        return json.dumps({"text": [f"what there is to say about {about[1] if about else 'it'}"]})
    if '"similar"' in prompt:
        about = re.search(r'text of "(.+?)" most easily', prompt)
        labels = re.findall(r"^- ([^:\n]+)", prompt, re.MULTILINE)
        return json.dumps({"similar": [name for name in labels if about and name != about[1]][:1]})
    if '"together"' in prompt:
        about = re.search(r'belong to "(.+?)", as they are', prompt)
        labels = re.findall(r"^- ([^:\n]+)", prompt, re.MULTILINE)
        return json.dumps(
            {"together": [{"label": name, "percent": 25} for name in labels if about and name != about[1]]}
        )
    if '{"read": [' in prompt:
        names = dict(re.findall(r"^- (\w+) \(.*?\): ([^;\n]+)", prompt, re.MULTILINE))
        numbers = re.findall(r'^(\d+)\. "', prompt, re.MULTILINE)
        return json.dumps({"read": [{"number": int(each), "values": names} for each in numbers]})
    if '"realism"' in prompt:
        return json.dumps({"texts": judged(prompt)})
    if '{"texts": [{"number"' in prompt:
        return json.dumps({"texts": annotated(prompt)})
    if '"values": [' in prompt:
        wanted = int(re.search(r"Give (\d+) (?:other )?values", prompt)[1])  # type: ignore[index]
        return json.dumps(
            {"values": [{"value": PHRASES[number], "percent": 10 * (number + 1)} for number in range(wanted)]}
        )
    if '"verdicts"' in prompt:
        numbers = [int(found) for found in re.findall(r"^(\d+)\. ", prompt, re.MULTILINE)]
        similar = re.search(r"neighbouring classes:\n- ([^:\n]+)", prompt)[1]  # type: ignore[index]
        verdicts = [
            {"number": each, "reason": f"reason {each}", "fits": similar if each == 1 else "none"} for each in numbers
        ]
        return json.dumps({"verdicts": verdicts})
    label = re.search(r'(?:about|belongs? to) "(.+?)"', prompt)[1]  # type: ignore[index]
    many = re.search(r"Write (\d+)", prompt)
    count = int(many[1]) if many else 1
    lengths = [int(found) for found in re.findall(r"length: (\d+) to", prompt)] or [12] * count
    texts = [text_of(label, f"{prompt}|{repeat}|{number}", words) for number, words in enumerate(lengths)]
    whole = reported(prompt, texts) if '{"texts": [{"text"' in prompt else texts
    return json.dumps({"texts": whole}) if '"texts"' in prompt else texts[0]


def reported(prompt: str, texts: list[str]) -> list[dict[str, Any]]:
    """The texts with the values that are missing, in their order; else with the first value of each dimension."""
    before, _, wishes = prompt.partition("still missing or too rare")
    found: list[dict[str, Any]] = [{"text": each, "values": {}} for each in texts]
    for name in re.findall(r'"(\w+)": "\.\.\."', prompt.rsplit('"values": {', 1)[1]):
        title = name.replace("_", " ")
        first = re.search(rf"^- {title} \(.*?\): (.+?) \(\d+%\)", before, re.MULTILINE)
        missing = re.findall(rf"^- {title}: (.+?)(?: \(\d+ texts\))?$", wishes, re.MULTILINE)
        for each, value in zip(found, [*missing, *[first[1]] * len(found)], strict=False):  # type: ignore[index]
            each["values"][name] = value
    return found


def texts_in(prompt: str) -> list[dict[str, Any]]:
    """The texts that a prompt shows, numbered."""
    found: list[dict[str, Any]] = next(
        json.loads(line)["texts"] for line in prompt.splitlines() if line.startswith('{"texts": [{"number"')
    )
    return found


def judged(prompt: str) -> list[dict[str, Any]]:
    """Of each text that is shown the label whose name its words say most often, and that it may be real."""
    names = re.findall(r"^- ([^:\n]+)", prompt, re.MULTILINE)
    found = []
    for each in texts_in(prompt):
        likeliest = max(names, key=lambda name: sum(each["text"].count(word) for word in name.split("_")))
        said = [{"label": likeliest, "percent": 90}]
        found.append({"number": each["number"], "labels": said, "realism": 4, "why": ""})
    return found


def annotated(prompt: str) -> list[dict[str, Any]]:
    """Of each text that is shown a value of each attribute, by chance."""
    shown = texts_in(prompt)
    names = re.findall(r'"(\w+)": "\.\.\."', prompt)
    answers = [json.loads(f"[{found}]") for found in re.findall(r'^- .+?: ("[^\n]+")$', prompt, re.MULTILINE)]
    found = []
    for each in shown:
        chance = int(hashlib.sha256(each["text"].encode()).hexdigest()[:4], 16)
        said = {name: values[chance % len(values)] for name, values in zip(names, answers, strict=True)}
        found.append({"number": each["number"], "values": said})
    return found


def text_of(label: str, salt: str, words: int = 12) -> str:
    """So many words, every other one of the label's own vocabulary."""
    own = label.replace("?", "").split()
    digests = [hashlib.sha256(f"{salt}|{each}".encode()).hexdigest()[:5] for each in range(words)]
    return " ".join(f"{own[each % len(own)]}{digests[each][0]}" if each % 2 else digests[each] for each in range(words))
