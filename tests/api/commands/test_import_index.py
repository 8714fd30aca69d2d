"""Importing very many addresses keeps their index, so that the service that starts next answers from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api import gazetteer_cache
from api.cli import main
from api.gazetteer_cache import GazetteerCache
from geo.places.address import book_file
from geo.places.address.book import AddressBook
from geo.storage.geopackage.store import open_store

ADDRESSES = "编号,地址,经度,纬度\na1,东街1号,103.05,37.05\na2,东街2号,103.06,37.05\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "地址.csv").write_text(ADDRESSES, "utf-8")
    return tmp_path


def _import(*words: str) -> None:
    assert main(["import", "地址.csv", "--layer", "addresses", "--crs", "wgs84", *words]) == 0


def test_the_service_answers_from_the_index_of_the_import(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_file, "LEAST_KEPT", 2)
    monkeypatch.setattr(gazetteer_cache, "LEAST_KEPT", 2)
    _import()
    assert len(list((folder / "workspace.gpkg.index").iterdir())) == 1

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("an index is there")

    monkeypatch.setattr(AddressBook, "__init__", refuse)
    with open_store(folder / "workspace.gpkg") as store:
        gazetteers = GazetteerCache(store, index_folder=folder / "workspace.gpkg.index")
        found = gazetteers.get_with_addresses(None).address("东街2号", accuracy=20.0)
        assert found.point == (103.06, 37.05)
        gazetteers.close()


def test_few_addresses_and_a_dry_run_keep_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _import()
    monkeypatch.setattr(book_file, "LEAST_KEPT", 2)
    _import("--dry-run")
    assert not (folder / "workspace.gpkg.index").exists()
