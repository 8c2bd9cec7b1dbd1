from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.errors import ModelError
from stages.core.learning import Blend, Tfidf
from stages.core.records import Text
from stages.core.tasks import LabelledText
from stages.students.blending import Blended, agreeing, blended
from stages.students.folder import fit_student
from stages.students.student import Student
from stages.students.training import TrainingSet

LABELS = ("noise", "plants")


def accepted(method: str, count: int = 10) -> list[Text]:
    return [Text(f"{method} {label} {n}", label, n, {}) for label in LABELS for n in range(0, 2 * count, 2)]


def train(count: int) -> list[LabelledText]:
    return [LabelledText(f"gold {LABELS[n % 2]} {n}", LABELS[n % 2]) for n in range(count)]


def texts_of(blend: Blended, origin: str) -> list[str]:
    return [each.text for each in blend.texts if each.origin == origin]


def test_shares_are_the_first_texts_of_each_label() -> None:
    entry = Blend(methods={"a": 0.3, "b": 1.0, "c": 0.0}, gold=0.25)
    found = blended(entry, {each: accepted(each) for each in "abc"}, train(40), [])
    assert texts_of(found, "a") == [f"a {label} {n}" for label in LABELS for n in (0, 2, 4)]
    assert found.taken == {"gold": 10, "a": 6, "b": 20, "c": 0}
    assert found.used == found.taken
    assert found.dropped == {"duplicate": 0, "disagree": 0, "in_test_set": 0}
    assert [each.origin for each in found.texts][:11] == ["gold"] * 10 + ["a"]
    assert TrainingSet.from_records(found.texts).targets.sum(axis=0).tolist() == [18, 18]


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 5))
def test_a_larger_share_only_adds_texts(one: float, two: float, seed: int) -> None:
    def chosen(share: float) -> set[str]:
        entry = Blend(methods={"a": share}, gold=share, seed=seed)
        return {each.text for each in blended(entry, {"a": accepted("a")}, train(30), []).texts}

    less, more = sorted((one, two))
    assert chosen(less) <= chosen(more)
    assert len(chosen(1.0)) == 50
    assert not chosen(0.0)


def test_the_choice_of_peoples_texts_is_by_the_seed() -> None:
    one, again, other = (
        blended(Blend(methods={"a": 0.0}, gold=0.2, seed=seed), {"a": []}, train(100), []) for seed in (1, 1, 2)
    )
    assert one == again
    assert one.texts != other.texts
    assert one.taken["gold"] == 20


def test_texts_of_the_test_set_and_repeated_ones_are_left_out() -> None:
    texts = {"a": accepted("a", 2), "b": [*accepted("b", 2), Text("A: noise, 0!", "noise", 9, {})]}
    people = [LabelledText("b plants 2", "plants"), LabelledText("it is loud", "noise")]
    test = [LabelledText("A noise 2.", "noise"), LabelledText("It is LOUD", "noise")]
    found = blended(Blend(methods={"a": 1.0, "b": 1.0}, gold=1.0), texts, people, test)
    assert found.dropped == {"duplicate": 2, "disagree": 0, "in_test_set": 2}
    assert texts_of(found, "gold") == ["b plants 2"]
    assert "A: noise, 0!" not in texts_of(found, "b")
    assert found.used == {"gold": 1, "a": 3, "b": 3}


WORDS = {"noise": "loud music", "plants": "water fern"}


def fit(data: TrainingSet) -> Student:
    return fit_student(Tfidf(kind="tfidf", ngrams=1, c=10.0), data)


def in_words(method: str, wrong: int | None = None) -> list[Text]:
    others = {"noise": "plants", "plants": "noise"}
    return [
        Text(f"{method} {WORDS[others[label] if n == wrong else label]} {n}", label, n, {})
        for label in LABELS
        for n in range(6)
    ]


def test_a_text_stays_where_the_other_methods_agree() -> None:
    texts = {"a": in_words("a", wrong=3), "b": in_words("b"), "c": in_words("c")}
    entry = Blend(methods=dict.fromkeys(texts, 1.0), gold=1.0, agree=0.5)
    odd = [LabelledText("a fern to water, said a person", "noise"), LabelledText("some plant", "plants")]
    before = blended(entry, texts, odd, [])
    found = agreeing(before, 0.5, fit)
    lost = {each.text for each in before.texts} - {each.text for each in found.texts}
    assert lost == {"a water fern 3", "a loud music 3"}
    assert found.dropped["disagree"] == 2
    assert found.used == {"gold": 2, "a": 10, "b": 12, "c": 12}
    assert agreeing(before, 0.0, fit).texts == before.texts
    with pytest.raises(ModelError, match=r"agree: 1.0 leaves no text of .*; lower it"):
        agreeing(blended(Blend(methods={"a": 1.0, "b": 1.0}), texts, [], []), 1.0, fit)


def test_a_label_that_the_others_do_not_know_is_not_agreed_to() -> None:
    texts = {"a": [*in_words("a"), Text("a parcel came", "parcel", 0, {})], "b": in_words("b")}
    entry = Blend(methods={"a": 1.0, "b": 1.0}, gold=1.0)
    with_people = blended(entry, texts, [LabelledText("my parcel", "parcel")], [])
    assert agreeing(with_people, 0.5, fit).dropped["disagree"] == 1
    with pytest.raises(ModelError, match="leaves no text of parcel"):
        agreeing(blended(entry, texts, [], []), 0.5, fit)
