"""Personal data that could be somebody's: e-mail addresses, phone, card and account numbers.

What is reserved so that nobody can have it is none: domains of RFC 2606, numbers with 555, Ofcom's numbers for drama,
the card numbers that payment providers publish for tests.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_EMAIL = re.compile(r"\b[\w.+-]{1,64}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24})\b")
_RESERVED_DOMAIN = re.compile(
    r"(?:\A|\.)(?:example\.(?:com|net|org|co\.uk)|example|test|invalid|localhost)\Z", re.IGNORECASE
)
_DIGITS_AND_MARKS = r"(?:[ .\-]?\(?\d\)?)"
_PHONE = re.compile(
    rf"(?<![\w+])\+\d{_DIGITS_AND_MARKS}{{7,13}}(?!\w)"  # +49 30 1234567
    r"|(?<![\w.-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])"  # (212) 867-5309
    r"|(?<![\w.-])0\d{2,4}[ /-]\d{3,4}[ -]?\d{3,4}(?![\w-])"  # 020 7123 4567, 0171-1234567
)
_FOR_DRAMA = re.compile(r"555|(?:44|0)(?:7700900|2079460|1632960|8081570|9098790)")
_CARD = re.compile(r"(?<![\w-])[3-6]\d{3}(?:[ -]?\d{2,6}){2,4}(?![\w-])")
_TEST_CARDS = frozenset(
    {"4111111111111111", "4242424242424242", "4000056655665556", "5555555555554444", "5105105105105100",
     "378282246310005", "371449635398431", "6011111111111117", "4012888888881881"}
)  # fmt: skip
_CARD_DIGITS = range(13, 20)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_IBAN_LENGTHS = range(15, 35)


def personal_data(text: str) -> str | None:
    """The first piece of personal data in a text, with its kind; None where there is none."""
    return next(_found(text), None)


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0  # noqa: PLR2004 - the sum of two digits


def passes_mod97(iban: str) -> bool:
    """Whether the check digits of an IBAN without blanks are right (ISO 13616, ISO 7064 mod 97-10)."""
    return int("".join(str(int(each, 36)) for each in iban[4:] + iban[:4])) % 97 == 1


def _found(text: str) -> Iterator[str]:
    for each in _EMAIL.finditer(text):
        if not _RESERVED_DOMAIN.search(each[1]):
            yield f"e-mail {each[0]}"
    for each in _IBAN.finditer(text):
        iban = each[0].replace(" ", "")
        if len(iban) in _IBAN_LENGTHS and passes_mod97(iban):
            yield f"IBAN {each[0]}"
    text = _IBAN.sub(" ", text)  # a part of a wrong one is no card and no phone
    for each in _CARD.finditer(text):
        digits = re.sub(r"\D", "", each[0])
        if len(digits) in _CARD_DIGITS and digits not in _TEST_CARDS and passes_luhn(digits):
            yield f"card {each[0]}"
    for each in _PHONE.finditer(text):
        if not _FOR_DRAMA.search(re.sub(r"\D", "", each[0])):
            yield f"phone {each[0]}"
