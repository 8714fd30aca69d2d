"""A book from a file answers as the one that was written; whatever else is in the file is not read."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address import book_file
from geo.places.address.book import AddressBook
from geo.places.address.book_file import IndexFolder, load, save
from tests.geo.places.address.test_book import DIVISIONS, GRIDS, MICRO, ONE, TWO

LAYERS: dict[str, Any] = {"divisions": DIVISIONS, "grids": GRIDS, "revision": 7, "at": "2026-01-02"}
ROWS = [
    ("青石镇杨柳沟村三组12号", ONE), ("青石镇杨柳沟村三组13号", TWO), ("人民路12号", ONE), ("人民路14号2栋", TWO),
    ("老粮站", MICRO), ("县人民医院", ONE), ("大街12-3号", TWO), ("没有网格的地方", None), ("人民路12号", TWO),
]  # fmt: skip
ASKED = [
    *(text for text, _ in ROWS), "甲县青石镇杨柳沟村3组12号3单元501室",
    "杨柳沟村三组", "杨柳村三组12号", "人民路13号", "大街12", "粮站",
    "青石镇人民医院", "人民路12号对面", "旧粮站", "乙县", "12", "",
]  # fmt: skip


def _book() -> AddressBook:
    frame = gpd.GeoDataFrame(
        {
            "text": [text for text, _ in ROWS],
            "grid": [grid for _, grid in ROWS],
            "aliases": ["旧站；旧粮站"] * len(ROWS),
        },
        geometry=shapely.points([102 + k / 100 for k in range(len(ROWS))], 37.0),
        crs="EPSG:4326",
    )
    return AddressBook(frame, DIVISIONS, grids=GRIDS, revision=7, at="2026-01-02")


@pytest.fixture(scope="module")
def book() -> AddressBook:
    return _book()


@pytest.fixture(scope="module")
def kept(book: AddressBook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("index") / "index.npz"
    save(book, path, "state 1", seconds=12.5, notes=[["g30 1500", 102.0, 37.0]])
    return path


@pytest.fixture(scope="module")
def loaded(kept: Path) -> AddressBook:
    found = load(kept, "state 1", **LAYERS)
    assert found is not None
    assert (found.seconds, found.notes) == (12.5, [["g30 1500", 102.0, 37.0]])
    return found.book


@pytest.mark.parametrize("text", ASKED)
def test_a_book_from_a_file_answers_the_same(book: AddressBook, loaded: AddressBook, text: str) -> None:
    assert loaded.match(text) == book.match(text)
    assert loaded.suggest(text[:10]) == book.suggest(text[:10])


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="甲县青石镇杨柳沟村三组人民路大街医院粮站号栋0123456789-, x", max_size=16))
def test_it_answers_any_text_the_same(book: AddressBook, loaded: AddressBook, text: str) -> None:
    assert loaded.match(text) == book.match(text)


def test_a_book_without_addresses_is_kept_too(tmp_path: Path) -> None:
    none = gpd.GeoDataFrame({"text": [], "grid": []}, geometry=[], crs="EPSG:4326")
    save(AddressBook(none, DIVISIONS, grids=GRIDS), tmp_path / "index.npz", "s")
    found = load(tmp_path / "index.npz", "s", divisions=DIVISIONS, grids=GRIDS)
    assert found is not None
    assert len(found.book) == 0
    assert found.book.match("青石镇").candidates


def test_another_state_or_version_or_other_places_are_not_read(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(kept, "state 2", **LAYERS) is None
    assert load(kept, "state 1", **{**LAYERS, "divisions": DIVISIONS[:2]}) is None
    assert load(kept.with_name("absent.npz"), "state 1", **LAYERS) is None
    with monkeypatch.context() as other:
        other.setattr(book_file, "_code_digest", lambda: "another version")
        assert load(kept, "state 1", **LAYERS) is None
    assert load(kept, "state 1", **LAYERS) is not None


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_broken_file_is_not_read(kept: Path, data: st.DataObject) -> None:
    """A file cut short, or with a part of an array overwritten, fails its checks; none makes an error."""
    whole = kept.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    path = kept.with_name("broken.npz")
    path.write_bytes(whole[:at])
    assert load(path, "state 1", **LAYERS) is None
    path.write_bytes(data.draw(st.binary(max_size=200)) + whole[at:])
    load(path, "state 1", **LAYERS)  # a zip may begin with anything: what is read was checked
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
    found = load(path, "state 1", **LAYERS)
    assert found is None or found.book.match("人民路12号").status == "ambiguous"


def _changed(kept: Path, path: Path, **arrays: np.ndarray) -> Path:
    with np.load(kept) as whole:
        np.savez(path, **{**{name: whole[name] for name in whole.files}, **arrays})  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize(
    ("name", "value"),
    [("stored/rows", 99), ("stored/places", -1), ("grid", 77), ("texts/documents", 10_000), ("place", 99)],
)
def test_numbers_that_point_outside_are_refused(kept: Path, tmp_path: Path, name: str, value: int) -> None:
    with np.load(kept) as whole:
        array = whole[name].copy()
    array[0] = value
    assert load(_changed(kept, tmp_path / "index.npz", **{name: array}), "state 1", **LAYERS) is None


class _Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("ran"),)


def test_a_foreign_file_runs_nothing(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "index.npz"
    np.savez(path, head=np.array([_Trap()], object), allow_pickle=True)
    assert load(path, "state 1", **LAYERS) is None
    _changed(kept, path, lon=np.array([_Trap()] * len(ROWS), object))
    assert load(path, "state 1", **LAYERS) is None
    path.write_bytes(pickle.dumps(_Trap()))
    assert load(path, "state 1", **LAYERS) is None
    assert not Path("ran").exists()
    assert "not read" in caplog.text


def test_a_compressed_file_is_not_unpacked(kept: Path, tmp_path: Path) -> None:
    path = tmp_path / "index.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("head.npy", json.dumps({"stamp": "state 1"}) + " " * 1_000_000)
    assert load(path, "state 1", **LAYERS) is None


def test_the_newest_few_are_kept_in_a_folder(
    book: AddressBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "workspace.gpkg.index"
    IndexFolder(folder, "small", lambda: True).keep(book, 1.0)
    assert not folder.exists(), "a small book is not worth a file"
    monkeypatch.setattr(book_file, "LEAST_KEPT", 1)
    IndexFolder(folder, "changed meanwhile", lambda: False).keep(book, 1.0)
    assert not folder.exists(), "data that changed while they were read are of no state"
    for k in range(book_file.MAX_KEPT + 2):
        IndexFolder(folder, f"day {k}", lambda: True).keep(book, 1.0)
    assert len(list(folder.iterdir())) == book_file.MAX_KEPT
    assert IndexFolder(folder, f"day {k}", lambda: True).load(**LAYERS) is not None
    assert IndexFolder(folder, "day 0", lambda: True).load(**LAYERS) is None


def test_a_folder_that_may_not_be_written_to_is_no_error(
    book: AddressBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_file, "LEAST_KEPT", 1)
    below_a_file = tmp_path / "file"
    below_a_file.write_text("")
    IndexFolder(below_a_file / "index", "s", lambda: True).keep(book, 1.0)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(book_file.tempfile, "mkstemp", refuse)
    folder = tmp_path / "read-only"
    IndexFolder(folder, "s", lambda: True).keep(book, 1.0)
    assert list(folder.iterdir()) == []
    assert IndexFolder(folder, "s", lambda: True).load(**LAYERS) is None
