"""The command line of a stage: `python -m stages.NAME --task T --method M`, errors without a traceback."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from stages.core.errors import AttrPromptError, StoppedError
from stages.core.slugs import check_slug

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_INTERRUPTED = 130  # what shells give for a program that Ctrl-C ended


def run(
    main: Callable[..., None],
    doc: str | None,
    *axes: str,
    flags: tuple[str, ...] = (),
    options: Mapping[str, str] | None = None,
    last: str | None = None,
) -> None:
    """Call `main` from the command line; exit 1 on an error of ours.

    Args:
        main: Is given one keyword argument an axis (a slug), flag (true or false) and option (a text, or None).
        doc: The module's docstring, for `--help`.
        axes: Must be given.
        flags: May be given.
        options: May be given, with a value: the option, and the keyword of `main` that it sets (`import` is no name in
            Python).
        last: May be given as the one argument without a name.
    """
    first, _, rest = (doc or "").partition("\n")
    parser = argparse.ArgumentParser(
        prog=_module(),
        description=first,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for axis in axes:
        parser.add_argument(f"--{axis}", required=True, type=_slug, metavar=axis.upper())
    for flag in flags:
        parser.add_argument(f"--{flag}", action="store_true")
    for option, keyword in (options or {}).items():
        parser.add_argument(f"--{option}", dest=keyword, metavar=keyword.upper())
    if last:
        parser.add_argument(last, nargs="?", metavar=last.upper())
    values = vars(parser.parse_args())
    try:
        main(**values)
    except AttrPromptError as error:
        say(f"{parser.prog}: {error}")
        sys.exit(_INTERRUPTED if isinstance(error, StoppedError) else 1)
    except KeyboardInterrupt:
        say(f"{parser.prog}: stopped")
        sys.exit(_INTERRUPTED)


def say(message: str) -> None:
    """Tell the user something, on standard error, whatever their terminal can show."""
    encoding = sys.stderr.encoding or "utf-8"
    print(printable(message).encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr, flush=True)


def printable(message: str) -> str:
    """`message` as lines that a terminal shows and does not obey: escapes for what is neither text nor white space.

    An endpoint's words may be in it, or a model's: colours, cursor movements, a change of direction.
    """
    return "".join(
        char if char.isprintable() or char in "\n\t" else char.encode("unicode_escape").decode() for char in message
    )


def _module() -> str:
    """The name of the module that runs, as it is given to `python -m`."""
    spec = sys.modules["__main__"].__spec__
    return spec.name.removesuffix(".__main__") if spec else "stages"


def _slug(text: str) -> str:
    try:
        return check_slug(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
