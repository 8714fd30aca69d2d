"""Compare a store with a dict under random sequences of writes, puts, deletes and days passing."""

from __future__ import annotations

import shutil
import struct
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.catalog.layers import LAYERS
from geo.errors import Conflict, NotFound
from geo.storage.codec import geopackage_blobs, geopackage_header
from geo.storage.geopackage import spatial_predicates
from geo.storage.geopackage.store import open_store
from tests.geo.storage.conftest import Clock, emptied
from tests.geo.storage.sample_layers import feature
from tests.postgres import service_url

KEYS = ["a", "b", "é", "甲"]
START = date(2026, 3, 1)
row = st.tuples(st.integers(0, 2), st.one_of(st.none(), st.sampled_from(["ptz", "fixed"])))
frames = st.dictionaries(st.sampled_from(KEYS), row, max_size=4)
steps = st.one_of(
    st.tuples(st.sampled_from(["upsert", "replace", "append"]), frames),
    st.tuples(st.just("put"), st.sampled_from(KEYS), row, st.sampled_from([None, 0, 1, 2, 3])),
    st.tuples(st.just("delete"), st.sampled_from(KEYS), st.sampled_from([None, 1, 2, 3])),
    st.tuples(st.just("pass"), st.integers(1, 3)),
    st.tuples(st.just("fail"), frames),
)


class Model:
    """Hold what the store should: current rows, their versions, and the rows of every day gone by."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple] = {}
        self.versions: dict[str, int] = {}
        self.began: dict[str, date | None] = {}
        self.past: list[tuple[str, tuple, date | None, date]] = []
        self.revision = 0

    def set(self, key: str, value: tuple, day: date, *, takes_over: bool = False) -> bool:
        if self.rows.get(key) == value:
            return False
        came_back = key not in self.rows and key in self.versions
        if key in self.rows:
            self.end(key, day)
            self.began[key] = day
        else:
            self.began[key] = day if came_back or takes_over else None
            if not came_back:
                self.versions[key] = 1
        self.rows[key] = value
        return True

    def end(self, key: str, day: date) -> None:
        self.past.append((key, self.rows.pop(key), self.began.pop(key), day))
        self.versions[key] += 1

    def at(self, day: date) -> dict[str, tuple]:
        found = {key: value for key, value, begin, end in self.past if (begin or date.min) <= day < end}
        return found | {key: value for key, value in self.rows.items() if (self.began[key] or date.min) <= day}


def drawn(rows: dict[str, tuple]) -> gpd.GeoDataFrame:
    columns: dict[str, Any] = {"id": list(rows), "kind": [kind for _, kind in rows.values()]}
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(x, 37) for x, _ in rows.values()], crs="EPSG:4326")


def act(store: Any, model: Model, step: tuple, clock: Clock) -> None:
    """Do one step to both, errors included."""
    name, *args = step
    if name == "pass":
        clock.day += timedelta(days=args[0])
    elif name == "fail":
        try:
            with store.transaction():
                store.write("cameras", drawn(args[0]), "replace", actor="ghost")
                raise RuntimeError
        except RuntimeError:
            pass
    elif name == "put":
        key, (x, kind), version = args
        stored = model.versions[key] if key in model.rows else 0
        if version not in (None, stored):
            with pytest.raises(NotFound if stored == 0 else Conflict):
                store.put("cameras", key, feature(x, 37.0, kind=kind), if_version=version, actor="me")
            return
        model.revision += model.set(key, (x, kind), clock.day)
        assert (
            store.put("cameras", key, feature(x, 37.0, kind=kind), if_version=version, actor="me")
            == model.versions[key]
        )
    elif name == "delete":
        key, version = args
        if key not in model.rows or version not in (None, model.versions[key]):
            with pytest.raises(Conflict if key in model.rows else NotFound):
                store.delete("cameras", key, if_version=version, actor="me")
            return
        model.end(key, clock.day)
        model.revision += 1
        store.delete("cameras", key, if_version=version, actor="me")
    else:
        write(store, model, name, args[0], clock.day)


def write(store: Any, model: Model, mode: str, rows: dict[str, tuple], day: date) -> None:
    known = [key for key in rows if key in model.rows]
    if mode == "append" and known:
        with pytest.raises(Conflict):
            store.write("cameras", drawn(rows), mode, actor="me")
        return
    gone = [key for key in model.rows if key not in rows] if mode == "replace" else []
    for key in gone:
        model.end(key, day)
    takes_over = mode == "replace" and (bool(gone) or any(model.rows[key] != rows[key] for key in known))
    changed = [model.set(key, value, day, takes_over=takes_over) for key, value in rows.items()]
    model.revision += any(changed) or bool(gone)
    counts = store.write("cameras", drawn(rows), mode, actor="me")
    assert counts.imported + counts.updated == len(rows)
    assert (counts.unchanged, counts.removed) == (changed.count(False), len(gone))


def seen(frame: gpd.GeoDataFrame) -> dict[str, tuple]:
    kinds = frame["kind"].astype(object).where(frame["kind"].notna(), None)
    return dict(zip(frame["id"], zip(frame.geometry.x.astype(int), kinds, strict=True), strict=True))


def live(store: Any, script: list[tuple], clock: Clock, *, one_count: bool) -> None:
    """Do all steps and compare every day; ``one_count`` tells that a write counts the revision up by one, however."""
    model = Model()
    told = 0
    for step in script:
        before = model.revision
        act(store, model, step, clock)
        revision = store.revision("cameras")
        assert (revision > told) == (model.revision > before)
        assert not one_count or revision == model.revision
        told = revision
    for offset in range(-1, (clock.day - START).days + 2):
        day = START + timedelta(days=offset)
        frame = store.read("cameras", at=day)
        assert list(frame["id"]) == sorted(frame["id"])
        assert seen(frame) == model.at(day)
        assert store.count("cameras", at=day, bbox=(-0.5, 36, 0.5, 38)) == sum(
            x == 0 for x, _ in model.at(day).values()
        )
    for key in model.rows:
        assert store.get("cameras", key)[1] == model.versions[key]


@settings(max_examples=25)
@given(st.lists(steps, max_size=12))
def test_a_workspace_answers_as_a_dict_on_every_day(empty_workspace: Path, script: list[tuple]) -> None:
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w.gpkg"
        shutil.copyfile(empty_workspace, path)
        with open_store(path, today=clock) as store:
            live(store, script, clock, one_count=True)


@settings(max_examples=12)
@given(st.lists(steps, max_size=12))
def test_a_database_answers_as_a_dict_on_every_day(county_server: str, script: list[tuple]) -> None:
    from geo.storage.postgis.store import open_database

    clock = Clock()
    emptied(county_server)
    with open_database(service_url(county_server), today=clock) as store:
        live(store, script, clock, one_count=False)


finite = st.floats(-180, 180, allow_nan=False, allow_subnormal=False)
points = st.builds(shapely.Point, finite, st.floats(-90, 90))
lines = st.lists(st.tuples(finite, st.floats(-90, 90)), min_size=2, max_size=6).map(shapely.LineString)
boxes = st.tuples(finite, st.floats(-90, 89)).map(lambda at: shapely.box(*at, at[0] + 1, at[1] + 1))
shapes = st.one_of(
    st.none(), points, lines, boxes, st.lists(boxes, min_size=2, max_size=4).map(shapely.MultiPolygon),
    st.sampled_from([shapely.Point(), shapely.LineString(), shapely.Polygon()]),
)  # fmt: skip


@given(st.lists(shapes, max_size=8))
def test_blobs_give_back_every_shape_and_its_box(drawn_shapes: list) -> None:
    array = np.array([*drawn_shapes, None], dtype=object)[:-1]
    for stored in (array, geopackage_blobs.multi(array)):
        encoded = geopackage_blobs.encode(stored)
        found = [None if np.isnan(one[0]) else tuple(one.tolist()) for one in geopackage_blobs.boxes(encoded)]
        assert found == [geopackage_header.box(blob) for blob in encoded]
        for blob, shape, back in zip(encoded, array, geopackage_blobs.decode(encoded), strict=True):
            assert (blob is None) == (shape is None) == (back is None)
            if shape is None:
                continue
            assert back.geom_type == shape.geom_type
            assert shapely.equals_exact(back, shape)
            assert geopackage_header.is_empty(blob) == int(shape.is_empty)
            assert geopackage_header.box(blob) == (None if shape.is_empty else shape.bounds)


@pytest.mark.parametrize(
    "blob", [None, b"", b"GP", b"GP\x00\x01" + b"\0" * 4, b"x" * 40, b"GP\x00\x21" + b"\0" * 60, 7]
)
def test_blobs_that_are_none_have_no_shape_and_no_box(blob: Any) -> None:
    assert geopackage_header.box(blob) is None
    assert geopackage_header.is_empty(blob) in (None, 1)
    assert spatial_predicates.meets(blob, -180, -90, 180, 90) == 0
    assert geopackage_blobs.decode([blob]).tolist() == [None]
    assert np.isnan(geopackage_blobs.boxes([blob])).all()


def test_blobs_of_the_other_byte_order_are_read() -> None:
    shape = shapely.LineString([(1, 2), (3, 5)])
    header = struct.pack(">2sBBi4d", b"GP", 0, 0x02, 4326, 1, 3, 2, 5)
    blob = header + shapely.to_wkb(shape, byte_order=0)
    assert geopackage_header.box(blob) == (1, 2, 3, 5)
    assert geopackage_blobs.decode([blob])[0].equals(shape)
    point = struct.pack(">2sBBi", b"GP", 0, 0x00, 4326) + shapely.to_wkb(shapely.Point(7, 8), byte_order=0)
    assert geopackage_header.box(point) == (7, 8, 7, 8)


def test_no_layer_has_a_field_for_a_person_or_a_network() -> None:
    banned = {"ip", "account", "username", "password", "mac", "phone", "person", "contact", "serial"}
    for layer in LAYERS.values():
        assert not banned & set(layer.names)
