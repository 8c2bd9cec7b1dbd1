"""What a model wrote, in Markdown that people publish: shown as it is, and never read as Markdown or HTML."""

from __future__ import annotations

import re

from stages.core.texts import encodable

# Character references are text wherever Markdown meets them, in a cell of a table too, and so cannot begin anything.
# `_` inside a word is text already, and names are easier to read with it. A colon or `www.` could make a link, `@` and
# `#` call a person or an issue, and `$` is mathematics on the hub.
_SPECIAL = re.compile(r"""[&<>`\\*\[\]|~#@$]|:(?! )|(?<![^\W_])_|_(?![^\W_])|(?<=www)\.""", re.IGNORECASE)
_LONGEST = 600  # characters that are shown of anything


class Ready(str):
    """Markdown that is to stay as it is."""

    __slots__ = ()


def plain(text: str) -> str:
    """One line of Markdown that reads as `text`, without characters that cannot be seen; a very long one is cut."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    if len(line) > _LONGEST:
        line = f"{line[:_LONGEST]} ..."
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", line)


def block(text: str) -> Ready:
    """Several lines as a code block: each is indented, so that nothing in it can end it."""
    lines = encodable(text).splitlines()
    seen = ("".join(each if each.isprintable() else " " for each in line) for line in lines)
    return Ready("\n".join(f"    {line}".rstrip() for line in seen))


def escaped(value: object) -> object:
    """A value with every text in it made `plain`, those among the keys too."""
    match value:
        case Ready():
            return value
        case str():
            return plain(value)
        case dict():
            return {escaped(key): escaped(each) for key, each in value.items()}
        case list() | tuple():
            return [escaped(each) for each in value]
    return value
