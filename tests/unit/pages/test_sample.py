from __future__ import annotations

import pytest

from stages.core.records import Prompt, Text
from stages.pages.sample import drawn, in_words, sample
from tests.small_grid import LABELS, METHODS, TASK, write_grid


def texts(count: int, label: str = "noise") -> list[Text]:
    return [Text(f"note {number}", label, number, {}) for number in range(count)]


def test_the_draw_is_the_same_each_time_and_a_longer_plan_changes_few() -> None:
    some = drawn(texts(40), 10)
    assert drawn(reversed(texts(40)), 10) == some
    assert [each.index for each in some] == sorted(each.index for each in some)
    assert len(some) == 10
    more = drawn(texts(44), 10)
    assert len({each.index for each in some} & {each.index for each in more}) >= 6
    assert {each.index for each in some} != set(range(10)), "not simply the first"
    assert drawn(texts(3), 10) == texts(3)
    assert drawn(texts(3), 0) == []


@pytest.mark.usefixtures("project")
def test_each_text_comes_with_the_prompt_that_asked_for_it() -> None:
    write_grid()
    found = sample(TASK, METHODS, LABELS, 2)
    assert len(found["texts"]) == 2 * 3 * (2 + 1), "one a label was thrown out"
    for each in found["texts"]:
        prompt = "\n".join(found["lines"][line] for line in found["prompts"][each["prompt"]])
        assert prompt.startswith(f"Write a note about {each['label']}.")
        assert prompt.endswith(f"Its tone: {each['attributes'].get('tone')}.")
    assert {each["reason"] for each in found["texts"]} == {None, "too long"}
    assert len(found["lines"]) == len(set(found["lines"])) == 3 + 3


def test_all_messages_of_a_prompt_are_shown() -> None:
    messages = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "Write."})
    assert in_words(Prompt("noise", (), messages, as_json=False, sample=0)) == "Be brief.\n\nuser:\nWrite."
