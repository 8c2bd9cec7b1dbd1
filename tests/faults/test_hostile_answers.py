"""A model that tries to break out: what it writes goes through every stage, against a real server, without effect."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from stages import clean, generate, prompts, refill, validate
from stages.core import cli, paths
from stages.core.errors import RequestsFailedError
from stages.design.table import read_table
from tests.cells import sum_up, through
from tests.conftest import TASK, edit_params, find_attributes, read_lines, write_task
from tests.faults.hostile import CONTROLS, HAX, MALFORMED, PHRASES, UNSEEN
from tests.llm_server import LlmServer, answer

METHODS = ("metaprompt", "reported")
ALL = {**PHRASES, **CONTROLS, **UNSEEN}
SHOWN = list(PHRASES.values())
NUMBERS = (True, -1, 10**400, float("nan"), float("inf"), "50", None, 1e-320, 1e308)
# Of what the report and the validation page are made; nothing else is an element of theirs.
ELEMENTS = set(
    re.findall(
        r"\w+",
        "html head meta title style body h1 h2 h3 p span b ul li table tr th td details summary pre figure img "
        "svg g text line circle polyline polygon section div article main header nav a h4 ol thead tbody script form "
        "label select option input button output noscript figcaption dl dt dd code",
    )
)


@pytest.fixture
def server(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LlmServer]:
    write_task("notes", TASK.replace("  plants: asks to have plants watered\n", "  plants:\n"))
    people = [{"text": f"it is so loud {'!' * number}", "label": "noise"} for number in range(12)]
    (project / "data/tasks/notes/examples.jsonl").write_text("".join(json.dumps(each) + "\n" for each in people))
    loose = {
        "quota_share": 0.0,
        "balance": 0.0,
        "coverage": 0.0,
        "in_length": 0.0,
        "placeholders": 1.0,
        "model_talk": 1.0,
    }
    edit_params(lambda each: (
        each["prompts"].update(per_label=32, texts_per_request=16, reserve=0.0),
        each["ops"].update(retries=0, concurrency=1),
        each["methods"]["metaprompt"].update(attributes="all"),
        each["run"].update(methods=list(METHODS), students=["tfidf"]), each["validation"].update(loose),
        each["annotate"].update(texts=0), each["judge"].update(texts=12, kappa=0.0),
        each["attributes"].update(count_in=20, values=8), each["evaluate"].update(resamples=100),
    ))  # fmt: skip
    with LlmServer() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        yield running


def hostile(server: LlmServer, body: dict[str, Any]) -> str:
    """An answer in the form that is wanted, in which whatever can be is hostile; what can not is left as it is."""
    prompt = body["messages"][-1]["content"]
    found = json.loads(answer(prompt, len(server.bodies)))
    turn = len(server.bodies)
    odd: list[Any] = [{}, [], None, 7, 10**400, float("nan"), ALL["half"], ALL["ansi"]]
    match next(iter(found)):
        case "dimensions":
            names = ("../" + HAX, "=" + HAX, *CONTROLS.values(), *UNSEEN.values())
            more = [{"name": name, "about": SHOWN[at], "per_label": at % 2 == 0} for at, name in enumerate(names)]
            found = {"dimensions": [*odd, *more, *found["dimensions"]]}
        case "text":
            found = {"text": [*odd, *CONTROLS.values(), f"{PHRASES['html']} {PHRASES['jinja']} {PHRASES['link']}"]}
        case "similar":
            found["similar"] += [*odd, *ALL.values()]
        case "values":
            told = [*ALL.values()][turn % 7 :: 3]
            values = [{"value": each, "percent": NUMBERS[number % len(NUMBERS)]} for number, each in enumerate(told)]
            found = {"values": [*odd, *values, *SHOWN[:3]]}
        case "verdicts":
            for each in found["verdicts"]:
                each["reason"] = SHOWN[(turn + each["number"]) % len(SHOWN)]
            found["verdicts"] += [*odd, {"number": 10**30, "fits": HAX}, {"number": 1, "fits": [], "reason": {}}]
        case "read":
            found["read"] = [*odd, *found["read"], {"number": 1, "values": {HAX: HAX, "tone": [HAX]}}]
        case "texts" if '"realism"' in prompt:
            generated = "the ferns need water" not in prompt  # of real ones all is well, so that the judge is trusted
            for each in found["texts"][::2] if generated else []:
                wrong = [{"label": "plants", "percent": 80}]
                each |= {"labels": wrong, "realism": 1, "why": SHOWN[(turn + each["number"]) % len(SHOWN)]}
            found["texts"] += [*odd, {"number": 99, "labels": odd}, {"number": 2, "labels": [HAX]}][: 99 * generated]
        case "texts":
            found["texts"] = mixed(found["texts"], turn)
    return json.dumps(found)


def mixed(texts: list[Any], turn: int) -> list[Any]:
    """Every other text hostile, in the place that it was asked for."""
    told = [*ALL.values(), "", 7, None, ["a"], {"text": HAX}, {"text": HAX, "values": ALL}, "x" * 200_000]
    told += ["a " + "x" * 100_000 + " c", "m\u0301\u0316" * 5_000]
    for place in range(0, len(texts), 2):
        said = told[(turn * 8 + place // 2) % len(told)]
        whole = isinstance(texts[place], dict) and isinstance(said, str)
        texts[place] = (
            {"text": said, "values": {**dict.fromkeys(texts[place]["values"], said), HAX: said}} if whole else said
        )
    return texts


def through_all() -> None:
    find_attributes("notes")
    for method in METHODS:
        through("notes", method, "prompts", "curve")
    sum_up("notes", *METHODS)


@pytest.mark.slow
def test_what_is_hostile_goes_through_every_stage(
    server: LlmServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.misbehave = lambda body: hostile(server, body)
    through_all()
    verdict = json.loads(paths.verdict_file("notes", METHODS[0]).read_text())
    assert "judged_realism" in {each["gate"] for each in verdict["results"] if each["worst"]}, (
        "a gate shows what it said"
    )
    told = capsys.readouterr()
    assert_text_alone(told.out + told.err)
    assert_only_files_of_the_project(tmp_path)
    for page in Path("data").rglob("*.html"):
        assert_nothing_but_text(page)
    assert_svg_and_tables_know_nothing()
    assert_no_markup(paths.attributes_page("notes"))
    assert_attributes_are_text()
    assert_texts_are_as_written()

    asked, before = len(server.bodies), {path: path.read_bytes() for path in Path("data").rglob("*") if path.is_file()}
    with sqlite3.connect(tmp_path / "store/answers.sqlite") as store:
        assert store.execute("SELECT count(*) FROM answers").fetchone()[0] == asked, "all that was paid for is kept"
    find_attributes("notes")
    for method in METHODS:
        prompts.main("notes", method)
        generate.main("notes", method)
    assert len(server.bodies) == asked, "nothing is asked for twice"
    assert {path: path.read_bytes() for path in Path("data").rglob("*") if path.is_file()} == before


def assert_text_alone(told: str) -> None:
    assert "accepted" in told
    assert [each for each in set(told) if not each.isprintable() and each not in "\n\u200c\u200d"] == []


def assert_only_files_of_the_project(folder: Path) -> None:
    """No name comes from a model, nothing lies where nothing belongs, and nothing that was to be run was run."""
    assert {each.name for each in folder.iterdir()} <= {"project", "store", "checkpoints"}
    assert {each.name for each in Path().iterdir()} == {"data", "params.yaml"}
    names = [str(each.relative_to("data")) for each in Path("data").rglob("*") if each.is_file()]
    known = r"\w+(/(notes|attributes|methods|pages|cards|annotate|judged?|clean|prompts|generate|refill|validate|study"
    known += rf"|evaluate|curve|dispute|tfidf|{'|'.join(METHODS)}))*"
    known += r"/(\.?[a-z_]+|README|notes)\.(json|jsonl|yaml|csv|html|md|skops|svg|((svg|js)\.)?j2)"
    assert [each for each in names if not re.fullmatch(known, each)] == []
    assert not Path(f"/tmp/{HAX}").exists()


class Markup(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements, self.attributes, self.text = set[str](), list[tuple[str, str]](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)

    handle_comment = handle_pi = unknown_decl


def assert_nothing_but_text(page: Path) -> None:
    found = Markup()
    found.feed(page.read_text(encoding="utf-8"))
    assert found.elements <= ELEMENTS, page
    assert not any(HAX in name or name.startswith("on") for name, _ in found.attributes), page
    places = {value for name, value in found.attributes if name in ("href", "src", "action")}
    assert all(re.fullmatch(r"summary\.svg|(#|\.\./(validation/)?|notes/)[\w/.-]+", each or "") for each in places), (
        places
    )
    if page == paths.SUMMARY_PAGE:
        shown = "".join(found.text)
        assert PHRASES["html"] in shown, "the first prompts are shown, as they were sent"
        assert PHRASES["jinja"] in shown


def assert_svg_and_tables_know_nothing() -> None:
    assert HAX not in paths.SUMMARY_PICTURE.read_text()
    tables = list(Path("data").rglob("*.csv"))
    assert len(tables) >= 3 * len(METHODS)
    cells = [cell for path in tables for row in csv.reader(path.read_text().splitlines()) for cell in row]
    assert all(cell[:1] not in "=+@\t\r" or cell == "" for cell in cells)


def assert_no_markup(page: Path) -> None:
    tokens = MarkdownIt("commonmark", {"linkify": False}).enable("table").parse(page.read_text(encoding="utf-8"))
    inner = [each for token in tokens for each in (token, *(token.children or ()))]
    blocks = {"heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td"}
    kinds = {f"{name}_{end}" for name in blocks for end in ("open", "close")} | {
        "inline",
        "text",
        "text_special",
        "code_inline",
    }
    assert {each.type for each in inner} <= kinds, "a rule, a list, a link, HTML"
    assert not any(HAX in each.content for each in inner if each.type == "code_inline")
    read = "".join(each.content for each in inner if each.type in ("text", "text_special"))
    assert PHRASES["html"] in read
    plain = page.read_text(encoding="utf-8")
    assert "://" not in plain, "GitHub makes links of addresses"
    assert "www." not in plain


def assert_attributes_are_text() -> None:
    table = read_table(paths.attributes_file("notes"))
    names = [each.name for each in table.dimensions]
    assert all(re.fullmatch("[a-z0-9_]+", each) for each in names)
    values = {value for each in table.dimensions for label in ("noise", "parcel", "plants")
              for value in (*each.values_for(label), *(one.value for one in each.dropped.get(label, ())))}  # fmt: skip
    assert len(values & set(SHOWN)) > len(SHOWN) / 2, "what is a line of text is a value like any other"
    assert not values & {*CONTROLS.values(), *UNSEEN.values()}
    assert table.definitions["plants"].startswith(PHRASES["html"])
    assert set(table.instructions) == {"noise", "parcel", "plants"}


def assert_texts_are_as_written() -> None:
    taken, thrown = set[str](), dict[str, str]()
    for method in METHODS:
        taken |= {each["text"] for each in read_lines(paths.accepted_file("notes", method))}
        thrown |= {
            each["text"]: each["reason"] for each in read_lines(paths.rejected_file("notes", method)) if each["text"]
        }
    assert {PHRASES[name] for name in ("html", "jinja", "python", "yaml", "shell", "sql")} <= taken
    assert {thrown[each.strip()] for each in CONTROLS.values()} == {"garbled"}
    values = {
        value for each in read_lines(paths.accepted_file("notes", "reported")) for value in each["attributes"].values()
    }
    table = read_table(paths.attributes_file("notes"))
    assert values <= {value for each in table.dimensions for label in ("noise", "parcel", "plants")
                      for value in each.values_for(label)}, "a value that nobody proposed is none"  # fmt: skip


def test_one_bare_text(server: LlmServer) -> None:
    """What is no JSON is a text: all of it, whatever it looks like; the whole completion stays in the artifact."""
    said = [*ALL.values(), *MALFORMED, "x" * 1_000_000, "word " * 200_000, "I'm sorry. " * 50_000]
    server.misbehave = lambda _: said[len(server.bodies) - 1]
    one = {"per_label": len(said) // 3, "texts_per_request": 1}
    edit_params(lambda each: (each["prompts"].update(one), each["run"].update(methods=["simprompt"])))
    find_attributes("notes")
    server.bodies.clear()
    prompts.main("notes", "simprompt")
    generate.main("notes", "simprompt")
    completions = [each["completion"] for each in read_lines(paths.generated_file("notes", "simprompt"))]
    assert completions[: len(said)] == said[: len(completions)]
    refill.main("notes", "simprompt")
    clean.main("notes", "simprompt")
    taken = {each["text"] for each in read_lines(paths.accepted_file("notes", "simprompt"))}
    assert {PHRASES[name] for name in ("html", "jinja", "formula", "path")} <= taken
    validate.main("notes", "simprompt")
    assert_nothing_but_text(paths.validation_page("notes", "simprompt"))


def test_what_an_endpoint_says_is_told_and_not_obeyed(server: LlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    message = "".join((*CONTROLS.values(), *UNSEEN.values()))
    server.misbehave = lambda _: (400, {"error": {"message": message, "type": "x", "code": None}})
    with pytest.raises(RequestsFailedError, match="got no usable answer") as caught:
        find_attributes("notes")
    cli.say(str(caught.value))
    told = capsys.readouterr().err
    assert "\\x1b[2J" in told
    assert [each for each in set(told) if not each.isprintable() and each not in "\n\u200c\u200d"] == []
