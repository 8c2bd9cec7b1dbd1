"""Where a model speaks of itself or of its task in place of the text, and where it left a blank to be filled in.

Each has two forms. What is certain is thrown out by `clean`. What a person might have written too, in a forum or about
a website, is only counted by a gate: "Here are three examples:", XXX in place of digits.
"""

from __future__ import annotations

import re

_PIECES = r"(?:examples?|samples?|texts?|messages?|variations?|versions?|reviews?|queries|query|posts?|sentences?)\b"
_NUMBER = r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|some|several|a few)"
_HERE_ARE = rf"\A\W*here are\s+(?:{_NUMBER}\s+)?(?:[\w-]+\s+){{0,4}}?{_PIECES}"
_CERTAIN_TALK = (
    # As in: Sure! Here are ten complaint messages about late parcels.
    (
        r"\A\W*(?:sure|certainly|of course|absolutely|okay)(?: thing)?\s*[,.!:]+\s+here(?:['\u2019]s| is| are)"
        rf"\s+(?!(?:the|my|our|your|this|that)\b)(?:an?\s+|{_NUMBER}\s+)?(?:[\w-]+\s+){{0,4}}?{_PIECES}[^\n]{{0,80}}?(?::|\b(?:about|for|that|of|written)\b)"
    ),
    # As in: Here are five messages for the class refund_status.
    rf"{_HERE_ARE}[^.?!\n]{{0,40}}\bfor (?:the|this|each) ['\"]?(?:[\w ]{{1,30}} )?(?:class|category|label)\b",
    (
        r"\b(?:this|the) (?:text|message|example|sample) (?:falls under|belongs to|was written for|fits) "
        r"(?:the |a )?['\"]?[\w ]{0,40}\b(?:class|category|label)\b"
    ),
)
_POSSIBLE_TALK = (
    rf"{_HERE_ARE}[^.?!\n]{{0,60}}:",
    r"\A\W*(?:text|example|sample|message|variation)\s+#?\d+\s*[:.)]",
    (
        r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b[^.?!]{0,60}"
        r"\b(?:cannot|can['\u2019]?t|unable|do not have|don['\u2019]?t have|my)\b"
    ),
    r"\bI(?:['\u2019]m| am) (?:just |only )?(?:an? )?(?:ai assistant|chatbot|virtual assistant)\b",
    r"\bmy (?:knowledge cutoff|programming as an ai)\b",
    r"\bI hope (?:this|these) (?:examples?|texts?|samples?) help",
    r"\blet me know if you(?:['\u2019]d| would) like (?:me to (?:write|generate|create)|more (?:examples|variations))",
    r"\((?:word count|note): ?[^)]{0,60}\)\W*\Z",
)

_OF_WHOM = (
    r"(?:your|customer|company|product|order|user|store|shop|brand|bank|recipient|first|last|full|tracking|account)"
)
_WHAT = (
    r"(?:name|company|number|id|date|address|amount|product|item|order|city|e-?mail|phone|website|link|url|username|"
    r"password|brand|store|shop|bank|details?|price|subject|country)"
)
_CERTAIN_BLANK = (
    r"\{\{\s*[A-Za-z_][\w. -]{0,40}\}\}",
    rf"[\[<{{]\s*(?:{_OF_WHOM}[ _-]+){{1,3}}{_WHAT}\s*[\]>}}]",
    r"[\[<](?:insert|enter|fill in) [^\]>]{2,60}[\]>]",
    r"\blorem ipsum dolor\b",
)
_POSSIBLE_BLANK = (
    rf"[\[<{{]\s*{_WHAT}\s*[\]>}}]",
    r"(?-i:\[[A-Z][A-Za-z]+(?: [A-Z][A-Za-z]+){0,3}\])",
    r"(?<![\w#*])x{3,}(?![\w*])",
    r"_{4,}",
)


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# By whether only what is certain is looked for.
_TALK = {True: _any_of(*_CERTAIN_TALK), False: _any_of(*_CERTAIN_TALK, *_POSSIBLE_TALK)}
_BLANK = {True: _any_of(*_CERTAIN_BLANK), False: _any_of(*_CERTAIN_BLANK, *_POSSIBLE_BLANK)}


def model_talk(text: str, *, certain: bool) -> str | None:
    """The piece in which a model speaks of itself or of its task; None where there is none."""
    found = _TALK[certain].search(text)
    return found[0].strip() if found else None


def placeholder(text: str, *, certain: bool) -> str | None:
    """The blank that was left to be filled in; None where there is none."""
    found = _BLANK[certain].search(text)
    return found[0].strip() if found else None
