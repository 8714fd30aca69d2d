"""Test that an import tells how far it is, also while a long file is read."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

import pytest

from geo.errors import UnreadableFile
from geo.readers.sheets import csv_tables
from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_file
from tests.geo.readers.workbook_files import Tab, write_xlsx

HEADINGS = ["编号", "地址", "经度", "纬度"]


def _rows(count: int) -> list[list[object]]:
    return [[f"a{number}", f"和平路{number}号", 102.9, 37.5] for number in range(count)]


def _csv(folder: Path) -> Path:
    path = folder / "地址.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in [HEADINGS, *_rows(4000)]), encoding="utf-8")
    return path


def _xlsx(folder: Path) -> Path:
    return write_xlsx(folder / "地址.xlsx", Tab("甲", [HEADINGS, *_rows(9000)]))


@pytest.mark.parametrize("make", [_csv, _xlsx])
def test_the_share_grows_while_a_long_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Path]
) -> None:
    monkeypatch.setattr(csv_tables, "_BLOCK_ROWS", 1000)
    path = make(tmp_path)
    told: list[tuple[str, float]] = []
    with open_store(tmp_path / "workspace.gpkg") as store:
        import_file(store, path, "addresses", crs="wgs84", progress=lambda what, share: told.append((what, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    reading = [share for what, share in told if what == f"读取 {path.name} / reading {path.name}"]
    assert len(set(reading)) >= 3
    steps = list(dict.fromkeys(what.partition(" / ")[2] for what, _ in told))
    assert steps == [f"reading {path.name}", f"checking {path.name}", "writing layer addresses", "done"]


def test_the_garbage_collector_works_again_after_an_import_and_after_a_refusal(tmp_path: Path) -> None:
    bad = tmp_path / "b.csv"
    bad.write_text("编号,地址\n1,x\n", encoding="utf-8")
    with open_store(tmp_path / "workspace.gpkg") as store:
        import_file(store, _csv(tmp_path), "addresses", crs="wgs84")
        assert gc.isenabled()
        with pytest.raises(UnreadableFile, match="coordinates"):
            import_file(store, bad, "addresses", crs="wgs84")
    assert gc.isenabled()
