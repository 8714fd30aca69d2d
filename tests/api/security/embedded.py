"""Serve a workspace in embedded mode to a client at an address of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi.testclient import TestClient

from api.main import create_app
from api.security.api_keys import ApiKeys
from api.security.file_keys import FileKeyStore
from api.settings import Settings

LOCATE = "/locate?address=a"


@contextmanager
def serving(workspace: Path, *, peer: str = "10.0.0.7", **settings: object) -> Iterator[tuple[TestClient, ApiKeys]]:
    keys = ApiKeys(FileKeyStore.for_workspace(workspace))
    app = create_app(Settings(workspace=workspace, **settings))
    with TestClient(app, base_url="http://127.0.0.1:8000", client=(peer, 50_000)) as client:
        yield client, keys
