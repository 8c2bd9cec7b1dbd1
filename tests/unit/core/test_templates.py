from __future__ import annotations

from pathlib import Path

import pytest

from stages.core.errors import InputError
from stages.core.templates import Templates
from tests.conftest import ROOT


def templates(folder: Path, text: str, *, html: bool = False) -> Templates:
    (folder / "t.j2").write_text(text)
    return Templates(folder, html=html)


def test_values_are_filled_in_and_never_run(tmp_path: Path) -> None:
    text = templates(tmp_path, "\n{% if value %}\nSay: {{ value }}\n{% endif %}\n").render(
        "t", {"value": "{{ 7 * 7 }}"}
    )
    assert text == "Say: {{ 7 * 7 }}"


def test_pages_escape_what_models_wrote(tmp_path: Path) -> None:
    page = templates(tmp_path, "<p>{{ value }}</p>", html=True).render("t", {"value": "<script>alert(1)</script>"})
    assert page == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n{{ lable }}", r"t.j2:2: 'lable' is undefined; it is given: label"),
        ("a\nb\n{% if %}", r"t.j2:3: Expected an expression"),
        ("{% include 'gone.j2' %}", r"gone.j2: there is no such template; there are: t"),
        ("{{ label.__class__.__mro__ }}", r"t.j2:1: .*unsafe"),
        ("{{ label + 1 }}", r"t.j2:1: .*; it is given: label"),
        ("{{ 1 / 0 }}", r"t.j2:1: division by zero"),
        ("{% include '../../etc/passwd' %}", r"there is no such template"),
    ],
)
def test_a_wrong_template_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        templates(tmp_path, text).render("t", {"label": "noise"})


def test_a_template_can_be_checked_before_it_is_needed(tmp_path: Path) -> None:
    templates(tmp_path, "{{ anything }}").check("t")
    with pytest.raises(InputError, match="there is no such template; there are: t"):
        templates(tmp_path, "").check("other")
    with pytest.raises(InputError, match=r"t.j2:1"):
        templates(tmp_path, "{% for %}").check("t")


def test_all_templates_of_the_project_can_be_read() -> None:
    for folder in ("attributes", "methods", "pages"):
        found = Templates(ROOT / "data" / "templates" / folder)
        for path in found.folder.iterdir():
            found.check(path.name.removesuffix(".j2"))
