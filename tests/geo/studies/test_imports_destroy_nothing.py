"""Hold imports to say what they remove, and to refuse where nothing would be left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from geo.catalog.layers import LAYERS
from geo.errors import BadValue, Conflict
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.studies.import_files import import_file
from geo.types import ImportReport

HEAD = "id,lon,lat,azimuth,status"
#: Two directions, one, three.
TWO, ONE, THREE = "c1,102.86,37.47,90;270,online", "c1,102.86,37.47,90,offline", "c1,102.86,37.47,0;120;240,online"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = open_store(tmp_path / "w.gpkg")
    yield opened
    opened.close()


@pytest.fixture
def imported(store: Store, tmp_path: Path) -> Callable[..., ImportReport]:
    def call(*rows: str, head: str = HEAD, mode: str = "upsert") -> ImportReport:
        path = tmp_path / "cameras.csv"
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        rejects = tmp_path / "rejects.csv"
        return import_file(store, path, "cameras", mode=mode, crs="wgs84", rejects=rejects)  # type: ignore[arg-type]

    return call


def ids(store: Store) -> list[str]:
    return store.read("cameras")["id"].tolist()


@pytest.mark.parametrize(
    ("before", "after", "left", "removed"),
    [
        (TWO, ONE, ["c1"], 2),
        (ONE, TWO, ["c1#1", "c1#2"], 1),
        (THREE, TWO, ["c1#1", "c1#2"], 1),
        (TWO, THREE, ["c1#1", "c1#2", "c1#3"], 0),
        (ONE, ONE, ["c1"], 0),
    ],
)
def test_all_rows_of_a_camera_are_replaced(
    store: Store, imported: Callable[..., ImportReport], before: str, after: str, left: list[str], removed: int
) -> None:
    imported(before, "c2,102.87,37.47,0,online")
    report = imported(after)
    assert ids(store) == [*left, "c2"]
    assert (report.imported, report.updated, report.removed) == (0, 1, removed)


def test_removed_rows_stay_in_the_history(store: Store, imported: Callable[..., ImportReport]) -> None:
    imported(TWO)
    imported(ONE)
    assert store.versions("cameras").history["id"].tolist() == ["c1#1", "c1#2"]


def test_directions_with_a_site_of_the_register_are_replaced_too(
    store: Store, imported: Callable[..., ImportReport]
) -> None:
    imported("c1,102.86,37.47,90;270,P7", head="id,lon,lat,azimuth,site")
    imported("c1,102.86,37.47,90,P7", head="id,lon,lat,azimuth,site")
    assert ids(store) == ["c1"]


def test_ids_of_a_register_that_look_like_directions_stay(store: Store, imported: Callable[..., ImportReport]) -> None:
    imported("5#1,102.86,37.47,90,online", "5#2,102.87,37.47,90,online")
    report = imported("5,102.88,37.47,0,online")
    assert ids(store) == ["5", "5#1", "5#2"]
    assert (report.imported, report.removed) == (1, 0)


def test_rows_of_an_export_by_their_own_ids(store: Store, imported: Callable[..., ImportReport]) -> None:
    head = "id,lon,lat,azimuth,site"
    imported(TWO)
    report = imported("c1#1,102.86,37.47,80,c1", head=head)  # one row of two: the other one is not meant
    assert ids(store) == ["c1#1", "c1#2"]
    assert (report.updated, report.removed) == (1, 0)
    imported(ONE)
    report = imported("c1#1,102.86,37.47,80,c1", "c1#2,102.86,37.47,260,c1", head=head)
    assert ids(store) == ["c1#1", "c1#2"]
    assert report.removed == 1


def test_appending_a_camera_with_other_directions_is_refused(
    store: Store, imported: Callable[..., ImportReport]
) -> None:
    imported(TWO)
    with pytest.raises(Conflict, match="c1#1"):
        imported(ONE, mode="append")
    assert ids(store) == ["c1#1", "c1#2"]


@pytest.mark.parametrize("rows", [["c1,37.4,102.8,,", "c2,37.41,102.81,,"], []], ids=["none good", "no rows"])
def test_replace_never_empties_a_layer(
    store: Store, imported: Callable[..., ImportReport], rows: list[str], tmp_path: Path
) -> None:
    imported(TWO)
    revision = store.revision("cameras")
    with pytest.raises(BadValue, match="empty the layer cameras"):
        imported(*rows, mode="replace")
    assert (ids(store), store.revision("cameras")) == (["c1#1", "c1#2"], revision)
    listed = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig") if rows else ""
    assert listed.count("axes are exchanged") == len(rows)


def test_replace_says_how_many_rows_it_removes(store: Store, imported: Callable[..., ImportReport]) -> None:
    imported(TWO, "c2,102.87,37.47,0,online")
    report = imported("c2,102.87,37.47,0,online", mode="replace")
    assert (ids(store), report.imported, report.updated, report.removed) == (["c2"], 1, 0, 2)


def test_rejects_are_not_written_over_the_file_itself(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "cameras.csv"
    path.write_text(f"{HEAD}\n{ONE}\nc2,37.4,102.8,,\n", encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(BadValue, match="written over"):
        import_file(store, path, "cameras", crs="wgs84", rejects=tmp_path / "." / "cameras.csv")
    assert (path.read_bytes(), ids(store)) == (before, [])


@pytest.mark.parametrize("layer", ["cameras", "grids", "villages", "addresses"])
def test_a_row_without_a_key_has_the_same_one_each_time(layer: str, tmp_path: Path) -> None:
    """Below a title the second data row is row 4 of the sheet, whatever is counted from."""
    is_area = layer == "grids"
    place = [["WKT"], ["POLYGON((103 37,103.1 37,103.1 37.1,103 37))"]] if is_area else [["经度", "纬度"], [103, 37]]
    others = [["地址"], ["东街1号"]] if layer == "addresses" else [["名称"], ["甲"]]
    key = "编号" if LAYERS[layer].key == "id" else "代码"
    book = openpyxl.Workbook()
    for row in (["台账"], [key, *others[0], *place[0]], ["k1", *others[1], *place[1]], [None, *others[1], *place[1]]):
        book.active.append(row)
    book.active.title = "东片"
    book.save(tmp_path / "f.xlsx")
    with open_store(tmp_path / "county.gpkg") as store:
        first = import_file(store, tmp_path / "f.xlsx", layer, crs="wgs84")
        again = import_file(store, tmp_path / "f.xlsx", layer, crs="wgs84")
        keys = store.read(layer)[LAYERS[layer].key].tolist()
    assert keys == ["f.xlsx:4", "k1"]
    assert (first.imported, again.imported, again.updated) == (2, 0, 2)
    finding = next(one for one in again.findings if one.field == LAYERS[layer].key)
    assert (finding.rows, finding.count) == (("东片!4",), 1)


def test_a_column_that_the_file_lacks_is_said_where_it_clears_values(
    store: Store, imported: Callable[..., ImportReport]
) -> None:
    imported("c1,102.8,37.4,90,online,东门", "c2,102.9,37.4,90,online,", head=f"{HEAD},name")
    report = imported("c1,102.8,37.4,90,online", "c2,102.9,37.4,90,online")
    assert {text: count for text, count in report.assumed.items() if "清空" in text} == {
        "没有名称列，原有的值清空 / no column of name: the values that were stored are cleared": 1
    }
    assert store.read("cameras")["name"].isna().all()
    again = imported("c1,102.8,37.4,90,online", "c2,102.9,37.4,90,online")
    assert not any("清空" in text for text in again.assumed), "there is nothing left to clear"


def test_the_grid_of_an_address_is_derived_again_and_not_said_to_be_cleared(store: Store, tmp_path: Path) -> None:
    grid, addresses = tmp_path / "grids.csv", tmp_path / "addresses.csv"
    grid.write_text('code,wkt\ng1,"POLYGON ((102 37, 103 37, 103 38, 102 38, 102 37))"\n', encoding="utf-8")
    addresses.write_text("id,text,lon,lat\na1,民主街1号,102.5,37.5\n", encoding="utf-8")
    import_file(store, grid, "grids", crs="wgs84")
    import_file(store, addresses, "addresses", crs="wgs84")
    again = import_file(store, addresses, "addresses", crs="wgs84")
    assert not any("清空" in text for text in again.assumed)
    assert store.read("addresses")["grid"].tolist() == ["g1"]
