"""The command line of a stage: `python -m stages.NAME --task T --method M`, errors without a traceback."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, TextIO

from stages.core.errors import AttrPromptError, StoppedError
from stages.core.slugs import check_slug
from stages.core.texts import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_INTERRUPTED = 130  # what shells give for a program that Ctrl-C ended
_LAST = list["Callable[[], None]"]()


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
    explained(parser.prog, lambda: main(**values))


def explained(program: str, call: Callable[[], None]) -> None:
    """Make a call; exit 1 on an error of ours, with its message and without a traceback."""
    _LAST.clear()
    try:
        call()
        while _LAST:
            _LAST.pop()()
    except AttrPromptError as error:
        say(f"{program}: {error}")
        sys.exit(_INTERRUPTED if isinstance(error, StoppedError) else 1)
    except KeyboardInterrupt:
        say(f"{program}: stopped")
        sys.exit(_INTERRUPTED)


def when_done(call: Callable[[], None]) -> None:
    """Make a call once the command has succeeded: to remove what would have helped a second run of it."""
    _LAST.append(call)


def say(message: str) -> None:
    """Tell the user something, on standard error, whatever their terminal can show and whoever said it first."""
    _print(harmless(message), sys.stderr)


def counted(number: int, what: str) -> str:
    """`1 line`, `2 lines`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def show(message: str) -> None:
    """Give the user what they asked for, on standard output; untrusted parts of it are `harmless` already."""
    _print(message, sys.stdout)


def nobody_reads() -> None:
    """Write what is left for standard output nowhere; else Python complains when it flushes that at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print(message: str, stream: TextIO) -> None:
    encoding = stream.encoding or "utf-8"
    print(message.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)


def _module() -> str:
    """The name of the module that runs, as it is given to `python -m`."""
    spec = sys.modules["__main__"].__spec__
    return spec.name.removesuffix(".__main__") if spec else "stages"


def _slug(text: str) -> str:
    try:
        return check_slug(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
