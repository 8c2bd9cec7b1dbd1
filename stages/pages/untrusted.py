"""What a model wrote, made safe for a page: nothing in it stays hidden, and nothing ends what it stands in."""

from __future__ import annotations

import base64
import hashlib
import json
import re

from markupsafe import Markup

# Controls without a shape (tab and the ends of lines but for), those that turn the direction of what follows, the byte
# order mark, halves of surrogate pairs, which UTF-8 has no bytes for, and what is no character at all.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufdd0-\ufdef"
    "\ud800-\udfff\ufffe\uffff]"
)
_ESCAPES = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


def visible(text: str) -> str:
    """The text with the code of each hidden character in its place, as ⟨U+202E⟩; UTF-8 has bytes for all of it."""
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text.replace("\r\n", "\n"))


def script_json(value: object) -> Markup:
    """JSON for a script element: no character of it can end the element, or begin a comment in it."""
    text = json.dumps(_visible(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_ESCAPES))  # noqa: S704 - what is special in HTML is escaped in JSON's own way


def _visible(value: object) -> object:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {_visible(key): _visible(each) for key, each in value.items()}
    return [_visible(each) for each in value] if isinstance(value, list | tuple) else value


def policy(script: str) -> str:
    """A Content-Security-Policy that runs this one script and loads nothing (CSP level 3, section 2.3.1)."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    scripts, rest = f"script-src 'sha256-{digest}'", "base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; {scripts}; style-src 'unsafe-inline'; {rest}"
