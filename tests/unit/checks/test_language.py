from __future__ import annotations

import pytest

from stages.checks.language import foreign_language, home_language

ENGLISH = ["Where is my parcel? It was sent a week ago and I have not had it yet.", "the card does not work at all"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wo ist mein Paket? Ich habe es vor einer Woche bestellt und es ist nicht da.", "German"),
        ("Où est mon colis ? Je l'ai commandé il y a une semaine et il n'est pas arrivé.", "French"),
        ("¿Dónde está mi paquete? Lo pedí hace una semana y no ha llegado todavía.", "Spanish"),
        ("Dov'è il mio pacco? Non è ancora arrivato e sono passati dei giorni.", "Italian"),
        ("Waar is mijn pakket? Ik heb het een week geleden besteld en het is er niet.", "Dutch"),
        ("Где моя посылка? Я заказал её неделю назад.", "Cyrillic"),
        ("注文した商品はどこですか", "Japanese"),
        ("我的包裹在哪里", "Chinese or Japanese"),
    ],
)
def test_another_language(text: str, language: str) -> None:
    assert foreign_language(text, home_language(ENGLISH)) == language
    assert foreign_language(text, home_language([text])) is None


@pytest.mark.parametrize(
    "text",
    [
        *ENGLISH,
        "refund??",
        "Die Hard and Das Boot in one box, is it in stock",
        "I ordered the Crème de la Mer from Müller & Söhne",
        "El Niño hits Los Angeles, La Jolla and San José",
        "",
        "12345 :-)",
    ],
)
def test_english_with_foreign_names(text: str) -> None:
    assert foreign_language(text, home_language(ENGLISH)) is None


def test_where_nothing_is_known_nothing_is_foreign() -> None:
    assert home_language([]) is None
    assert foreign_language("Wo ist mein Paket? Ich habe es bestellt", None) is None
