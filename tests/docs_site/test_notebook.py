"""Run the example notebook as it stands and hold its numbers to what can be said of them beforehand."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from scripts.docs_site import notebooks
from scripts.docs_site.navigation import ROOT

NOTEBOOKS = sorted((ROOT / "docs" / "examples").glob("*.ipynb"))


@pytest.fixture(scope="module")
def cells() -> list[notebooks.Cell]:
    return notebooks.run(ROOT / "docs" / "examples" / "coverage.ipynb")


def value_of(cells: list[notebooks.Cell], mark: str):
    """Return the value of the one cell whose source holds these words."""
    (found,) = [cell for cell in cells if cell.kind == "code" and mark in cell.source]
    return found.value


def test_views_are_as_wide_and_as_far_as_the_rules_say(cells: list[notebooks.Cell]) -> None:
    seen = value_of(cells, "geo.views(")
    # R3: W / (2 ppm tan(hfov/2)) at 25 px/m; the panoramic one W / (ppm hfov), hfov in radians.
    assert seen["range_m"]["c1"] == pytest.approx(1920 / (2 * 25 * math.tan(math.radians(30))), abs=0.05)
    assert seen["range_m"]["c6"] == pytest.approx(3840 / (25 * 2 * math.pi), abs=0.05)
    # U2: nothing is sure of a camera without an azimuth; sure lies within possible.
    assert seen["sure_m2"][["c3", "c4"]].tolist() == [0, 0]
    assert (seen["possible_m2"] > 1000).all()
    assert (seen["sure_m2"] <= seen["possible_m2"]).all()
    # A sector of 60 degrees from the near blind zone to the range, less what buildings hide.
    far = math.sqrt(seen["range_m"]["c1"] ** 2 - 3.4**2)
    near = 3.4 / math.tan(math.radians(12 + 35.98 / 2))
    assert 0.7 < seen["sure_m2"]["c1"] / (math.pi * (far**2 - near**2) / 6) < 1


def test_figures_add_up(cells: list[notebooks.Cell]) -> None:
    figures, gaps = value_of(cells, "geo.zone_metrics("), value_of(cells, "geo.gaps(")
    # Roads of 300 x 12 m and 200 x 8 m that cross.
    assert figures["domain_m2"].sum() == pytest.approx(300 * 12 + 200 * 8 - 12 * 8, rel=0.002)
    assert set(gaps["cause"]) == {"aim", "unknown", "offline"}
    assert gaps["area_m2"].is_monotonic_decreasing
    assert (figures["sure_share"] < figures["possible_share"]).all()


def test_an_outage_takes_away_what_the_site_saw(cells: list[notebooks.Cell]) -> None:
    (cell,) = [cell for cell in cells if "geo.outage(" in cell.source]
    before, after = (json.loads(line.replace("'", '"')) for line in cell.printed.splitlines())
    assert all(after[grid] < before[grid] for grid in before)


def test_owners_and_picture(cells: list[notebooks.Cell]) -> None:
    assert value_of(cells, "geo.Locator(") == ["G02", "G01"]
    picture = ElementTree.fromstring(value_of(cells, "class Picture")._repr_svg_())
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}path"))) > 12
    assert "NaN" not in ElementTree.tostring(picture, "unicode")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_valid_without_outputs_and_in_both_languages(path: Path) -> None:
    book = notebooks.read(path)
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in book["cells"]]
    assert len(ids) == len(set(ids))
    for cell in book["cells"]:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", cell["id"])
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None), "outputs are not committed"
        else:
            text = "".join(cell["source"])
            assert re.search(r"[\u4e00-\u9fff]", text), text
            assert re.search(r"[a-z]{3,}(?: [a-z]+){3}", text), text


def test_running_leaves_no_file_behind(cells: list[notebooks.Cell]) -> None:
    assert cells
    names = {path.name for path in (ROOT / "docs" / "examples").rglob("*") if path.is_file()}
    assert names == {"coverage.ipynb", *(f"{name}.geojson" for name in ("buildings", "cameras", "grids", "roads"))}


def test_a_cell_that_fails_is_named(tmp_path: Path) -> None:
    sources = ["x = 1\nprint(x)\nx + 1", "1 / 0"]
    book = {"cells": [{"cell_type": "code", "source": source} for source in sources]}
    path = tmp_path / "bad.ipynb"
    path.write_text(json.dumps(book), encoding="utf-8")
    with pytest.raises(notebooks.CellError, match=r"bad\.ipynb, cell 2: ZeroDivisionError"):
        notebooks.run(path)
    path.write_text(json.dumps({"cells": book["cells"][:1]}), encoding="utf-8")
    assert notebooks.run(path) == [notebooks.Cell("code", sources[0], "1\n", 2)]
    assert "```text\n1\n```" in notebooks.markdown(notebooks.run(path))
