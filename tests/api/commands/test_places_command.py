"""Derive places from the command line: what it prints, its JSON, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from api.commands.patrolling import patrol_command
from api.commands.places import derive_command
from geo.storage.geopackage.store import open_store
from geo.studies.derive_places import DERIVED_KINDS, MAX_RADIUS_M, DeriveOptions
from geo.studies.patrols import MOST_SECTORS
from tests.api.conftest import *  # noqa: F403 (run, quiet)

X, Y = 103.1, 37.6
LINES = [[(X, Y), (X + 0.01, Y)], [(X + 0.005, Y), (X + 0.005, Y + 0.003)]]


@pytest.fixture
def county(tmp_path: Path, quiet: None) -> Path:
    """Return a workspace with two roads that meet and a school."""
    path = tmp_path / "county.gpkg"
    roads = gpd.GeoDataFrame(
        {"id": ["r1", "r2"], "name": ["民主街", "文化路"], "class": ["省道", "支路"]},
        geometry=[shapely.LineString(one) for one in LINES],
        crs="EPSG:4326",
    )
    school = gpd.GeoDataFrame(
        {"code": ["S1"], "name": ["一小"], "kind": ["school"]}, geometry=[shapely.Point(X, Y)], crs="EPSG:4326"
    )
    with open_store(path) as store:
        store.write("roads", roads, "upsert", actor="li")
        store.write("places", school, "upsert", actor="li")
    return path


def test_a_preview_then_the_places_then_what_was_edited(run: object, county: Path) -> None:
    where = ("places", "derive", "--json", "--workspace", county)
    told = json.loads(run(*where, "--dry-run")[0])
    made = json.loads(run(*where)[0])
    assert (told["dry_run"], made["dry_run"], told["kinds"]) == (True, False, made["kinds"])
    assert {name: one["added"] for name, one in made["kinds"].items()} == {
        "crossings": 1, "sections": 3, "rings": 1, "gates": 0,
    }  # fmt: skip
    assert [note.partition(" / ")[2] for note in made["notes"]] == [
        "there is no place of kind residential estate: no gates"
    ]
    with open_store(county) as store:
        stored = store.read("places")
        crossing = stored[stored["kind"] == "crossing"]["code"].iloc[0]
        feature, version = store.get("places", crossing)
        feature["properties"]["name"] = "大十字"
        store.put("places", crossing, feature, if_version=version, actor="wang")
        store.delete("places", "ring-200m-S1", if_version=None, actor="wang")
    again = json.loads(run(*where)[0])["kinds"]
    assert (again["crossings"]["kept"], again["crossings"]["kept_codes"]) == (1, [crossing])
    assert (again["rings"]["deleted"], again["sections"]["unchanged"]) == (1, 3)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["预览，什么也没有写", "路口", "新增", "说明：没有类型为小区的部位，没有大门可派生"]),
        ("en", ["A preview, nothing was written", "crossings", "added", "note: there is no place of kind"]),
    ],
)
def test_it_is_told_in_one_language(
    run: object, county: Path, monkeypatch: pytest.MonkeyPatch, lang: str, words: list[str]
) -> None:
    monkeypatch.setenv("GRIDSIGHT_LANG", lang)
    out, _ = run("places", "derive", "--dry-run", "--workspace", county)
    for word in words:
        assert word in out
    assert " / " not in out


def test_kinds_and_classes_are_listed_with_any_comma(run: object, county: Path) -> None:
    where = ("--json", "--workspace", county)
    found = json.loads(run("places", "derive", "--kinds", "crossings，sections", "--classes", "省道、支路", *where)[0])
    assert {name: one["derived"] for name, one in found["kinds"].items()} == {"crossings": 1, "sections": 3}
    found = json.loads(run("places", "derive", "--kinds", "crossings", "--classes", "省道", *where)[0])
    assert found["kinds"]["crossings"]["removed"] == 1, "of one class nothing meets"


@pytest.mark.parametrize(
    "words",
    [("--kinds", "bridges"), ("--kinds", " ,"), ("--classes", "步道"), ("--classes", "人行道"), ("--radius", "0"),
     ("--radius", "nan"), ("--kinds", "crossings", "--kinds", "rings")],
)  # fmt: skip
def test_what_means_nothing_is_refused(run: object, county: Path, words: tuple[str, ...]) -> None:
    with open_store(county) as store:
        before = store.state("places")
    run("places", "derive", *words, "--workspace", county, code=2)
    with open_store(county) as store:
        assert store.state("places") == before


def test_options_have_the_defaults_and_bounds_of_the_study() -> None:
    """The command writes them out, because a list of commands loads no study."""
    options = {one.name: one for one in derive_command.params}
    study = DeriveOptions()
    assert options["kinds"].default == ",".join(DERIVED_KINDS) == ",".join(study.kinds)
    assert (options["rings_of"].default,) == study.rings_of
    assert (options["gates_of"].default,) == study.gates_of
    assert (options["radius"].default, options["radius"].type.max) == (study.radius, MAX_RADIUS_M)
    (sectors,) = (one for one in patrol_command.params if one.name == "sectors")
    assert sectors.type.max == MOST_SECTORS
