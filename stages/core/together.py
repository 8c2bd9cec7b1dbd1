"""How often labels go together, where a text may have several.

together:                       # in task.yaml; the form of attributes.yaml is the same
  noise: {parcel: 0.1}          # of the texts of noise, a tenth are of parcel as well
  plants: {}                    # texts of plants have no other label
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from stages.core.yaml_document import Location

Together = dict[str, dict[str, Annotated[float, Field(ge=0, le=1)]]]
"""By label, the share of its texts that have another label too, by that label."""


def problems_of(
    together: Mapping[str, Mapping[str, float]], names: Collection[str], *, multilabel: bool
) -> Iterator[tuple[Location, str]]:
    """What is wrong with labels that go together: where, and what.

    Args:
        together: As it was written.
        names: The task's labels.
        multilabel: Whether a text of the task may have several labels.
    """
    if together and not multilabel:
        yield ("together",), "the texts of this task have one label each; write kind: multilabel into task.yaml"
    for label, others in together.items():
        if label not in names:
            yield ("together", label), f"{label!r} is not among labels"
        for other in others:
            if other == label:
                yield ("together", label, other), f"{label!r} always goes together with itself; leave it out"
            elif other not in names:
                yield ("together", label, other), f"{other!r} is not among labels"
