"""Slugs: the names that become parts of paths and of DVC stage names.

`-` is not among their characters: DVC joins the values of a matrix with it, and two cells whose joined names collide
would silently become one.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_SLUG = re.compile(r"[a-z0-9_]+\Z")


def check_slug(text: str) -> str:
    """`text` itself, if it is a slug.

    Raises:
        ValueError: it is none; the message says what a slug is.
    """
    if not _SLUG.match(text):
        raise ValueError(f"{text!r} is no slug: only a-z, 0-9 and _, and at least one of them")
    return text


Slug = Annotated[str, AfterValidator(check_slug)]


def slugify(text: str) -> str:
    """The slug nearest to `text`; empty where nothing of it can stand in one."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
