"""Read places, facilities and own zones of which some or all have no kind: they are kept, and that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.readers.reading import read_layer

SHAPES = {"places": "POINT(103 37)", "facilities": "POINT(103 37)", "areas": "POLYGON((103 37,104 37,104 38,103 37))"}


def rows(folder: Path, layer: str, *kinds: str) -> Path:
    path = folder / "f.csv"
    lines = [f'{layer}{number},{kind},"{SHAPES[layer]}"' for number, kind in enumerate(kinds, 1)]
    path.write_text("\n".join(["code,kind,wkt", *lines]), "utf-8")
    return path


@pytest.mark.parametrize("layer", SHAPES)
def test_a_row_without_a_kind_beside_others_is_a_finding_that_names_it(tmp_path: Path, layer: str) -> None:
    reading = read_layer(rows(tmp_path, layer, "", "某种", "未知"), layer, crs="wgs84")
    assert len(reading.frame) == 3
    said = [one for one in reading.findings if one.reason.endswith("/ no kind")]
    assert {one.field for one in said} == {"kind"}
    assert sorted(row for one in said for row in one.rows) == ["1", "3"]


@pytest.mark.parametrize("layer", SHAPES)
def test_where_no_row_has_a_kind_that_is_a_note(tmp_path: Path, layer: str) -> None:
    reading = read_layer(rows(tmp_path, layer, "", ""), layer, crs="wgs84")
    assert reading.findings == []
    assert any("no kind" in one for one in reading.assumed)
