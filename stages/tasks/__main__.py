"""A task of one's own: `python -m stages.tasks new NAME`, then `check`, then `preview NAME`.

new NAME        write data/tasks/NAME/task.yaml, and put NAME into run.tasks of params.yaml; asks in the terminal for
                what no option says. Labels: a line each (refund: wants money back), or a column of a table. Nothing
                that is there is written over.
check [NAME]    all that is wrong with params.yaml and the tasks of its grid, or with one task: exit 1. And what may be
                wrong or could be better: advice, exit 0. Free.
preview NAME    what the task will cost; then three texts of each label by each method of the grid, for real: they are
                the first of the plan, and the run does not pay for them again. Nothing is asked of the model before its
                cost was shown, and nothing that costs money before it was confirmed. Then the run itself, if wanted.
                Where there is no terminal to ask in: exit 1 before anything that costs, or --yes, which agrees to all.

Reads   params.yaml, data/tasks/, data/templates/, data/recordings/
Writes  new: data/tasks/NAME/task.yaml, params.yaml; preview: answers into the store
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from typing import TYPE_CHECKING

from stages.core import cli
from stages.core.slugs import check_slug

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

PROGRAM = "stages.tasks"


def main() -> None:
    """Read the command line, and do what it says."""
    first, _, rest = (__doc__ or "").partition("\n")
    parser = ArgumentParser(PROGRAM, description=first, epilog=rest, formatter_class=RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command", metavar="new | check | preview")
    new = commands.add_parser("new", help="write a new task")
    new.add_argument("name", metavar="NAME")
    for option, about in (
        ("domain", "what the texts are"),
        ("form", "what one of them looks like"),
        ("words", 'the shortest and the longest length, as "4 80"'),
        ("labels", "a file with a label a line, or a table: .csv, .jsonl, .parquet"),
        ("column", "of the table; else label"),
    ):
        new.add_argument(f"--{option}", help=about)
    new.add_argument("--replace", action="store_true", help="the grid runs this task alone")
    check = commands.add_parser("check", help="all that is wrong with a task")
    check.add_argument("name", nargs="?", type=_slug, metavar="NAME")
    preview = commands.add_parser("preview", help="what it costs, and three texts a label")
    preview.add_argument("name", type=_slug, metavar="NAME")
    preview.add_argument("--method", type=_slug, help="this one alone")
    preview.add_argument("--yes", action="store_true", help="ask, and run, without a question")
    chosen = parser.parse_args()
    cli.explained(PROGRAM, lambda: _COMMANDS[chosen.command](chosen))


def _new(chosen: Namespace) -> None:
    from stages.tasks.new import Given, new  # noqa: PLC0415 - each command loads what it needs: the others take seconds

    given = Given(chosen.domain, chosen.form, chosen.words, chosen.labels, chosen.column)
    new(chosen.name, given, replace=chosen.replace)


def _check(chosen: Namespace) -> None:
    from stages.tasks.check import check  # noqa: PLC0415 - as above

    check((chosen.name,) if chosen.name else ())


def _preview(chosen: Namespace) -> None:
    from stages.tasks.preview import preview  # noqa: PLC0415 - as above

    preview(chosen.name, method=chosen.method, yes=chosen.yes)


_COMMANDS: dict[str, Callable[[Namespace], None]] = {"new": _new, "check": _check, "preview": _preview}


def _slug(text: str) -> str:
    try:
        return check_slug(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    main()
