"""Move a store to the other kind and back: nothing is lost, whatever happened to it before."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.catalog.layers import LAYERS, Layer
from geo.errors import BadGeometry, Conflict
from geo.storage.geopackage.store import open_store
from geo.storage.postgis.store import PostgisStore, open_database
from geo.storage.protocol import Store
from geo.storage.records import LayerHistory
from geo.storage.transfer import transfer_store
from tests.geo.storage import sample_layers
from tests.geo.storage.conftest import Clock, emptied
from tests.geo.storage.sample_layers import cameras, feature, squares
from tests.geo.storage.test_contract_sharing import assert_same, assert_same_run, lived
from tests.postgres import service_url


@pytest.fixture
def embedded(tmp_path: Path, empty_workspace: Path, clock: Clock) -> Callable[[str], Store]:
    def make(name: str) -> Store:
        shutil.copyfile(empty_workspace, tmp_path / name)
        return open_store(tmp_path / name, today=clock)

    return make


def assert_equal(one: Store, other: Store, layers: Iterable[str] = LAYERS) -> None:
    for name in layers:
        assert_same(one.versions(name), other.versions(name))
    assert [run.id for run in one.runs()] == [run.id for run in other.runs()]
    for run in one.runs():
        assert_same_run(one.stored_run(run.id), other.stored_run(run.id))


def test_a_workspace_goes_to_the_server_and_back(
    embedded: Callable[[str], Store], server_store: PostgisStore, clock: Clock
) -> None:
    source, back = embedded("a.gpkg"), embedded("b.gpkg")
    lived(source, clock)
    for run_id in ("0199-a", "0199-b"):
        source.save_run(sample_layers.run(run_id))
    told: list[float] = []
    counts = transfer_store(source, server_store, progress=lambda _what, share: told.append(share))
    assert {name: number for name, number in counts.items() if number} == {
        "grids": 1, "cameras": 4, "history": 4, "runs": 2,
    }  # fmt: skip
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert_equal(source, server_store)
    assert transfer_store(server_store, back) == counts
    assert_equal(source, back)
    for run_id, incidence in (("0199-a", b"\x00\x01model"), ("latest", b"\x00\x01model")):
        assert back.run(run_id, incidence=True).incidence == incidence
    for one in (source, back):
        one.close()


def test_a_target_that_holds_something_is_left_as_it_is(
    embedded: Callable[[str], Store], server_store: PostgisStore
) -> None:
    source, other = embedded("a.gpkg"), embedded("b.gpkg")
    source.write("grids", squares("g"), "upsert", actor="me")
    source.write("roads", LINE, "upsert", actor="me")
    server_store.write("cameras", cameras("x"), "upsert", actor="me")
    other.save_run(sample_layers.run())
    deeds = server_store.audit()
    for target in (server_store, other):
        with pytest.raises(Conflict):
            transfer_store(source, target)
        assert target.count("grids") == 0
        assert target.revision("roads") == 0
    assert server_store.read("cameras")["id"].tolist() == ["x"]
    assert server_store.audit() == deeds


LINE = gpd.GeoDataFrame({"id": ["r"]}, geometry=[shapely.LineString([(103, 37), (103.1, 37)])], crs="EPSG:4326")


def test_a_row_that_no_column_takes_is_named_and_nothing_moved(
    embedded: Callable[[str], Store], server_store: PostgisStore, tmp_path: Path
) -> None:
    source = embedded("a.gpkg")
    source.write("grids", squares("g"), "upsert", actor="me")
    source.write("cameras", cameras("a", "b"), "upsert", actor="me")
    from tests.geo.storage.geopackage.test_geopackage import foreign

    with foreign(tmp_path / "a.gpkg") as conn:
        conn.execute("UPDATE cameras SET geom = NULL WHERE id = 'b'")
    conn.close()
    with pytest.raises(BadGeometry) as error:
        transfer_store(source, server_store)
    assert [one.row for one in error.value.rows] == ["b"]
    assert server_store.count("grids") == 0
    # Repaired, the past still has a version without a shape, and that moves.
    source.put("cameras", "b", feature(), if_version=None, actor="me")
    transfer_store(source, server_store)
    assert server_store.versions("cameras").history.geometry.isna().tolist() == [False, True]
    assert_equal(source, server_store)


def test_a_move_from_the_server_finds_the_townships_there(
    embedded: Callable[[str], Store], server_store: PostgisStore
) -> None:
    source = embedded("a.gpkg")
    source.write("divisions", squares("620622100", "620622101", level=["township"] * 2), "upsert", actor="me")
    source.write("cameras", cameras("a", "b", "c", x=103.005), "upsert", actor="me")
    source.save_run(dataclasses.replace(sample_layers.run(), layers={}))
    transfer_store(source, server_store)
    with server_store._reading() as conn:
        found = conn.rows("SELECT id, township FROM cameras ORDER BY id")
    # The squares reach from 37.00 to 37.01 N and the cameras stand on their southern border.
    assert [tuple(one) for one in found] == [("a", "620622100"), ("b", "620622101"), ("c", None)]


# -- whatever happened before ------------------------------------------------------------------------------------------

text = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=6)
degrees = st.floats(-80, 80, allow_nan=False, width=64)
VALUES = {
    "text": st.one_of(st.none(), text),
    "number": st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False, width=64)),
    "integer": st.one_of(st.none(), st.integers(-(2**63) + 1, 2**63 - 1)),
    "date": st.one_of(st.none(), st.dates(date(1, 1, 1), date(2030, 1, 1))),
}
points = st.builds(shapely.Point, degrees, degrees)
lines = st.lists(st.tuples(degrees, degrees), min_size=2, max_size=4, unique=True).map(shapely.LineString)
boxes = st.builds(lambda x, y, side: shapely.box(x, y, x + side, y + side), degrees, degrees, st.floats(1e-9, 9))
SHAPES = {
    "point": points,
    "line": lines,
    "polygon": st.one_of(boxes, st.lists(boxes, min_size=2, max_size=3).map(shapely.MultiPolygon)),
}


@st.composite
def frames(draw: st.DrawFn, layer: Layer) -> gpd.GeoDataFrame:
    keys = draw(st.lists(st.sampled_from(["a", "b", "é", "甲", "Z"]), unique=True, max_size=4))
    data = {
        one.name: [draw(VALUES[one.kind]) for _ in keys]
        for one in layer.fields
        if one.name != layer.key and draw(st.booleans())
    }
    begins = draw(
        st.lists(
            st.one_of(st.none(), st.dates(date(1, 1, 1), date(2030, 1, 1))), min_size=len(keys), max_size=len(keys)
        )
    )
    ends = [
        draw(st.one_of(st.none(), st.dates((one or date(1, 1, 1)) + timedelta(1), date(9999, 12, 31))))
        for one in begins
    ]
    data |= {"valid_from": pd.Series(begins, dtype=object), "valid_to": pd.Series(ends, dtype=object)}
    shapes = [draw(st.one_of(*(SHAPES[one] for one in layer.shapes))) for _ in keys]
    columns = {name: pd.Series(values, dtype=object) for name, values in data.items()}
    return gpd.GeoDataFrame({layer.key: keys, **columns}, geometry=shapes, crs="EPSG:4326")


steps = st.lists(
    st.sampled_from(["cameras", "grids", "villages", "demand", "roads"]).flatmap(
        lambda name: st.tuples(
            st.just(name), st.sampled_from(["upsert", "replace"]), frames(LAYERS[name]), st.integers(0, 40)
        )
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(script=steps)
def test_workspace_to_server_and_back_loses_nothing(
    county_server: str, empty_workspace: Path, tmp_path_factory: pytest.TempPathFactory, script: list
) -> None:
    clock = Clock()
    folder = tmp_path_factory.mktemp("moved")
    for name in ("a.gpkg", "b.gpkg"):
        shutil.copyfile(empty_workspace, folder / name)
    emptied(county_server)
    with ExitStack() as stack:
        source, back = (stack.enter_context(open_store(folder / name, today=clock)) for name in ("a.gpkg", "b.gpkg"))
        middle = stack.enter_context(open_database(service_url(county_server), today=clock))
        for number, (name, mode, frame, days) in enumerate(script):
            clock.day += timedelta(days)
            source.write(name, frame, mode, actor=f"li{number}")
        source.save_run(sample_layers.run())
        touched = {name for name, *_ in script}
        transfer_store(source, middle)
        transfer_store(middle, back)
        for one in (middle, back):
            assert_equal(source, one, touched)
            assert [one.revision(name) for name in LAYERS] == [source.revision(name) for name in LAYERS]
        told: LayerHistory = middle.versions("cameras")
        for key in told.current["id"]:
            assert middle.get("cameras", key, at=(None, None))[1] == back.get("cameras", key, at=(None, None))[1]
    shutil.rmtree(folder)
