"""Files of a data set on the Hugging Face hub, at one commit, held against a checksum.

HF_ENDPOINT (another server), HF_HOME (the cache) and HF_TOKEN are huggingface_hub's own.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from stages.core.errors import InputError

if TYPE_CHECKING:
    from stages.corpus.pins import PinnedFile


def fetch(repo: str, revision: str, file: PinnedFile) -> tuple[Path, str]:
    """Download a file, or take it from the cache; returns where it lies and its SHA-256, in hexadecimal digits.

    Raises:
        InputError: the hub does not give it; or its checksum is not the pinned one.
    """
    from huggingface_hub import hf_hub_download  # noqa: PLC0415 - half a second that a local file saves
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError  # noqa: PLC0415

    what = f"{repo}/{file.path} at {revision}"
    try:
        path = Path(hf_hub_download(repo, file.path, repo_type="dataset", revision=revision))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        raise InputError(f"{what}: cannot be had from the hub: {' '.join(str(error).split())}") from None
    found = sha256(path)
    if file.sha256 is not None and found != file.sha256:
        raise InputError(
            f"{what}: has the SHA-256 {found}, pinned is {file.sha256}; it is not the file that was pinned, "
            f"or it came broken: delete {path} and try again"
        )
    return path, found


def sha256(path: Path) -> str:
    """The checksum of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
