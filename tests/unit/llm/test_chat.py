from __future__ import annotations

import json

import pytest

from stages.llm.chat import STRING, ChatRequest, format_for, list_schema, object_schema

REQUEST = ChatRequest("m", ({"role": "user", "content": "hi \u00e9"},), {"temperature": 1.0})


def test_the_key_is_pinned() -> None:
    # A change of this value makes every answer that anybody stored or recorded unfindable: raise KEY_VERSION with it.
    assert REQUEST.key == "cb1c6c08fe76ae68befde1f442cdba9ef28a47ac4f14521ed5aac1a2778a8cbf"


@pytest.mark.parametrize(
    "other",
    [
        ChatRequest("n", REQUEST.messages, REQUEST.sampling),
        ChatRequest("m", ({"role": "user", "content": "hi e"},), REQUEST.sampling),
        ChatRequest("m", REQUEST.messages, {"temperature": 0.9}),
        ChatRequest("m", REQUEST.messages, REQUEST.sampling, {"type": "json_object"}),
        ChatRequest("m", REQUEST.messages, REQUEST.sampling, sample=1),
    ],
)
def test_everything_that_changes_the_answer_changes_the_key(other: ChatRequest) -> None:
    assert other.key != REQUEST.key


def test_the_order_of_keys_does_not() -> None:
    one = ChatRequest("m", ({"role": "user", "content": "x"},), {"a": 1, "b": 2})
    two = ChatRequest("m", ({"content": "x", "role": "user"},), {"b": 2, "a": 1})
    assert one.key == two.key
    assert json.loads(one.canonical)["version"] == 1


def test_response_formats() -> None:
    schema = object_schema(texts=list_schema(STRING))
    strict = format_for("json_schema", "texts", schema)
    assert strict
    assert strict["json_schema"]["strict"]
    assert strict["json_schema"]["schema"]["required"] == ["texts"]
    assert format_for("json_object", "texts", schema) == {"type": "json_object"}
    assert format_for("text", "texts", schema) is None
