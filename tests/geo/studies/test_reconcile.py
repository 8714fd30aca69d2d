"""Propose pairs of a register with the store, confirm some, apply them; both stores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from geo.errors import UnknownName, UnreadableFile
from geo.storage.protocol import Store
from geo.studies.import_files import import_file
from geo.studies.pair_tables import fields_of_file
from geo.studies.reconcile_cameras import Applied, apply_pairs, propose_pairs, write_pairs_layer
from geo.types import ImportReport
from tests.geo.storage.conftest import *  # noqa: F403 (the fixtures: each kind of store)

OURS = """编号,杆位编号,名称,经度,纬度,方位角,安装高度,类型
A1,P1,北街口东南角球机1,103.1,37.6,90,,球机
A2,P1,北街口西北角球机1,103.1,37.6,,6,球机
A3,,车站,103.2,37.6,,,枪机
A4,,粮库东侧,103.3,37.6,0,,枪机
A5,,粮库东侧,103.3,37.6,0,,枪机
"""
THEIRS = """编号,名称,经度,纬度,方位角,安装高度,类型,权属单位
7,北街口 西北角,103.1001,37.6,300,5.5,球机,镇政府
8,北街口 东南角,103.1,37.6001,95,7,球机,镇政府
9,粮库东侧,103.3,37.6,0,,枪机,镇政府
10,加油站,103.4,37.6,180,,枪机,镇政府
"""


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    return make_store()


@pytest.fixture
def files(store: Store, tmp_path: Path) -> tuple[Path, Path]:
    ours, theirs = tmp_path / "县.csv", tmp_path / "镇.csv"
    ours.write_text(OURS, encoding="utf-8")
    theirs.write_text(THEIRS, encoding="utf-8")
    import_file(store, ours, "cameras", crs="wgs84")
    return ours, theirs


@pytest.fixture
def applied(store: Store, files: tuple[Path, Path], tmp_path: Path) -> Callable[..., Applied]:
    """Return a function that writes the table with words under 确认 by (库, 文件) ids, and applies it."""

    def call(words: dict[tuple[str, str], str], table: pd.DataFrame | None = None) -> Applied:
        table = propose_pairs(store, files[1], crs="wgs84").table if table is None else table
        cells = table[["编号（库）", "编号（文件）"]].astype(object).where(lambda one: one.notna(), "")
        confirm = [words.get((a, b), "") for a, b in cells.itertuples(index=False)]
        path = tmp_path / "table.csv"
        table.assign(确认=confirm).to_csv(path, index=False, encoding="utf-8-sig")
        return apply_pairs(store, files[1], path, crs="wgs84", actor="li")

    return call


def camera(store: Store, key: str) -> dict[str, object]:
    return dict(store.get("cameras", key)[0]["properties"])


def test_a_table_names_pairs_ties_and_what_is_only_on_one_side(store: Store, files: tuple[Path, Path]) -> None:
    table = propose_pairs(store, files[1], crs="wgs84").table
    told = table[["结果", "编号（库）", "编号（文件）"]].astype(object).where(lambda one: one.notna(), "")
    assert sorted(map(tuple, told.values.tolist())) == [
        ("不唯一", "A4", "9"), ("不唯一", "A5", "9"), ("只在库", "A3", ""), ("只在文件", "", "10"),
        ("配对", "A1", "8"), ("配对", "A2", "7"),
    ]  # fmt: skip
    pair = table[table["编号（文件）"] == "7"].iloc[0]
    assert pair["不同的字段"] == "点位、名称、方位角、安装高度、权属单位"
    assert (pair["安装高度（库）"], pair["安装高度（文件）"]) == (6.0, 5.5)
    assert list(table.columns).index("安装高度（文件）") == list(table.columns).index("安装高度（库）") + 1
    assert "类型（库）" not in table.columns, "it differs nowhere"
    assert 0.9 < pair["得分"] <= 1
    assert pair["距离（米）"] == pytest.approx(8.8, abs=0.1)  # 0.0001 degrees of longitude at 37.6 north
    assert store.count("cameras") == 5, "nothing was written"


def test_nothing_unconfirmed_is_merged(store: Store, applied: Callable[..., Applied]) -> None:
    before = store.state("cameras")
    done = applied({("A1", "8"): "否", ("A2", "7"): "?"})
    assert (done.merged, done.added, done.unconfirmed) == (0, 0, 5)
    assert [(one.row, one.value) for one in done.refused] == [("2", "A2 + 7")]
    assert store.state("cameras") == before


def test_a_confirmed_pair_keeps_both_ids_and_has_history(store: Store, applied: Callable[..., Applied]) -> None:
    done = applied({("A1", "8"): "是", ("A2", "7"): "文件：安装高度、位置", ("", "10"): "yes"})
    assert (done.merged, done.added, done.refused) == (2, 1, [])
    one, two = camera(store, "A1"), camera(store, "A2")
    assert (one["other_ids"], one["azimuth"], one["height"], one["owner"]) == ("8", 90.0, 7.0, "镇政府")
    assert (one["name"], one["site"]) == ("北街口东南角球机1", "P1"), "what the store has it keeps"
    assert (two["other_ids"], two["azimuth"], two["height"]) == ("7", 300.0, 5.5)
    assert store.get("cameras", "A2")[0]["geometry"]["coordinates"][0] == pytest.approx(103.1001)
    assert store.get("cameras", "A1")[0]["geometry"]["coordinates"][1] == pytest.approx(37.6)
    assert camera(store, "10")["name"] == "加油站"
    history = store.versions("cameras").history
    assert sorted(history["id"]) == ["A1", "A2"]
    assert set(history["changed_by"]) == {"li"}


def test_a_later_import_of_the_list_finds_its_cameras(
    store: Store, files: tuple[Path, Path], applied: Callable[..., Applied]
) -> None:
    applied({("A1", "8"): "yes", ("A2", "7"): "yes"})
    files[1].write_text(THEIRS.replace("95,7,", "95,7.5,"), encoding="utf-8")
    report = import_file(store, files[1], "cameras", crs="wgs84")
    assert (report.imported, report.updated, report.rejected) == (2, 2, 0)
    assert [count for sentence, count in report.assumed.items() if "other ids" in sentence] == [2]
    assert store.read("cameras")["id"].tolist() == ["10", "9", "A1", "A2", "A3", "A4", "A5"]
    one = camera(store, "A1")
    assert (one["height"], one["other_ids"], one["site"]) == (7.5, "8", "P1")
    import_file(store, files[0], "cameras", crs="wgs84")
    assert camera(store, "A1")["other_ids"] == "8", "an import of the first list keeps them too"


def test_rows_changed_since_are_refused_by_name_and_the_rest_applied(
    store: Store, files: tuple[Path, Path], applied: Callable[..., Applied]
) -> None:
    table = propose_pairs(store, files[1], crs="wgs84").table
    feature, version = store.get("cameras", "A1")
    feature["properties"]["height"] = 9.0
    store.put("cameras", "A1", feature, if_version=version, actor="wang")
    done = applied({("A1", "8"): "yes", ("A2", "7"): "yes"}, table)
    assert done.merged == 1
    assert [(one.value, one.reason.partition(" / ")[2]) for one in done.refused] == [
        ("A1 + 8", "the stored camera was changed since the table was written")
    ]
    assert camera(store, "A1")["other_ids"] is None
    files[1].write_text(THEIRS.replace("加油站", "加油站旁"), encoding="utf-8")
    done = applied({("", "10"): "yes", ("A2", "7"): "yes"}, table)
    assert (done.added, done.already) == (0, 1), "a pair applied before is no fault"
    assert [one.value for one in done.refused] == ["10"]


def test_a_row_has_one_partner(store: Store, applied: Callable[..., Applied]) -> None:
    done = applied({("A4", "9"): "yes", ("A5", "9"): "yes", ("A1", "8"): "yes"})
    assert [one.value for one in done.refused] == ["A4 + 9", "A5 + 9"]
    assert done.merged == 1
    assert applied({("A4", "9"): "yes"}).merged == 1, "one of a tie may be confirmed"
    assert camera(store, "A4")["other_ids"] == "9"


def test_columns_sorted_apart_from_the_others_merge_nothing(
    store: Store, files: tuple[Path, Path], applied: Callable[..., Applied]
) -> None:
    """A spreadsheet that sorts some columns only leaves pairs that nobody confirmed."""
    table = propose_pairs(store, files[1], crs="wgs84").table
    pairs = table["结果"] == "配对"
    turned = table.copy()
    turned.loc[pairs, "状态标记"] = table.loc[pairs, "状态标记"].tolist()[::-1]
    done = applied({("A1", "8"): "是", ("A2", "7"): "是"}, turned)
    assert (done.merged, len(done.refused)) == (0, 2)
    assert all("not of one row" in one.reason for one in done.refused)
    # Half of a state from one row and half from another: the pairs meant are none of the table's.
    states = table.loc[pairs, "状态标记"].tolist()
    turned.loc[pairs, "状态标记"] = [
        ":".join(["v", a.split(":")[1], b.split(":")[2]]) for a, b in zip(states, states[::-1], strict=True)
    ]
    assert applied({("A1", "8"): "是", ("A2", "7"): "是"}, turned).merged == 0
    assert camera(store, "A1")["other_ids"] is None
    # Ids that a spreadsheet made numbers are still the same.
    spoiled = table.assign(
        **{"编号（文件）": [f"{one}.0" if str(one) != "nan" and one else one for one in table["编号（文件）"]]}
    )
    assert applied({("A1", "8.0"): "1.0", ("A2", "7.0"): "是的"}, spoiled).merged == 2


def test_an_id_that_is_another_cameras_is_refused(
    store: Store, files: tuple[Path, Path], applied: Callable[..., Applied]
) -> None:
    files[1].write_text(THEIRS.replace("\n8,", "\nA3,"), encoding="utf-8")
    done = applied({("A1", "A3"): "yes"})
    assert done.merged == 0
    assert done.refused[0].reason.endswith("give the file ids of its own")


def test_an_id_of_two_cameras_and_a_camera_brought_twice_are_rejected(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,lon,lat,other_ids\nA1,103,37,B1\nA2,103,37,B1; B2\nA3,103,37,B3\n", encoding="utf-8")
    import_file(store, path, "cameras", crs="wgs84")
    path = tmp_path / "b.csv"
    path.write_text("id,lon,lat\nB1,103,37\nB3,103,37\nA3,103,37\nB4,103,37\nB2,103,37\n", encoding="utf-8")
    report = import_file(store, path, "cameras", crs="wgs84")
    assert [(one.row, one.value) for one in report.rejects] == [("1", "B1: A1, A2"), ("2", "B3: A3")]
    assert (report.read, report.imported, report.updated, report.rejected) == (5, 1, 2, 2)
    assert store.read("cameras")["id"].tolist() == ["A1", "A2", "A3", "B4"]


def test_a_camera_is_found_however_many_directions_either_list_gives_it(store: Store, tmp_path: Path) -> None:
    def imported(camera: str, directions: str) -> ImportReport:
        path = tmp_path / "list.csv"
        path.write_text(f'id,lon,lat,azimuth\n{camera},103,37,"{directions}"\n', encoding="utf-8")
        return import_file(store, path, "cameras", crs="wgs84")

    def rows() -> list[tuple[str, str]]:
        frame = store.read("cameras")
        return list(zip(frame["id"], frame["other_ids"], strict=True))

    imported("A1", "0,180")
    for key, other in (("A1#1", "B1#1"), ("A1#2", "B1#2")):
        feature, version = store.get("cameras", key)
        feature["properties"]["other_ids"] = other
        store.put("cameras", key, feature, if_version=version, actor="li")
    imported("B1", "0,90,180")
    assert rows() == [("A1#1", "B1#1"), ("A1#2", "B1#2"), ("A1#3", "B1#3")]
    report = imported("B1", "45")
    assert (report.imported, report.updated, report.removed) == (0, 1, 3)
    assert rows() == [("A1", "B1")]
    imported("A1", "0,180")
    assert rows() == [("A1#1", "B1#1"), ("A1#2", "B1#2")]
    imported("A1", "90")
    imported("B1", "0,180")
    assert rows() == [("A1#1", "B1#1"), ("A1#2", "B1#2")]


def test_an_id_that_ends_in_a_number_is_no_direction_without_its_brothers(store: Store, tmp_path: Path) -> None:
    """Camera A#7 stands on pole A: its pole is told, and merging with a list that has another keeps it."""
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    ours.write_text("id,site,name,lon,lat\nA#7,A,北街口,103.1,37.6\n", encoding="utf-8")
    theirs.write_text("id,site,name,lon,lat,height\n8,P9,北街口,103.1,37.6,5\n", encoding="utf-8")
    import_file(store, ours, "cameras", crs="wgs84")
    table = propose_pairs(store, theirs, crs="wgs84").table
    assert table[["点位（库）", "点位（文件）"]].values.tolist() == [["A", "P9"]]
    path = tmp_path / "confirmed.csv"
    table.assign(确认="是").to_csv(path, index=False, encoding="utf-8-sig")
    assert apply_pairs(store, theirs, path, crs="wgs84").merged == 1
    merged = camera(store, "A#7")
    assert (merged["site"], merged["height"], merged["other_ids"]) == ("A", 5.0, "8")


def test_the_layers_beside_the_table(store: Store, files: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "pairs.gpkg"
    write_pairs_layer(propose_pairs(store, files[1], crs="wgs84"), path)
    assert [name for name, _ in pyogrio.list_layers(path)] == ["pairs", "only_file", "only_store"]
    lines = gpd.read_file(path, layer="pairs").set_index("id_file")
    assert lines.loc["7", ["id_store", "result"]].tolist() == ["A2", "pair"]
    assert list(lines.loc["7"].geometry.coords) == [(103.1, 37.6), (103.1001, 37.6)]
    assert gpd.read_file(path, layer="only_file")["id"].tolist() == ["10"]
    assert gpd.read_file(path, layer="only_store")["id"].tolist() == ["A3"]


def test_a_table_in_english_saved_in_another_order_and_encoding(
    store: Store, files: tuple[Path, Path], tmp_path: Path
) -> None:
    table = propose_pairs(store, files[1], crs="wgs84", lang="en").table
    assert table["result"].tolist()[0] == "pair"
    table = table.assign(confirm="no").iloc[::-1, ::-1]
    table.loc[table["id (file)"] == "8", "confirm"] = "File: name"
    path = tmp_path / "table.csv"
    table.drop(columns=["score", "id (store)"]).to_csv(path, index=False, sep="\t", encoding="gb18030")
    assert apply_pairs(store, files[1], path, crs="wgs84").merged == 1
    assert camera(store, "A1")["name"] == "北街口 东南角"


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("是", []), (" YES ", []), ("以库为准", []), ("文件: 名称", ["name"]),
        ("是；文件：方位角、kind", ["azimuth", "kind"]), ("file：place， mounting height", ["height", "place"]),
    ],
)  # fmt: skip
def test_words_of_confirmation(words: str, fields: list[str]) -> None:
    assert sorted(fields_of_file(words) or ()) == fields


def test_a_file_that_is_no_table_changes_nothing(store: Store, files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="没有列：确认、状态标记"):
        apply_pairs(store, files[1], files[0], crs="wgs84")
    with pytest.raises(UnreadableFile):
        apply_pairs(store, files[1], tmp_path / "table.gpkg", crs="wgs84")
    broken = propose_pairs(store, files[1], crs="wgs84").table.assign(确认="是", 状态标记="x")
    path = tmp_path / "broken.csv"
    broken.to_csv(path, index=False)
    done = apply_pairs(store, files[1], path, crs="wgs84")
    assert (done.merged, len(done.refused)) == (0, 6)


def test_an_empty_store_has_no_pairs_and_every_row_may_be_added(store: Store, tmp_path: Path) -> None:
    theirs, table = tmp_path / "镇.csv", tmp_path / "table.csv"
    theirs.write_text(THEIRS, encoding="utf-8")
    proposal = propose_pairs(store, theirs, crs="wgs84")
    assert proposal.table["结果"].tolist() == ["只在文件"] * 4
    write_pairs_layer(proposal, tmp_path / "pairs.gpkg")
    assert len(gpd.read_file(tmp_path / "pairs.gpkg", layer="pairs")) == 0
    proposal.table.assign(确认="是").to_csv(table, index=False, encoding="utf-8-sig")
    assert apply_pairs(store, theirs, table, crs="wgs84").added == 4
    done = apply_pairs(store, theirs, table, crs="wgs84")
    assert (done.added, done.already, done.refused) == (0, 4, [])
    again = propose_pairs(store, theirs, crs="wgs84")
    assert len(again.pairing.proposals) == 4
    assert set(again.table["不同的字段"]) == {""}, "a list paired with itself differs in nothing"
