"""Which language a text is in, by its script and its small words.

Small words tell languages apart as well as runs of letters do from a sentence on (Grefenstette, *Comparing Two Language
Identification Schemes*, JADT 1995), need no model, and can be looked at. A text with few of them has no language here:
it is nobody's fault, and no gate's.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SMALL_WORDS = {
    "English": "the and of to is my i it you for that with have this was are on not be can from at but what "
    "how me your we they when would there an will if has been do does didn't don't i'm it's which "
    "their his her",
    "German": "der die das und ist nicht ich ein eine mit auf für den dem von zu im wie habe meine mein es "
    "sie wir wurde aber auch noch wenn kann sich bei nach über oder haben bitte wird sind des einen "
    "war seit",
    "French": "le la les et est pas je un une des du pour que qui dans avec sur mon ma ne ce vous nous il "
    "elle au mais ou comment j'ai c'est n'est sont mes votre plus être depuis cette aux à d'un "
    "qu'il",
    "Spanish": "el la los las y es no un una de que para con por mi se en del lo su pero como está he me al "
    "más qué tengo ha son cuando muy sin sobre ya puedo cómo esta todo desde",
    "Italian": "il lo la gli le e è non un una di che per con mi si ho del della nel sono ma come questo mio "
    "più da al dei delle anche stato quando perché alla nella mia se posso",
    "Portuguese": "os é não um uma de que para com meu minha na da eu se em por mas como foi está mais ao dos "
    "você tenho quando muito já pelo isso até sem ainda",
    "Dutch": "de het een en is niet ik van dat voor met op mijn te zijn er maar aan heb je wat bij naar ook "
    "als hoe nog wordt kan dit deze heeft om uit over werd wel",
    "Swedish": "och det att är som inte jag en ett på för med min har den av till om men var så kan när vad "
    "mitt från ni vi hur får även skulle eller",
    "Danish": "og det at er som ikke jeg en et på for med min har den af til om men var så kan når hvad mit "
    "fra vi hvordan jeres skal eller blev også hvis",
    "Polish": "na nie jest się że ale za od mam mój moja co czy dla jestem już tylko było być przez tego "
    "proszę kiedy można",
    "Czech": "je se na že ale za od mám můj moje co jsem jsou bylo být při tak když pro můžu prosím kdy nebo "
    "jako",
    "Turkish": "ve bir bu için ile ne çok ben daha var yok gibi ama olarak kadar nas\u0131l benim sonra değil oldu "
    "olan hiç neden",
    "Indonesian": "yang dan di ini itu untuk dengan tidak saya dari ke ada pada bisa akan sudah atau apa "
    "bagaimana juga karena belum telah anda kami",
}  # fmt: skip
_LANGUAGES_OF: dict[str, list[str]] = {}
for _language, _words in _SMALL_WORDS.items():
    for _word in _words.split():
        _LANGUAGES_OF.setdefault(_word, []).append(_language)

_SCRIPTS = (
    "CYRILLIC",
    "GREEK",
    "ARABIC",
    "HEBREW",
    "DEVANAGARI",
    "BENGALI",
    "THAI",
    "HANGUL",
    "HIRAGANA",
    "KATAKANA",
    "CJK",
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_HALF = 0.5
_LEAST = 4  # small words, below which a text has no language
_TIMES = 2.0  # as many as of the home language


def home_language(texts: Iterable[str]) -> str | None:
    """The language that most of the small words in real texts are of, or their script; None where there are none."""
    total = Counter[str]()
    for text in texts:
        total += _counts(text)
    return _first(total)


def foreign_language(text: str, home: str | None) -> str | None:
    """The language of a text, where it is clearly another one than `home`."""
    counts = _counts(text)
    found = _first(counts)
    if home is None or found in (None, home) or counts[str(found)] < _LEAST:
        return None
    return found if counts[str(found)] > _TIMES * counts[home] else None


def _counts(text: str) -> Counter[str]:
    """Small words by language; of a text mostly in another script than Latin, its letters by that script."""
    if not text.isascii():
        letters = [each for each in text if each.isalpha()]
        scripts = Counter(_script(each) for each in letters if not each.isascii())
        name, count = scripts.most_common(1)[0] if scripts else ("", 0)
        if name and count > _HALF * len(letters):
            return Counter({name: count})
    found = Counter[str]()
    for word in _WORD.findall(text.casefold().replace("\u2019", "'")):
        found.update(_LANGUAGES_OF.get(word, ()))
    return found


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "")
    found = next((each for each in _SCRIPTS if name.startswith(each)), "")
    return {"HIRAGANA": "Japanese", "KATAKANA": "Japanese", "CJK": "Chinese or Japanese"}.get(found, found.capitalize())


def _first(counts: Counter[str]) -> str | None:
    return min(counts, key=lambda each: (-counts[each], each)) if counts else None
