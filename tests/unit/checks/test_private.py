from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.checks.private import passes_luhn, passes_mod97, personal_data


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to anna.keller82@gmail.com please", "e-mail"),
        ("call me on +49 30 2093 4567", "phone"),
        ("call me on (212) 867-5309", "phone"),
        ("call 0171-2345678", "phone"),
        ("my card 4539 1488 0343 6467 was charged", "card"),
        ("pay to DE89 3704 0044 0532 0130 00 today", "IBAN"),
        ("pay to GB82WEST12345698765432", "IBAN"),
    ],
)
def test_what_could_be_somebodys(text: str, kind: str) -> None:
    assert (personal_data(text) or "").startswith(kind)


@pytest.mark.parametrize(
    "text",
    [
        "write to jane@example.com or ops@mail.example.org or a@b.test",
        "call (212) 555-0142 or +1 415 555 2671",
        "call 020 7946 0958",
        "card 4111 1111 1111 1111",
        "my card 4539 1488 0343 6468 is not accepted",
        "pay to DE89 3704 0044 0532 0130 01",
        "order 4418-2231-77 from 2024-05-12, 12:30",
        "tracking 00340434161094042557",
        "I paid 1.250,00 and 3,400.50 for 2 of them, ref 100-200",
    ],
)
def test_what_is_nobodys(text: str) -> None:
    assert personal_data(text) is None


@given(st.lists(st.integers(0, 9), min_size=2, max_size=18), st.integers(0, 17), st.integers(1, 9))
def test_luhn_finds_a_wrong_digit(digits: list[int], place: int, more: int) -> None:
    body = "".join(map(str, digits))
    (check,) = [each for each in "0123456789" if passes_luhn(body + each)]
    whole = body + check
    place %= len(whole)
    wrong = f"{whole[:place]}{(int(whole[place]) + more) % 10}{whole[place + 1 :]}"
    assert not passes_luhn(wrong)


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=11, max_size=30))
def test_mod97_has_one_pair_of_check_digits(body: str) -> None:
    assert sum(passes_mod97(f"DE{check:02}{body}") for check in range(2, 99)) == 1
