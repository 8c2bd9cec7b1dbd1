"""What the report says of the values that texts came out with: planned and found side by side, and values ignored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core.texts import encodable
from stages.measures.annotated import IMPORTED, ORDERED, REPORTED
from stages.measures.compliance import LOW, UNMOVED
from stages.measures.significance import p_shown
from stages.pages.gates import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stages.core.files import Json

_WORST = 3  # labels of an attribute that are named
_CHANCE = 0.05  # p of a label, corrected for those of its method and attribute, below which it is named

_COUNTED = {
    "requests",
    "prompt_tokens",
    "completion_tokens",
    "dollars",
    "texts",
    "annotated",
    "real",
}  # the rest: reasons

_SAID_BY = {ORDERED: "ordered", REPORTED: "reported by the model", IMPORTED: "as imported"}
_WHY = {
    LOW: "surely fewer than {below:.0%} of the texts that were to have it",
    UNMOVED: "texts that were not to have it have it as often",
}


@dataclass(frozen=True, slots=True)
class FoundPage:
    """What the page shows of one task.

    Attributes:
        header: Of the tables of attributes.
        attributes: By attribute a row a method, and one of the real texts.
        classifiers: By attribute, how right a classifier is that covers texts which nobody looked at, or would have.
        worst: By attribute, a sentence a method that has labels whose values are farther from those of real texts than
            chance explains (or where there are none, from the attribute table's, or from even shares).
        complied_header: Of the table of what was ordered.
        complied: A row a method and attribute.
        ignored: A sentence a value that is ignored.
        annotated: Whether anything was annotated, rather than counted alone.
        unanswered: A sentence a method whose texts were to be annotated, and none is.
    """

    header: list[str]
    attributes: dict[str, list[list[str]]]
    classifiers: dict[str, str]
    worst: dict[str, list[str]]
    complied_header: list[str]
    complied: list[list[str]]
    ignored: list[str]
    annotated: bool
    unanswered: list[str]


def found_page(studies: Mapping[str, Json], asked: Mapping[str, Json]) -> FoundPage:
    """What the page shows, of the studies of a task's methods; rows are missing where nothing was looked for.

    Args:
        studies: By method.
        asked: What stage `annotate` counted, by method.
    """
    names = dict.fromkeys(name for each in studies.values() for name in each["found"])
    return FoundPage(
        header=[
            "method", "off the plan", "looked at", "says a value", "commonest value", "share",
            "off even", "off natural", "off real texts", "p, against real",
        ],
        attributes={name: list(_rows(name, studies)) for name in names},
        classifiers={name: "; ".join(_classifiers(name, studies)) for name in names},
        worst={name: list(_worst(name, studies)) for name in names},
        complied_header=["method", "attribute", "values", "texts", "have what they were to", "interval"],
        complied=[row for method, each in studies.items() for row in _complied(method, each["compliance"])],
        ignored=[line for method, each in studies.items() for line in _ignored(method, each["compliance"])],
        annotated=any(each["texts"] > each["known"] or each["classifier"]
                      for study in studies.values() for each in study["found"].values()),
        unanswered=[line for method, each in asked.items() for line in _unanswered(method, each)],
    )  # fmt: skip


def _unanswered(method: str, asked: Json) -> Iterator[str]:
    """Nothing where some text is annotated, or none was to be."""
    if asked["texts"] and not asked["annotated"]:
        why = ", ".join(f"{asked[reason]:,} {spoken(reason)}" for reason in sorted(asked.keys() - _COUNTED))
        yield f"No answer says anything of the {asked['texts']:,} texts of {method} that were to be looked at ({why})."


def _rows(name: str, studies: Mapping[str, Json]) -> Iterator[list[str]]:
    real: list[str] = []
    for method, study in studies.items():
        if not (found := study["found"].get(name)):
            continue
        planned = study["attributes"].get(name)
        off = "" if planned is None else f"{planned['overall']['total_variation']:.1%}"
        yield [method, off, _looked_at(found), *_commonest(found), *_distances(found["targets"])]
        if found["real"] and not real:
            real = ["real texts", "", "", *_of_shares(found["real"], found["unsaid"]), "", "", "", ""]
    if real:
        yield real


def _looked_at(found: Json) -> str:
    classifier = found["classifier"]
    return f"{found['known']:,}{' and classifier' if classifier and classifier['used'] else ''}"


def _classifiers(name: str, studies: Mapping[str, Json]) -> Iterator[str]:
    for method, study in studies.items():
        if found := study["found"].get(name, {}).get("classifier"):
            used = "" if found["used"] else ", so it is not used"
            yield f"{method} {found['accuracy']:.0%}, the commonest value {found['commonest']:.0%}{used}"


def _commonest(found: Json) -> list[str]:
    return _of_shares(found["shares"], found["unsaid"])


def _of_shares(shares: Json, unsaid: str) -> list[str]:
    """Share of the texts that say a value; the commonest one; its share of all texts, with the interval."""
    said = {value: each for value, each in shares.items() if value != unsaid}
    whole = sum(each["share"] for each in said.values())
    if whole <= 0:
        return ["0%", "", ""]
    value = max(said, key=lambda each: said[each]["share"])
    top = said[value]
    interval = f" ({top['low']:.0%} to {top['high']:.0%})" if top["low"] < top["high"] else ""
    return [f"{whole:.0%}", encodable(value), f"{top['share']:.0%}{interval}"]


def _distances(targets: Json) -> list[str]:
    """Total variation, with what chance gives, from each target; and p of the real texts' test."""
    shown = []
    for target in ("uniform", "natural", "real"):
        overall = targets.get(target, {}).get("overall")
        shown.append(f"{overall['total_variation']:.0%} ({overall['by_chance']:.0%})" if overall else "")
    real = targets.get("real")
    return [*shown, p_shown(real["overall"]["p"]) if real else ""]


def _worst(name: str, studies: Mapping[str, Json]) -> Iterator[str]:
    for method, study in studies.items():
        targets = study["found"].get(name, {}).get("targets", {})
        target = next((each for each in ("real", "natural", "uniform") if each in targets), None)
        classes = targets[target]["classes"] if target else []
        far = [each for each in classes if each["p"] < _CHANCE][:_WORST]
        if far:
            shown = [f"{each['label']} ({each['total_variation']:.0%} off, p {p_shown(each['p'])})" for each in far]
            wanted = {"real": "real texts", "natural": "natural shares", "uniform": "even shares"}[target or ""]
            yield f"{method}, against {wanted}: {', '.join(shown)}"


def _complied(method: str, found: Json) -> Iterator[list[str]]:
    for name, each in found["attributes"].items():
        interval = f"{each['low']:.0%} to {each['high']:.0%}"
        said_by = _SAID_BY[found["said_by"]]
        yield [method, name, said_by, f"{each['texts']:,}", f"{each['share']:.0%}", interval]


def _ignored(method: str, found: Json) -> Iterator[str]:
    for name, attribute in found["attributes"].items():
        for value, each in attribute["values"].items():
            if not each["ignored"]:
                continue
            others = (
                f", {each['unordered']:.0%} of {each['unordered_texts']:,} others" if each["unordered_texts"] else ""
            )
            shown = f"{each['share']:.0%} of {each['texts']:,} texts have it{others}"
            why = _WHY[each["ignored"]].format(below=found["ignored_below"])
            yield f'{method}, {name} "{encodable(value)}": {shown} ({why})'
