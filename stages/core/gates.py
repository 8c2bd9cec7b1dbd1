"""The section `validation` of params.yaml: the gates that generated texts must pass, and how much each lets through."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stages.core.bounds import Count, Share
from stages.core.checked_yaml import Section

Severity = Literal["fail", "warn"]


class Severities(Section):
    """Of each gate, whether nothing trains on texts that do not pass it, or whether that is shown and no more.

    A field is a gate by its name in the verdict. Gates that are not here (no texts at all, labels of no task) fail.
    """

    uniqueness: Severity
    length: Severity
    length_as_asked: Severity
    label_quota: Severity
    class_balance: Severity
    attribute_coverage: Severity
    pair_coverage: Severity
    near_duplicates: Severity
    near_duplicates_across: Severity
    test_overlap: Severity
    test_meaning: Severity
    model_talk: Severity
    placeholders: Severity
    personal_data: Severity
    language: Severity
    label_naming: Severity
    label_noise: Severity
    judged_label: Severity
    judged_realism: Severity
    rejected: Severity


class Validation(Section):
    """The gates. What a limit is of is said in params.yaml, beside its value."""

    quota_share: Share
    balance: Share
    texts_per_value: Annotated[int, Field(ge=0)]
    coverage: Share
    pair_coverage: Share
    in_length: Share
    as_asked: Share
    alike: Annotated[float, Field(ge=0.5, le=1)]
    near_duplicates: Share
    near_duplicates_across: Share
    overlap: Annotated[float, Field(gt=0, le=1)]
    test_overlap: Share
    meaning: Annotated[float, Field(gt=0, le=1)]
    test_meaning: Share
    model_talk: Share
    placeholders: Share
    personal_data: Share
    language: Share
    naming: Share
    naming_unknown: Share
    label_noise: Share
    judged_label: Share
    judged_realism: Share
    rejected: Share
    encoder: Annotated[str, Field(min_length=1)]
    embedded: Count
    severity: Severities
