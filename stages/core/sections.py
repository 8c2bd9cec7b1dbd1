"""The sections of params.yaml. What a key does is said there, beside its value; here is what it may be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, model_validator

from stages.core.bounds import Count, Seed, Share, Variable, each_once
from stages.core.checked_yaml import Section
from stages.core.slugs import Slug

Slugs = Annotated[tuple[Slug, ...], AfterValidator(each_once)]


class Run(Section):
    """The grid: every task with every method and every student."""

    tasks: Annotated[Slugs, Field(min_length=1)]
    methods: Annotated[Slugs, Field(min_length=1)]
    students: Annotated[Slugs, Field(min_length=1)]
    gold: Slugs
    blends: Slugs = ()


class Price(Section):
    """Dollars for a million tokens."""

    prompt: Annotated[float, Field(ge=0)]
    completion: Annotated[float, Field(ge=0)]


# Fields of a request that are set elsewhere, or of no use to a pipeline that wants one whole answer to each.
_NOT_SAMPLING = ("model", "messages", "response_format", "n", "stream", "tools")


class Llm(Section):
    """The model that is asked, and how."""

    model: Annotated[str, Field(min_length=1)]
    sampling: dict[str, JsonValue]
    response_format: Literal["json_schema", "json_object", "text"]
    price_per_million: dict[str, Price]

    @model_validator(mode="after")
    def _sampling_is_sampling(self) -> Llm:
        taken = sorted(set(self.sampling) & set(_NOT_SAMPLING))
        if taken:
            raise ValueError(f"sampling cannot hold {', '.join(taken)}")
        return self


class Attributes(Section):
    """What is asked about the classes before a text is written."""

    dimensions: Annotated[int, Field(ge=0)]
    rounds: Count
    values: Annotated[int, Field(ge=2)]
    same: Annotated[float, Field(gt=0, le=1)]
    similar: Annotated[int, Field(ge=0)]
    similar_by_embedding: Annotated[int, Field(ge=0)]
    length_ranges: Annotated[int, Field(ge=0)]
    count_in: Annotated[int, Field(ge=0)]


# How often each value is drawn: all as often, as often as in real texts, or in between (0 is uniform, 1 natural).
Frequencies = Literal["uniform", "natural"] | Share


def _file_name(name: str) -> str:
    if not name or name.startswith(".") or set(name) & set("/\\"):
        raise ValueError(f"{name!r} is no name of a file; it lies in the task's folder imported/, and has no path here")
    return name


class Method(Section):
    """One way of getting texts: a template that asks for them, or a file with some that were made elsewhere.

    Attributes:
        template: A file of data/templates/methods; empty where the texts are imported.
        attributes: Which dimensions of the table it fills in.
        form: Whether the prompt says what a text is.
        labels: Whether it names all the classes, each with what belongs to it.
        examples: How many texts of people it shows.
        contrast: Whether each text is to look at first as if it were of a similar class.
        instructions: Whether the model writes instructions for each class first (MetaPrompt).
        report: Whether the attributes are not ordered: the model says of each text which values it has.
        frequencies: In place of that of `prompts`.
        core_share: Likewise.
        imported: The name of a file with labelled texts; empty where the texts are asked for.
    """

    template: Slug = ""
    attributes: Literal["all", "none"] | tuple[str, ...] = "none"
    form: bool = False
    labels: bool = False
    examples: Annotated[int, Field(ge=0)] = 0
    contrast: bool = False
    instructions: bool = False
    report: bool = False
    frequencies: Frequencies | None = None
    core_share: Share | None = None
    imported: Annotated[str, AfterValidator(_file_name)] = ""

    @model_validator(mode="after")
    def _asks_or_imports(self) -> Method:
        given = self.model_fields_set
        if given != {"imported"} and ("imported" in given or not {"template", "attributes"} <= given):
            raise ValueError(
                "expected template and attributes, or imported alone (the name of a file with labelled texts); "
                f"found {', '.join(sorted(given)) or 'none of them'}"
            )
        if self.report and not self.uses_some:
            raise ValueError("report: there is nothing to report on; give attributes: all, or a list of them")
        if self.report and self.core_share is not None:
            raise ValueError("core_share leaves texts without attributes that are ordered; with report none are")
        return self

    @property
    def asks_about_labels(self) -> bool:
        """Whether it needs anything of the attribute table, be it attributes or what was found out about the labels."""
        return self.uses_some or self.labels or self.contrast or self.instructions

    @property
    def uses_some(self) -> bool:
        """Whether it fills in any attribute at all."""
        return self.attributes not in ("none", ())

    def uses(self, dimension: str) -> bool:
        """Whether a text asked for by this method is given a value of `dimension`."""
        return self.attributes == "all" or (self.attributes != "none" and dimension in self.attributes)


class Prompts(Section):
    """The plan: how many texts, how their attributes are drawn, how many share a request."""

    per_label: Count
    reserve: Annotated[float, Field(ge=0)]
    texts_per_request: Count
    design: Literal["balanced", "random"]
    frequencies: Frequencies
    core_share: Share
    seed: Seed


class Clean(Section):
    """Which texts are thrown out, besides empty, refused and repeated ones."""

    length_tolerance: Annotated[float, Field(ge=0)]


class Evaluate(Section):
    """How scores are measured."""

    resamples: Annotated[int, Field(ge=100)]
    confidence: Annotated[float, Field(gt=0.5, lt=1)]
    seed: Seed


class Ops(Section):
    """Speed, cost and access: never a result, so no stage lists it in dvc.yaml."""

    transport: Literal["direct", "batch"]
    concurrency: Count
    requests_per_minute: Annotated[float, Field(gt=0)] | None
    tokens_per_minute: Annotated[float, Field(gt=0)] | None
    timeout_s: Annotated[float, Field(gt=0)]
    retries: Annotated[int, Field(ge=0)]
    give_up_after: Count
    patience_s: Annotated[float, Field(ge=0)]
    max_failed_share: Share
    max_usd: Annotated[float, Field(gt=0)] | None
    max_usd_total: Annotated[float, Field(gt=0)] | None
    batch_wait: bool
    batch_poll_s: Annotated[float, Field(gt=0)]
    api_key_env: Variable
    base_url_env: Variable
