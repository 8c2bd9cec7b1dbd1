"""Artifacts on S3: a real server on loopback, a push, a clone, a pull, and nothing left to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.pipeline.checkout import Checkout, clone

pytestmark = pytest.mark.slow

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3", endpoint_url=url).create_bucket(Bucket="artifacts")
    yield url
    server.stop()


def test_push_clone_pull_and_nothing_to_do(notes: Checkout, s3: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    author = replace(notes, environment={**notes.environment, **CREDENTIALS})
    author.edit(lambda each: each["run"].update(methods=["simprompt"]))
    author.repro()
    author.run("dvc", "remote", "add", "--default", "storage", "s3://artifacts/attrprompt")
    author.run("dvc", "remote", "modify", "storage", "endpointurl", s3)
    author.commit("a run, and where it is kept")
    assert "pushed" in author.run("dvc", "push")

    fresh = clone(author, tmp_path_factory.mktemp("colleague") / "project")
    fresh = replace(fresh, environment={**fresh.environment, **CREDENTIALS})
    assert not (fresh.folder / "data/models").exists()
    fresh.run("dvc", "pull")
    assert (fresh.folder / "data/models/notes/simprompt/tfidf/tfidf.skops").exists()
    assert fresh.repro() == [], "no endpoint, no store, no recordings: and nothing to do"
    assert fresh.run("git", "status", "--porcelain") == ""
    assert "test" not in (fresh.folder / ".dvc/config").read_text(), "credentials stay in the environment"
