"""Stage `judge` against a real server on loopback, and what the gates and the page make of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from stages import judge, train, validate
from stages.core import files, paths
from stages.core.errors import BudgetError, InputError, RequestsFailedError
from stages.core.records import Rejected, Text
from stages.design import forecasting
from stages.design.table import AttributeTable, write_table
from stages.pages.judged import judged_page
from tests.conftest import TASK, edit_params, read_lines, write_task
from tests.llm_server import LlmServer, texts_in

LABELS = ("noise", "parcel", "plants")
METHOD, OTHER = "simprompt", "attrprompt"
REAL, TEXTS = 40, 50  # of each label
SWAPPED = 2  # of each label's texts are of the next one: 4 %


@pytest.fixture
def server(project: Path, server: LlmServer) -> LlmServer:
    del project
    write_task("notes", texts={label: [f"somebody on {label}, {n}" for n in range(REAL)] for label in LABELS})
    write_table(paths.attributes_file("notes"), AttributeTable(definitions={"noise": "not needed"}))
    edit_params(lambda each: (each["run"].update(methods=[METHOD, OTHER]), each["ops"].update(retries=0),
                              each["judge"].update(texts=TEXTS, real=REAL),
                              each["validation"].update(judged_label=0.03, embedded=5)))  # fmt: skip
    for method in (METHOD, OTHER):
        write_texts(method)
    return server


def write_texts(method: str) -> None:
    """What `clean` leaves: of each label's texts the first ones speak of the next label."""
    texts = []
    for number, label in enumerate(LABELS):
        for n in range(TEXTS):
            about = LABELS[(number + (n < SWAPPED)) % len(LABELS)]
            texts.append(Text(f"{method} has to say this on {about}: {_digest(f'{label}{n}')}", label, n, {}))
    files.write_records(paths.accepted_file("notes", method), texts)
    files.write_records(paths.rejected_file("notes", method), list[Rejected]())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def about(text: str) -> str:
    return next(label for label in LABELS if f" {label}" in text)


def errs(text: str) -> bool:
    """One text in twenty."""
    return int(_digest(text), 16) % 20 == 0


def saying(*labels: str, realism: int = 4, why: str = "") -> dict[str, Any]:
    """The first label is likely, the others hardly."""
    said = [{"label": label, "percent": 5 if n else 90} for n, label in enumerate(labels)]
    return {"labels": said, "realism": realism, "why": why}


def answering(say: Any) -> Any:
    """A server's answer to each request: what is said of each text."""

    def reply(body: dict[str, Any]) -> str:
        shown = texts_in(body["messages"][0]["content"])
        return json.dumps({"texts": [{"number": each["number"], **say(each["text"])} for each in shown]})

    return reply


def careful(text: str) -> dict[str, Any]:
    """Right but for one text in twenty, where it takes the next label."""
    right = about(text)
    other = LABELS[(LABELS.index(right) + 1) % len(LABELS)]
    return saying(other, right) if errs(text) else saying(right, other)


def by_chance(text: str) -> dict[str, Any]:
    return saying(LABELS[int(_digest(text), 16) % len(LABELS)], realism=1, why="no idea")


def run(method: str = METHOD) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Run the stage; returns its lines, and its metrics."""
    judge.main("notes", method)
    return read_lines(paths.judged_file("notes", method)), files.read_json(
        paths.judge_metrics("notes", method), "judge"
    )


def verdict(method: str = METHOD) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The verdict, and by gate its result."""
    validate.main("notes", method)
    found = files.read_json(paths.verdict_file("notes", method), "validate")
    return found, {each["gate"]: each for each in found["results"]}


def test_swapped_labels_are_found_by_a_judge_that_is_right_in_19_of_20(server: LlmServer) -> None:
    server.misbehave = answering(careful)
    said, scores = run()
    assert scores["trusted"]
    assert scores["told"].startswith("trusted: kappa 0.9")
    agreement = scores["agreement"]
    right = sum(not errs(each["text"]) for each in said if each["real"]) / (REAL * 3)
    assert agreement["accuracy"] == pytest.approx(right, abs=1e-6)
    assert 0.9 < right < 1
    assert agreement["kappa"] == pytest.approx((right - 1 / 3) / (2 / 3), abs=0.01)

    mine = [each for each in said if not each["real"]]
    swapped = {each["text"] for each in mine if about(each["text"]) != each["labels"][0]}
    doubted = {each["text"] for each in mine if each["chances"].get(each["labels"][0], 0) < 0.1}
    assert len(swapped) == SWAPPED * 3
    assert len(swapped & doubted) / len(swapped) > 0.8
    assert len(doubted - swapped) / len(mine) < 0.1

    found, gates = verdict()
    assert found["judge"] == scores["told"]
    gate = gates["judged_label"]
    of_real = 1 - right
    assert f"more than of the real ones ({of_real:.1%})" in gate["limit"]
    assert (gate["table"], gate["checked"], gate["failed"]) == ("judged texts", TEXTS * 3, len(doubted))
    assert gate["passed"] == (len(doubted) / len(mine) <= 0.03 + of_real)
    assert len(gate["worst"]) == min(10, len(doubted))
    assert re.match(r"rather \w+ 0\.95, \w+ 0\.", gate["worst"][0]["found"])
    assert (gates["judged_realism"]["passed"], gates["judged_realism"]["failed"]) == (True, 0)


def test_students_learn_from_a_judge_that_is_trusted(server: LlmServer) -> None:
    """It saw three in five of each label's texts."""
    edit_params(lambda each: (each["students"]["tfidf"].update(noise={"judged": 0.9}), each["judge"].update(texts=30),
                              each["run"].update(students=["tfidf"])))  # fmt: skip

    def learned() -> tuple[int, Any]:
        """How many labels the judge should turn, and what the student says of it."""
        said, _ = run()
        verdict()
        train.main("notes", METHOD, "tfidf")
        card = files.read_json(paths.model_folder("notes", METHOD, "tfidf") / "student.json", "train")
        return sum(about(each["text"]) != each["labels"][0] for each in said if not each["real"]), card["noise"]

    server.misbehave = answering(lambda text: saying(about(text)))
    turned, told = learned()
    assert turned > 0
    assert told == {"judged": {"weight": 0.9, "texts": 90, "turned": turned}}
    server.misbehave = answering(by_chance)
    edit_params(lambda each: each["judge"].update(model="another"))
    assert learned() == (turned, {"judged": {"weight": 0.9, "texts": 0, "turned": 0}})


def test_another_judge_and_a_limit_that_is_passed(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    server.misbehave = answering(lambda text: saying(about(text)))
    edit_params(lambda each: (each["judge"].update(model="another"), each["validation"].update(judged_label=0.039)))
    run()
    assert server.bodies[-1]["model"] == "another"
    capsys.readouterr()
    gate = verdict()[1]["judged_label"]
    assert (gate["passed"], gate["failed"]) == (False, SWAPPED * 3), "4 %, and of the real ones none"
    assert {about(each["text"]) for each in gate["worst"]} == set(LABELS)
    assert (
        "warning: judged_label: wanted at most 3.9% of the texts more than of the real ones" in capsys.readouterr().err
    )


def test_a_judge_that_guesses_changes_no_gate(server: LlmServer) -> None:
    before, gates = verdict()
    assert "judge" not in before
    server.misbehave = answering(by_chance)
    _, scores = run()
    assert not scores["trusted"]
    found, after = verdict()
    assert after == gates
    assert found == {**before, "judge": scores["told"]}
    assert re.match(
        r"not trusted: kappa -?0\.\d\d \(-?0\.\d\d to 0\.\d\d\) on 120 real texts, 0\.6 wanted", found["judge"]
    )
    page = paths.validation_page("notes", METHOD).read_text()
    assert f"The judge is {scores['told']}. No gate goes by what it says." in page
    shown = judged_page("notes", [METHOD, OTHER])
    assert shown
    assert not shown.trusted
    assert shown.rows[0][-1].endswith("it cannot tell them apart"), "1 for all of them"


def test_the_judge_is_told_nothing_of_labels_and_origins(server: LlmServer) -> None:
    run()
    accepted = {each["text"]: each["label"] for each in read_lines(paths.accepted_file("notes", METHOD))}
    forms, in_order = set(), 0
    assert len(server.bodies) == 15 + 12
    for body in server.bodies:
        [message] = body["messages"]
        texts = [each["text"] for each in texts_in(message["content"])]
        assert len({text in accepted for text in texts}) == 1
        labels = [accepted.get(text) or about(text) for text in texts]
        in_order += labels == sorted(labels)
        forms.add("\n".join(line for line in message["content"].splitlines() if not line.startswith('{"texts": [{"n')))
        schema = body["response_format"]["json_schema"]["schema"]["properties"]["texts"]["items"]["properties"]
        assert schema["labels"]["items"]["properties"]["label"]["enum"] == list(LABELS)
        assert schema["realism"]["enum"] == [1, 2, 3, 4, 5]
    assert in_order <= 1
    [form] = forms
    assert "- parcel: is about a parcel that was taken in\n" in form
    assert "a line or two on paper" in form
    assert METHOD not in form
    assert not {"test", "generated", "planned", "model"} & set(re.findall(r"\w+", form))


def test_real_texts_are_judged_once_for_all_methods(server: LlmServer) -> None:
    said, scores = run()
    assert Counter((each["real"], each["labels"][0]) for each in said) == {
        **{(False, label): TEXTS for label in LABELS}, **{(True, label): REAL for label in LABELS}}  # fmt: skip
    asked = scores["asked"]
    assert (asked["requests"], asked["texts"], asked["judged"], asked["real"]["requests"]) == (15, 150, 150, 12)
    assert asked["dollars"] > 0
    other, _ = run(OTHER)
    assert len(server.bodies) == 27 + 15
    assert [each for each in other if each["real"]] == [each for each in said if each["real"]]
    before = paths.judged_file("notes", OTHER).read_bytes()
    run(OTHER)
    assert len(server.bodies) == 42
    assert paths.judged_file("notes", OTHER).read_bytes() == before
    accepted = read_lines(paths.accepted_file("notes", METHOD))
    assert all(accepted[each["index"]]["text"] == each["text"] for each in said if not each["real"])


def test_what_is_of_no_use_costs_its_own_text(server: LlmServer) -> None:
    """Of each request's texts one has a label that there is not, and one is left out."""

    def reply(body: dict[str, Any]) -> str:
        items = json.loads(answering(careful)(body))["texts"]
        items[0]["labels"][0]["label"] = "holidays"
        return json.dumps({"texts": items[:-1]})

    server.misbehave = reply
    said, scores = run()
    assert {key: scores["asked"][key] for key in ("texts", "judged", "outside_enum", "missing")} == {
        "texts": 150, "judged": 120, "outside_enum": 15, "missing": 15}  # fmt: skip
    assert (scores["agreement"]["texts"], scores["generated"]["texts"]) == (96, 120)
    for each in said:
        assert (each["reason"] is None) == bool(each["chances"])
        assert re.fullmatch("[0-9a-f]{64}", each["key"]), "what was paid for is recorded"
    assert verdict()[1]["judged_label"]["checked"] == 120


def test_texts_with_several_labels(server: LlmServer) -> None:
    """The chances of each stand for themselves, and the least likely label of a text counts."""
    folder = write_task("notes", TASK + "kind: multilabel\n")
    rows = [{"text": f"on noise and a parcel, {n}", "labels": ["noise", "parcel"]} for n in range(20)]
    (folder / "test.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    texts = [Text(f"a note on {label}, {n}", label, n, {}, ("plants",)) for label in LABELS[:2] for n in range(3)]
    files.write_records(paths.accepted_file("notes", METHOD), texts)
    server.misbehave = answering(lambda text: saying(*dict.fromkeys((about(text), "noise", "plants"))))
    edit_params(lambda each: each["judge"].update(kappa=0.5))
    said, scores = run()
    assert said[0]["chances"][about(said[0]["text"])] == 0.9
    assert sum(said[0]["chances"].values()) <= 1.0
    assert "A text may have several classes" in server.bodies[0]["messages"][0]["content"]
    assert (scores["agreement"]["accuracy"], scores["generated"]["unfit"], scores["real"]["unfit"]) == (1.0, 1.0, 1.0)
    assert scores["agreement"]["kappa"] == 0.0, "one label for all, which each text has, is no agreement"
    assert not scores["trusted"]


def test_requests_without_an_answer_fail_the_stage_and_are_asked_again(server: LlmServer) -> None:
    error = {"error": {"message": "no", "type": "error", "code": None}}
    server.misbehave = lambda body: (500, error) if "somebody" in str(body) else None
    with pytest.raises(RequestsFailedError, match=r"verdicts on notes/simprompt: 12 of 27 requests got no answer"):
        run()
    found = files.read_json(paths.judge_metrics("notes", METHOD), "judge")
    assert found["told"] == "not trusted: it judged no text whose label people gave"
    assert "judged_label" not in verdict()[1]
    server.misbehave = None
    server.bodies.clear()
    run()
    assert len(server.bodies) == 12


def test_answers_that_say_nothing_are_told_and_asked_for_again(
    server: LlmServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.misbehave = lambda _: '{"texts": []}'
    with pytest.raises(RequestsFailedError, match=r"27 of 27 requests got no answer \(27 useless\).* asks for these"):
        run()
    server.misbehave = lambda body: '{"texts": []}' if "somebody" in str(body) else None
    _, scores = run()
    assert scores["told"] == "not trusted: it judged no text whose label people gave"
    told = "12 of 27 requests got no answer (12 useless); dvc repro --force --single-item judge@notes-simprompt asks"
    assert told in capsys.readouterr().err
    server.misbehave = None
    server.bodies.clear()
    run()
    assert len(server.bodies) == 12


@pytest.mark.parametrize("texts", [0, 5])
def test_nothing_is_asked(
    server: LlmServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], texts: int
) -> None:
    """Switched off; or without an endpoint, and no answer at hand."""
    monkeypatch.delenv("OPENAI_BASE_URL")
    before = verdict()
    edit_params(lambda each: each["judge"].update(texts=texts))
    said, scores = run()
    told = capsys.readouterr().err
    assert ("nothing is asked, judge.texts is 0" in told) == (texts == 0)
    assert ("14 of 14 answers are neither recorded nor stored" in told) == (texts == 5)
    assert {each["reason"] for each in said} == ({"not_asked"} if texts else set())
    assert (scores["trusted"], scores["told"], scores["agreement"]) == (False, "not asked", None)
    assert verdict() == before
    assert judged_page("notes", [METHOD, OTHER]) is None
    forecasting.main()
    assert ("verdicts on" in capsys.readouterr().out) == (texts == 5)
    assert server.bodies == []


def test_the_forecast_comes_true(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    for method in (METHOD, OTHER):
        paths.accepted_file("notes", method).unlink()
    edit_params(lambda each: each["judge"].update(texts=20))

    def told() -> dict[str, tuple[int, int]]:
        capsys.readouterr()
        forecasting.main()
        lines = re.findall(r"^verdicts on notes/(.+?): (\d+) requests, (all|\d+) answered",
                           capsys.readouterr().out, re.MULTILINE)  # fmt: skip
        return {name: (int(count), int(count if known == "all" else known)) for name, count, known in lines}

    assert told() == {"real texts": (12, 0), METHOD: (6, 0), OTHER: (6, 0)}
    forecasting.main()
    most = re.findall(r"^verdicts on notes/(.+?): .*, 6 to ask, at most", capsys.readouterr().out, re.MULTILINE)
    assert most == [METHOD, OTHER]
    write_texts(METHOD)
    judge.main("notes", METHOD, plan=True)
    assert "verdicts on notes/simprompt: 18 requests, 0 answered already, 18 to ask" in capsys.readouterr().out
    assert server.bodies == []
    run()
    assert told() == {"real texts": (12, 12), METHOD: (6, 6), OTHER: (6, 0)}
    edit_params(lambda each: each["judge"].update(model="another"))
    forecasting.main()
    assert "the price of another is not known: llm.price_per_million" in capsys.readouterr().out
    edit_params(lambda each: each["ops"].update(max_usd=1.0))
    with pytest.raises(BudgetError, match="the price of 'another' is not known: set llm"):
        run()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"real": 0}, "judge: real is 0: a judge is believed by real texts alone"),
        ({"kappa": 2.0}, "judge.kappa: "),
        ({"model": ""}, "judge.model: "),
        ({"labels": 0}, "judge.labels: "),
    ],
)
@pytest.mark.usefixtures("server")
def test_mistakes_in_params_are_told_first(changed: dict[str, Any], message: str) -> None:
    edit_params(lambda each: each["judge"].update(changed))
    with pytest.raises(InputError, match=message):
        run()


@pytest.mark.usefixtures("server")
def test_a_template_that_is_not_there_is_told_first() -> None:
    Path("data/templates/judge/texts.j2").unlink()
    with pytest.raises(InputError, match="there is no such template"):
        run()
