"""The sections of params.yaml about what is measured beside scores, and shown: curves, human texts, variety."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from stages.core.bounds import Count, Seed, Share, each_once
from stages.core.checked_yaml import Section
from stages.core.slugs import Slug


class Curve(Section):
    """Learning curves, none where there are no shares, and whom methods are held against."""

    shares: Annotated[tuple[Share, ...], AfterValidator(each_once)]
    baseline: Slug


class Worth(Section):
    """Human texts that a generated set is held against."""

    per_label: Annotated[tuple[Count, ...], Field(min_length=1), AfterValidator(each_once)]
    draws: Count
    seed: Seed


class Study(Section):
    """How varied the texts are, at sizes at which sets compare."""

    encoder: Annotated[str, Field(min_length=1)]
    words: Count
    texts: Annotated[int, Field(ge=2)]
    class_words: Count
    class_texts: Annotated[int, Field(ge=2)]
    confidence: Annotated[float, Field(gt=0.5, lt=1)]
    seed: Seed


class ReportPage(Section):
    """What there is to look through."""

    texts: Annotated[int, Field(ge=0)]
