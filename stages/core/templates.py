"""Templates of prompts, pages and cards: Jinja files, so that a new method is a new file and not new code.

They run in a sandbox and may use no name that is not given to them. What a model wrote goes in as a value, never as a
template.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment

from stages.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Template

SUFFIX = ".j2"


class Templates:
    """The templates of one folder."""

    def __init__(self, folder: Path, *, html: bool = False) -> None:
        self.folder = folder
        self._environment = SandboxedEnvironment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            autoescape=html,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["quoted"] = _quoted

    def check(self, name: str) -> None:
        """See whether the template is there and can be read at all.

        Raises:
            InputError: it is not, or cannot.
        """
        self._explained(name, {}, lambda _: "")

    def knows(self, name: str, variable: str) -> bool:
        """Whether a template uses a name that is given to it; those that it includes are not looked at."""
        loader = self._environment.loader
        source = loader.get_source(self._environment, name + SUFFIX)[0] if loader else ""
        return variable in find_undeclared_variables(self._environment.parse(source))

    def render(self, name: str, values: Mapping[str, object]) -> str:
        """The template's text with `values` filled in, without blank ends.

        Raises:
            InputError: there is no such template, its syntax is wrong, or it uses a name that is not given to it.
        """
        return self._explained(name, values, lambda template: template.render(values).strip())

    def _explained(self, name: str, values: Mapping[str, object], use: Callable[[Template], str]) -> str:
        path = self.folder / (name + SUFFIX)
        try:
            return use(self._environment.get_template(path.name))
        except TemplateNotFound as error:
            there = ", ".join(sorted(each.stem for each in self.folder.glob(f"*{SUFFIX}"))) or "none at all"
            raise InputError(
                f"{self.folder / (error.name or path.name)}: there is no such template; there are: {there}"
            ) from None
        except TemplateSyntaxError as error:
            raise InputError(f"{error.filename or path}:{error.lineno}: {error.message}") from None
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            line = _line_in(error, path.name)
            given = ", ".join(sorted(values))
            raise InputError(f"{path}{f':{line}' if line else ''}: {error}; it is given: {given}") from None


def _quoted(text: str) -> str:
    """A text on one line, between quotation marks."""
    return json.dumps(text, ensure_ascii=False)


def _line_in(error: BaseException, name: str) -> int | None:
    """The template's line at which rendering went wrong: Jinja rewrites tracebacks to say so."""
    trace, line = error.__traceback__, None
    while trace:
        if Path(trace.tb_frame.f_code.co_filename).name == name:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
