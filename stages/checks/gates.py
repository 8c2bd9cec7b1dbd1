"""The gates: what a generated set must be like before anything trains on it.

Six tables are looked at: the texts; those of them that are embedded; the labels; the attribute values, and pairs of
attributes, of each label; the reasons for which texts were thrown out. A seventh has the texts that a judge saw, where
one is trusted. Each gate is one expectation on one of them, so
that what does not pass it is a row with a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.checks.expectations import Gate, run_gates
from stages.checks.frames import labels_frame, pairs_frame, reasons_frame, values_frame
from stages.checks.judged import TABLE as JUDGED
from stages.checks.judged import judged_frame, judged_gates
from stages.checks.text_frames import embedded_frame, texts_frame

# Below `expectations`, which sets what the package reads when it is imported.
import great_expectations.expectations as expect  # isort: skip

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.checks.frames import Setting
    from stages.core.files import Json
    from stages.core.gates import Validation
    from stages.core.judged import Judged
    from stages.core.records import Rejected, Text


def check_gates(
    accepted: Sequence[Text],
    rejected: Sequence[Rejected],
    setting: Setting,
    limits: Validation,
    judged: Judged | None = None,
) -> list[Json]:
    """Hold a set of texts against the gates.

    Args:
        accepted: The texts.
        rejected: The planned texts that did not become one of them.
        setting: What they are held against.
        limits: `validation:` of params.yaml.
        judged: What a judge says of them; no gate goes by one that is not trusted.

    Returns:
        For each gate what `expectations.run_gates` says.
    """
    frames = {
        "texts": texts_frame(accepted, setting, limits),
        "embedded texts": embedded_frame(accepted, setting, limits),
        "labels": labels_frame(accepted, rejected, setting, limits.naming_unknown),
        "values": values_frame(accepted, setting.values),
        "pairs of attributes": pairs_frame(accepted, setting.values),
        "reasons": reasons_frame(rejected, len(accepted)),
    }
    gates = [*_about_texts(setting, limits), *_about_findings(limits), *_about_labels(limits)]
    if frames["texts"]["asked_off"].notna().any():
        limit = f"at least {limits.as_asked:.0%} of the texts have the length that was asked for"
        inside = expect.ExpectColumnValuesToBeBetween(column="asked_off", max_value=0, mostly=limits.as_asked)
        gates.append(Gate("length_as_asked", "texts", limit, inside, limits.severity.length_as_asked))
    if setting.values:
        gates += _about_values(limits, pairs=len(frames["pairs of attributes"]) > 0)
    if judged and judged.texts:
        frames[JUDGED] = judged_frame(judged)
        gates += judged_gates(judged.scores, limits)
    return run_gates(frames, gates)


def _about_texts(setting: Setting, limits: Validation) -> Iterator[Gate]:
    yield Gate("not_empty", "texts", "at least one text", expect.ExpectTableRowCountToBeBetween(min_value=1))
    for column in ("text", "label"):
        yield Gate("no_nulls", "texts", f"every {column} is there", expect.ExpectColumnValuesToNotBeNull(column=column))
    known = expect.ExpectColumnValuesToBeInSet(column="label", value_set=list(setting.labels))
    yield Gate("label_vocabulary", "texts", "labels of task.yaml only", known)
    if setting.multilabel:
        once = "labels beside a text's own are of task.yaml too, and each is there once"
        yield Gate("label_sets", "texts", once, expect.ExpectColumnValuesToBeNull(column="strange"))
    unique = expect.ExpectColumnValuesToBeUnique(column="plain")
    yield Gate("uniqueness", "texts", "no text twice", unique, limits.severity.uniqueness)
    low, high = setting.words
    length = f"at least {limits.in_length:.0%} of the texts have {setting.words}"
    inside = expect.ExpectColumnValuesToBeBetween(
        column="words", min_value=low, max_value=high, mostly=limits.in_length
    )
    yield Gate("length", "texts", length, inside, limits.severity.length)


def _about_findings(limits: Validation) -> Iterator[Gate]:
    """The gates that let through a share of texts in which something was found."""
    for name, table, column, most, finding in (
        ("near_duplicates", "texts", "near", limits.near_duplicates, "nearly repeat one of their label"),
        (
            "near_duplicates_across",
            "texts",
            "across",
            limits.near_duplicates_across,
            "nearly repeat one of another label",
        ),
        ("test_overlap", "texts", "overlap", limits.test_overlap, f"hold {limits.overlap:.0%} of a test text's words"),
        ("test_meaning", "embedded texts", "meaning", limits.test_meaning, "say what a test text says"),
        ("model_talk", "texts", "talk", limits.model_talk, "seem to be a model speaking of itself or of its task"),
        ("placeholders", "texts", "blank", limits.placeholders, "have a blank to be filled in"),
        ("personal_data", "texts", "private", limits.personal_data, "have personal data that could be somebody's"),
        ("language", "texts", "language", limits.language, "are in another language than the test texts"),
        ("label_noise", "embedded texts", "doubted", limits.label_noise, "look like another label's"),
    ):
        none = expect.ExpectColumnValuesToBeNull(column=column, mostly=1 - most)
        limit = f"at most {most:.1%} of the texts {finding}"
        yield Gate(name, table, limit, none, getattr(limits.severity, name))


def _about_labels(limits: Validation) -> Iterator[Gate]:
    yield Gate(
        "label_quota",
        "labels",
        f"each label has at least {limits.quota_share:.0%} of its planned texts",
        expect.ExpectColumnValuesToBeBetween(column="quota_share", min_value=limits.quota_share),
        limits.severity.label_quota,
    )
    yield Gate(
        "class_balance",
        "labels",
        f"each label has at least {limits.balance:.0%} of the texts of the fullest",
        expect.ExpectColumnValuesToBeBetween(column="balance", min_value=limits.balance),
        limits.severity.class_balance,
    )
    yield Gate(
        "label_naming",
        "labels",
        f"at most {limits.naming:.0%} of a label's texts more than of its real ones say its name",
        expect.ExpectColumnValuesToBeBetween(column="naming", max_value=limits.naming),
        limits.severity.label_naming,
    )
    yield Gate(
        "rejected",
        "reasons",
        f"at most {limits.rejected:.1%} of the planned texts are thrown out for any one reason",
        expect.ExpectColumnValuesToBeBetween(column="share", max_value=limits.rejected),
        limits.severity.rejected,
    )


def _about_values(limits: Validation, *, pairs: bool) -> Iterator[Gate]:
    yield Gate(
        "attribute_coverage",
        "values",
        f"at least {limits.coverage:.0%} of the values have {limits.texts_per_value} or more texts of their label",
        expect.ExpectColumnValuesToBeBetween(column="texts", min_value=limits.texts_per_value, mostly=limits.coverage),
        limits.severity.attribute_coverage,
    )
    if pairs:
        yield Gate(
            "pair_coverage",
            "pairs of attributes",
            f"each label's texts have at least {limits.pair_coverage:.0%} of the pairs of values that they could have",
            expect.ExpectColumnValuesToBeBetween(column="covered", min_value=limits.pair_coverage),
            limits.severity.pair_coverage,
        )
