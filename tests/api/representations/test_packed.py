"""Hold what the page fetches to be sent compressed, once: files for good, answers until they change."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from maps.tiles.tile_grids import WEB_MERCATOR

BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def client(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    path = tmp_path_factory.mktemp("packed") / "workspace.gpkg"
    shutil.copyfile(drawn, path)
    with TestClient(create_app(Settings(workspace=path)), base_url=BASE) as made:
        yield made


def assets_of(client: TestClient) -> list[str]:
    """Return the addresses of the files that the page names."""
    found = re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get("/").text)
    assert len(found) >= 4
    return found


def test_files_name_their_content_and_are_kept_for_good(client: TestClient) -> None:
    for address in assets_of(client):
        assert re.search(r"\?v=[0-9a-f]{8,}$", address), address
        packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})
        assert packed.headers["cache-control"] == "public, max-age=31536000, immutable", address
        assert packed.headers["vary"] == "Accept-Encoding", address
        assert packed.headers["content-encoding"] == "gzip", address
        plain = client.get(address, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == packed.content, "the client has unpacked it"
        assert int(packed.headers["content-length"]) < 0.6 * len(plain.content)


@pytest.mark.parametrize("accepted", ["br", "gzip;q=0", ""])
def test_who_takes_no_gzip_gets_none(client: TestClient, accepted: str) -> None:
    answer = client.get(assets_of(client)[0], headers={"Accept-Encoding": accepted})
    assert "content-encoding" not in answer.headers
    assert answer.status_code == 200


def test_answers_have_a_tag_and_are_sent_again_only_once_they_changed(client: TestClient) -> None:
    run = client.get("/runs").json()["runs"][0]["id"]
    x, y, _, _ = WEB_MERCATOR.limits(14, (102.001, 37.001, 102.001, 37.001))
    tile = f"/page/{run}/tiles/grids/14/{x}/{y}"
    assert client.get(tile).content
    for path in (tile, f"/page/{run}/overview"):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["etag"] == first.headers["etag"]
    # A camera is edited: what it is counted in has another tag.
    before = client.get(f"/page/{run}/overview").headers["etag"]
    edit = {"properties": {"height": 7.5}}
    headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    assert client.patch("/ogc/collections/cameras/items/c1", json=edit, headers=headers).status_code == 200
    after = client.get(f"/page/{run}/overview", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after.headers["etag"] != before


def test_the_page_itself_is_not_compressed_as_it_holds_a_secret(client: TestClient) -> None:
    answer = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
