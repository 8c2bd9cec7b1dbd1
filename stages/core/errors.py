"""Everything that goes wrong in a way that a person or a caller can do something about.

    AttrPromptError
    |-- InputError            a file that people write is wrong; every problem found in it is listed, each with its line
    |-- ArtifactError         a file that a stage writes is missing, is not what it writes, or cannot be written
    |-- GateError             the data failed a gate: nothing may train on them
    |-- ModelError            a model folder cannot be written or read as one of this project's
    `-- AskingError           asking the language model
        |-- AnswersMissingError    answers are neither recorded nor stored, and no endpoint is set
        |-- EndpointRefusesError   the endpoint refuses all of us: key, model name, quota
        |-- RequestsFailedError    some requests got no answer; the others are kept
        |-- BudgetError            a cap in dollars is reached, or cannot be kept; what was answered is kept
        |-- WaitingError           a batch is not done yet; the next run collects it
        |-- StoppedError           the user stopped the run; what was answered is kept
        `-- StoreError             the store of answers cannot be read or written

A message says what was expected, what was found, where, and the way out. `core/cli` prints it without a traceback.
Anything else that is raised is a bug of ours, and keeps its traceback.
"""

from __future__ import annotations


class AttrPromptError(Exception):
    """The root: catch this to catch all of them."""


class InputError(AttrPromptError):
    """A file that people write (params.yaml, task.yaml, test.jsonl, a template) is wrong.

    Attributes:
        problems: One line for each problem, `place: what is wrong; the way out`.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class ArtifactError(AttrPromptError):
    """A file that a stage writes is missing or broken, or cannot be written."""


class GateError(AttrPromptError):
    """Data failed a gate; the message is the table of what failed."""


class ModelError(AttrPromptError):
    """A model folder cannot be read, or a model cannot be fitted to what it was given."""


class AskingError(AttrPromptError):
    """The language model could not be asked, or did not answer."""


class AnswersMissingError(AskingError):
    """Answers are missing and no endpoint is set.

    Attributes:
        missing: Number of requests without an answer.
    """

    def __init__(self, message: str, missing: int) -> None:
        self.missing = missing
        super().__init__(message)


class EndpointRefusesError(AskingError):
    """The endpoint refuses every request for one reason (key, model, quota): asking on is pointless."""


class RequestsFailedError(AskingError):
    """Some requests got no answer. What was answered is in the store, and the next run asks for the rest alone."""


class BudgetError(AskingError):
    """A cap in dollars is reached; or there is one, and what a request can cost is not known."""


class WaitingError(AskingError):
    """A batch was submitted and is not done, and params.yaml says not to wait for it."""


class StoppedError(AskingError):
    """The user stopped the run (Ctrl-C). What was answered is in the store."""


class StoreError(AskingError):
    """The store of answers cannot be opened, read or written."""


def why_unreadable(error: Exception) -> str:
    """What is said of a file that cannot be read, after its name."""
    if isinstance(error, UnicodeDecodeError):
        return f"is not UTF-8 (byte {error.start + 1}: {error.reason}); save it as UTF-8"
    return f"cannot be read: {error.strerror if isinstance(error, OSError) and error.strerror else error}"
