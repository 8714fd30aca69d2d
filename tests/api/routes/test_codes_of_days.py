"""A code of a grid has one answer on a day, wherever it is asked: alone, in JSON, in a table, at the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from fastapi.testclient import TestClient

from api.cli import main
from api.main import create_app
from api.settings import Settings
from geo.storage.geopackage.store import open_store

CRS = "EPSG:4326"
WEST, EAST, THIRD = (shapely.box(west, 37, west + 0.1, 37.1) for west in (103.0, 103.1, 103.2))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Give OLD01 and SPLIT1, from February 2026 on NEW01, EAST1 and THIRD1, from March on LAST1 for NEW01."""

    def grids(**boxes: shapely.Geometry) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame({"code": list(boxes), "level": [1] * len(boxes)}, geometry=[*boxes.values()], crs=CRS)

    day = [date(2026, 1, 1)]
    path = tmp_path / "workspace.gpkg"
    with open_store(path, today=lambda: day[0]) as store:
        store.write("grids", grids(OLD01=WEST, SPLIT1=shapely.union(EAST, THIRD)), "upsert", actor="test")
        day[0] = date(2026, 2, 1)
        store.write("grids", grids(NEW01=WEST, EAST1=EAST, THIRD1=THIRD), "replace", actor="test")
        day[0] = date(2026, 3, 1)
        store.write("grids", grids(LAST1=WEST, EAST1=EAST, THIRD1=THIRD), "replace", actor="test")
    return path


@pytest.fixture
def client(workspace: Path) -> Iterator[TestClient]:
    app = create_app(Settings(workspace=workspace))
    with TestClient(app, base_url="http://127.0.0.1:8000", headers={"Accept-Language": "en"}) as made:
        yield made


#: Code, day, status, grids, and the beginning of what is told.
CASES = [
    ("OLD01", None, "matched", ["LAST1"], "the code OLD01 is no longer used: today it is LAST1"),
    ("OLD01", "2026-02-15", "matched", ["NEW01"], "the code OLD01 is no longer used: on 2026-02-15 it is NEW01"),
    ("OLD01", "2026-01-15", "matched", ["OLD01"], None),
    ("NEW01", None, "matched", ["LAST1"], "the code NEW01 is no longer used: today it is LAST1"),
    (
        "NEW01",
        "2026-01-15",
        "partial",
        ["OLD01"],
        "the code NEW01 is used since 2026-02-01: on 2026-01-15 it was OLD01",
    ),
    ("SPLIT1", None, "ambiguous", ["EAST1", "THIRD1"], "the code SPLIT1 is no longer used: today it is EAST1, THIRD1"),
    ("EAST1", None, "matched", ["EAST1"], None),
]


def told(found: dict[str, Any]) -> tuple[str, list[str], str | None]:
    grids = [one["grid"]["code"] for one in found["candidates"]]
    faults = [fault["text"].partition(" / ")[2] for one in found["candidates"] for fault in one["faults"]]
    return found["status"], grids, "; ".join(faults) or None


@pytest.mark.parametrize(("code", "day", "status", "grids", "said"), CASES)
def test_a_code_has_one_answer_on_a_day_wherever_it_is_asked(
    client: TestClient, workspace: Path, capsys: pytest.CaptureFixture[str],
    code: str, day: str | None, status: str, grids: list[str], said: str | None,
) -> None:  # fmt: skip
    at = {} if day is None else {"at": day}
    alone = client.get("/locate", params={"address": code, **at}).json()
    assert told(alone) == (status, grids, said)
    bodies = {
        "application/json": json.dumps([{"address": code}, {"grid_code": code}, {"新网格编码": code}]),
        "text/csv": f"address,grid_code,新网格编码\n{code},,\n,{code},\n,,{code}\n",
    }
    for media, body in bodies.items():
        answer = client.post(
            "/locate", params={"f": "json", **at}, content=body.encode(), headers={"Content-Type": media}
        )
        for one in answer.json():
            assert (one["status"], one["candidates"], one["error"]) == (status, grids, said), media
    path = workspace.with_name("list.csv")
    path.write_text(bodies["text/csv"], "utf-8")
    words = [] if day is None else ["--at", day]
    assert main(["locate", "--batch", str(path), "--json", "--workspace", str(workspace), *words]) == 0
    for one in json.loads(capsys.readouterr().out)["answers"]:
        assert (one["status"], one["candidates"]) == (status, grids)


def test_the_new_code_of_a_row_says_which_of_the_grids_of_its_old_code_is_meant(client: TestClient) -> None:
    rows = [{"旧网格编码": "SPLIT1", "新网格编码": new} for new in ("EAST1", "THIRD1", "LAST1", "NEW01", "", "NONE1")]
    found = client.post("/locate", json=rows).json()
    assert [one["status"] for one in found] == ["matched", "matched", *["ambiguous"] * 4]
    assert [one["grid"] for one in found[:2]] == ["EAST1", "THIRD1"]
    assert found[0]["error"] == "the code SPLIT1 is no longer used: today it is EAST1, THIRD1"
    assert "the column 新网格编码 is elsewhere: in grid LAST1" in found[2]["error"]
    assert "the column 新网格编码 is elsewhere: in grid LAST1" in found[3]["error"]
    assert "which is the code of no grid" in found[5]["error"]


def test_an_old_code_agrees_with_the_grid_of_its_ground_on_the_day(client: TestClient) -> None:
    row = {"lon": 103.05, "lat": 37.05, "crs": "wgs84", "grid_code": "OLD01"}
    for day, grid in (("2026-01-15", "OLD01"), ("2026-02-15", "NEW01")):
        (found,) = client.post("/locate", params={"at": day}, json=[row]).json()
        assert (found["status"], found["grid"], found["error"]) == ("matched", grid, None)
    (found,) = client.post("/locate", params={"at": "2026-02-15"}, json=[{**row, "lon": 103.15}]).json()
    assert (found["status"], found["grid"]) == ("matched", "EAST1")
    assert found["error"].endswith("found is EAST1, the code is on 2026-02-15 NEW01")
