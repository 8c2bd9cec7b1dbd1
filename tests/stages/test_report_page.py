"""The page of the report: whole, in order, and opened in a browser, with what a hostile model may have written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from stages import report
from stages.core import files, paths
from stages.measures.bias import wilson
from tests.browser import Page, chromium, needs_chromium, visit
from tests.conftest import edit_params
from tests.small_grid import LABELS, METHODS, STUDENT, TASK, write_grid

# Ends of the elements that it may stand in, template syntax, characters that hide or turn what follows.
HOSTILE = (
    '</script></style><script>window.ran = 1</script><!--<img src=x onerror="window.ran = 1">{{ 7 * 7 }}{% if %}'
    "${window.ran = 1}\u2028\u2029\u202e\ud800\x00\"'&lt;"
)
SOON = "new Promise((done) => setTimeout(done, 50))"
VOID = {"meta", "input", "br", "img", "link"}


@pytest.fixture(autouse=True)
def _inside(project: Path) -> None:
    del project


@pytest.fixture(scope="module")
def devtools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chromium(tmp_path_factory.mktemp("chromium")) as address:
        yield address


class Outline(HTMLParser):
    """Which elements are open, which ids there are, and what points at them."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.ids, self.aims, self.tags = list[str](), list[str](), set[str](), Counter[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        assert len(found) == len(attrs), (tag, attrs)
        self.tags[tag] += 1
        self.ids += [found["id"]] if "id" in found else []
        self.aims |= {found[name].removeprefix("#") for name in ("aria-labelledby", "data-sample") if name in found}
        self.aims |= {found["href"][1:]} if found.get("href", "").startswith("#") else set()
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs  # of what is in a picture
        self.tags[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()


def written() -> str:
    report.main()
    return paths.SUMMARY_PAGE.read_text(encoding="utf-8")


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    found.close()
    assert found.open == []
    assert len(set(found.ids)) == len(found.ids)
    assert found.aims <= set(found.ids)
    return found


def test_the_page_says_first_which_method_is_best_and_what_to_do() -> None:
    write_grid(failed=True)
    page = written()
    assert "18 test texts do not say which method is best. attrprompt scores highest: macro-F1 0.833" in page
    assert page.index("Add test texts before anything else") < page.index("Mend attrprompt first")
    assert "Mend attrprompt first: it failed attribute coverage" in page
    assert 'href="../validation/notes/attrprompt.html">1 of 1 failed' in page
    assert "the worst is label noise / attribute scene / value noise at night: found 0" in page
    assert "1 of 6 texts of noise were taken for parcel" in page
    assert "3 too long" in page
    assert "Besides, for the whole task: finding the attributes 1,000 tokens ($0.0100), judging texts 440" in page
    outline(page)


def test_the_page_is_one_file_that_loads_nothing_and_is_the_same_each_time() -> None:
    write_grid()
    page = written()
    assert written() == page
    assert not re.search(r"""(src|href)=["'](?!#|\.\./validation/)""", page)
    assert "url(" not in page
    assert "@import" not in page


def test_what_need_not_be_there_is_shown_where_it_is() -> None:
    write_grid()
    (paths.PAGE_TEMPLATES / "found.j2").write_text("<p>found in {{ task.studies | length }} methods</p>")
    page = written()
    assert "1 of 21 texts, disputed by students of simprompt" in page
    assert "is &lt;b&gt;this&lt;/b&gt; about noise?" in page
    assert page.index(">0.12<") < page.index(">0.79<")
    assert "<p>found in 2 methods</p>" in page
    outline(page)


def test_a_label_with_few_test_texts_has_the_interval_of_its_f1() -> None:
    write_grid()
    assert "test texts have too few" not in written()
    for method in METHODS:
        table = paths.confusion_plot(TASK, method, STUDENT)
        lines = table.read_text().splitlines(keepends=True)
        # Of the first label one text is left, right; texts of the last label are taken for it.
        table.write_text("".join([*lines[:2], *lines[7:]]))
    page = written()
    assert "noise (1 test text)</th>" in page
    # One right of three and of two: Wilson's interval, turned into F1.
    low, high = (2 * each / (1 + each) for each in wilson(1 / 3, 3, 0.95))
    assert f"({low:.2f} to {high:.2f})</td>" in page
    assert "Labels with fewer than 5 test texts have too few" in page
    assert page.count("test text)") == 1
    outline(page)


def test_labels_that_were_given_too_many_are_on_the_page() -> None:
    write_grid()
    table = [(n, label, label) for n, label in enumerate(LABELS)]
    for method in METHODS:
        files.write_csv(paths.confusion_plot(TASK, method, STUDENT), ["text", "actual", "predicted"], table)
    clean = "No label was taken for another, and none was given too many or too few."
    assert written().count(clean) == 2
    more = [*table, (0, "", LABELS[1]), (1, "", LABELS[2])]
    files.write_csv(paths.confusion_plot(TASK, METHODS[0], STUDENT), ["text", "actual", "predicted"], more)
    page = written()
    assert page.count(clean) == 1
    assert f"<li>1 of 2 texts that are not {LABELS[1]} were given it besides all of their own</li>" in page
    assert page.count('<th scope="row">nothing else</th>') == 2


def test_whether_nothing_was_looked_for_or_nobody_answered_is_said() -> None:
    write_grid()
    nothing = "Nothing was looked for"
    assert nothing in written()
    asked = {"requests": 12, "prompt_tokens": 0, "completion_tokens": 0, "dollars": 0.0, "texts": 60}
    for method, told in zip(METHODS, ({"annotated": 0, "not_asked": 60}, {"annotated": 60}), strict=True):
        files.write_json(paths.annotate_metrics(TASK, method), {**asked, **told, "real": {**asked, **told}})
    page = written()
    assert nothing not in page
    assert (
        "<li>No answer says anything of the 60 texts of simprompt that were to be looked at (60 not asked).</li>"
        in page
    )
    assert page.count("No answer says anything") == 1
    outline(page)


def test_scores_are_rounded_once() -> None:
    write_grid()
    path = paths.scores_file(TASK, METHODS[1], STUDENT)
    files.write_json(path, {**files.read_json(path, "evaluate"), "macro_f1": 0.8344964})  # 0.8345, if rounded before
    page = written()
    assert page.count("0.834 (0.733 to 0.933)") >= 2, "in the chart and in the table"
    assert "macro-F1 0.834 with" in page
    assert "0.835" not in page + paths.SUMMARY_PICTURE.read_text()
    assert files.read_json(paths.SUMMARY, "report")[TASK][METHODS[1]][STUDENT]["macro_f1"] == 0.834496


def test_without_points_there_are_no_curves_and_nothing_is_said_of_them() -> None:
    write_grid()
    section = "What fewer texts would have given"
    assert section in written()
    for method in METHODS:
        files.write_json(paths.curve_file(TASK, method, STUDENT), {"points": []})
    page = written()
    assert section not in page
    assert "attrprompt scores highest: macro-F1 0.833" in page
    assert "baseline_share" not in paths.SUMMARY.read_text()
    outline(page)


def test_curves_of_texts_made_elsewhere_are_over_texts_or_said_to_be_missing() -> None:
    write_grid()

    def forget_the_cost(method: str) -> None:
        path = paths.curve_file(TASK, method, STUDENT)
        rows = files.read_json(path, "curve")["points"]
        files.write_json(path, {"points": [{**each, "tokens": None, "dollars": None} for each in rows]})

    forget_the_cost(METHODS[1])
    assert f"<li>{METHODS[1]} is not drawn: what its texts cost is not known.</li>" in written()
    forget_the_cost(METHODS[0])
    page = written()
    assert 'aria-label="Macro-F1 over texts, a line a method"' in page
    assert "over their number, on a logarithmic scale: what they cost is not known." in page
    assert "texts for the texts" not in page
    assert "is not drawn" not in page
    assert "baseline_share" not in paths.SUMMARY.read_text()
    outline(page)


def test_each_task_has_its_part() -> None:
    edit_params(lambda each: each["run"].update(tasks=[TASK, "others"]))
    write_grid()
    write_grid(task="others")
    found = outline(written())
    assert {TASK, "others", f"{TASK}-sample", "others-sample"} <= set(found.ids)
    assert found.tags["article"] == 2


def test_no_texts_to_look_through_where_none_are_wanted() -> None:
    write_grid()
    edit_params(lambda each: each["report"].update(texts=0))
    assert "data-sample=" not in written()


@needs_chromium
def test_the_sample_is_looked_through_in_a_browser(devtools: str) -> None:
    write_grid()
    written()

    async def look(page: Page) -> None:
        async def shown(**chosen: str) -> tuple[str, list[str]]:
            for name, value in chosen.items():
                field = f"document.querySelector('form').elements.{name}"
                await page.run(f"{field}.value = '{value}'")
                await page.run(f"{field}.dispatchEvent(new Event('input', {{ bubbles: true }}))")
            texts = await page.run("[...document.querySelectorAll('.texts .written')].map((each) => each.textContent)")
            return await page.run("document.querySelector('[role=status]').textContent"), texts

        status, texts = await shown()
        assert (status, len(texts)) == ("48 of 48 texts, 20 shown", 20)
        await page.run("document.querySelector('.browse button').click()")
        assert len((await shown())[1]) == 40
        assert (await shown(label="plants", method="attrprompt"))[0] == "8 of 48 texts"
        status, texts = await shown(attribute="tone", value="angry")
        assert status == "4 of 48 texts"
        assert all(text.startswith("the ferns need water") for text in texts)
        assert (await shown(value="", attribute="scene"))[0] == "8 of 48 texts"
        names = await page.run("[...document.querySelector('form').elements.value.options].map((each) => each.value)")
        assert names == ["", "plants at night", "plants at noon"], "those of the label alone"
        assert (await shown(reason="thrown out")) == ("1 of 48 texts", ["far too long"])
        assert "too long" in await page.run("document.querySelector('.texts .bad').textContent")
        await page.run("document.querySelector('.texts details').open = true")
        await page.run(SOON)
        prompt = await page.run("document.querySelector('.texts pre').textContent")
        assert prompt == "Write a note about plants.\nIts tone: calm."
        assert (await shown(reason="", words="FERNS"))[0] == "4 of 48 texts"
        assert (await shown(words="no such word")) == ("0 of 48 texts", [])
        assert page.complaints == []

    visit(devtools, paths.SUMMARY_PAGE, look)


@needs_chromium
def test_nothing_that_a_model_wrote_runs_or_ends_an_element(devtools: str) -> None:
    write_grid()
    plain = outline(written()).tags
    write_grid(HOSTILE)
    page = written()
    assert outline(page).tags == plain
    assert not re.search("[\u202e\x00\ud800]", page)

    async def look(page: Page) -> None:
        assert await page.run("document.querySelectorAll('.texts li').length") == 20
        await page.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        await page.run(SOON)
        shown = await page.run("document.querySelector('.texts .written').textContent")
        for part in ("</script></style><script>", "{{ 7 * 7 }}{% if %}", "⟨U+202E⟩", "⟨U+D800⟩", "⟨U+0000⟩", "&lt;"):
            assert part in shown
            assert part in await page.run("document.querySelector('.texts pre').textContent")
        assert await page.run("document.querySelectorAll('img, script').length") == 2, "the script and its data"
        assert await page.run("typeof window.ran") == "undefined"
        # The policy holds even where escaping failed: such an element does nothing.
        smuggled = "document.createRange().createContextualFragment('<script>ran = 1<\\/script>')"
        await page.run(f"document.body.append({smuggled})")
        assert await page.run("typeof window.ran") == "undefined"
        assert len(page.complaints) == 1
        assert "Content Security Policy" in page.complaints[0]

    visit(devtools, paths.SUMMARY_PAGE, look)


@needs_chromium
def test_on_paper_everything_is_open_and_nothing_is_to_be_pressed(devtools: str) -> None:
    write_grid()
    written()

    async def look(page: Page) -> None:
        opened = "[...document.querySelectorAll('details')].map((each) => each.open)"
        before = await page.run(opened)
        assert not all(before)
        await page.run("dispatchEvent(new Event('beforeprint'))")
        kinds = await page.run("[...document.querySelectorAll('details')].map((each) => each.className)")
        assert await page.run(opened) == [kind != "prompt" for kind in kinds], "twenty prompts would fill pages"
        await page.run("dispatchEvent(new Event('afterprint'))")
        assert await page.run(opened) == before
        await page.call("Emulation.setEmulatedMedia", media="print")
        assert await page.run("document.querySelector('form').offsetHeight") == 0
        assert await page.run("document.querySelector('.texts li').offsetHeight") > 0

    visit(devtools, paths.SUMMARY_PAGE, look)


@needs_chromium
@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_is_no_wider_than_the_screen(devtools: str, width: int) -> None:
    write_grid("an-uncommonly-long-word-" * 20)
    written()

    async def look(page: Page) -> None:
        assert await page.run("document.documentElement.scrollWidth <= innerWidth")
        heights = await page.run("[...document.querySelectorAll('select, input')].map((each) => each.offsetHeight)")
        assert min(heights) >= 24, "large enough for a finger (WCAG 2.2, 2.5.8)"

    visit(devtools, paths.SUMMARY_PAGE, look, width=width)


@needs_chromium
@pytest.mark.parametrize("width", [700, 1300])
def test_the_scores_of_four_students_are_seen_or_more_is_seen_to_be_there(devtools: str, width: int) -> None:
    write_grid()
    written()

    async def look(page: Page) -> None:
        table = "document.querySelector('[aria-label=\"Scores and cost\"]')"
        cells = f"{table}.querySelectorAll('tr > :last-child')"
        await page.run(f"for (let n = 0; n < 3; n++) {cells}.forEach((each) => each.after(each.cloneNode(true)))")
        scrolls = await page.run(f"{table}.scrollWidth > {table}.clientWidth")
        assert scrolls == (width < 1300)
        assert "local" in await page.run(f"getComputedStyle({table}).backgroundAttachment"), "a shadow where it ends"
        assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    visit(devtools, paths.SUMMARY_PAGE, look, width=width)
