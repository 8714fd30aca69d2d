"""Throw anything at the checks: a GeoError or nothing comes back, never a crash, and in time that grows no faster."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import bounds
from geo.bounds import text as text_bounds
from geo.errors import BadGeometry, BadValue, GeoError, UnreadableFile
from tests.hostile.hostile_files import zigzag

LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
ANY = st.recursive(
    LEAF, lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=3), one), max_leaves=20
)
KINDS = st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection", "x"])
GEOMETRY = st.recursive(
    st.fixed_dictionaries({"type": KINDS | LEAF}, optional={"coordinates": ANY, "geometries": ANY}),
    lambda one: st.fixed_dictionaries({"type": st.just("GeometryCollection"), "geometries": st.lists(one, max_size=3)}),
    max_leaves=10,
)


def quiet(check: Callable[..., Any], *values: Any, **options: Any) -> bool:
    """Return whether a check lets values through; anything but a GeoError fails the test."""
    try:
        check(*values, **options)
    except GeoError:
        return False
    return True


def depth(value: Any) -> int:
    """Return how deep lists and objects nest."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if parts is None else 1 + max(map(depth, parts), default=0)


@settings(max_examples=150)
@given(value=ANY, most=st.integers(0, 6), escaped=st.booleans())
def test_the_depth_of_json_is_that_of_its_value(value: Any, most: int, escaped: bool) -> None:
    text = json.dumps({'[\\"': value} if escaped else value, ensure_ascii=escaped)
    assert quiet(bounds.check_json_depth, text.encode("utf-8", "replace"), max_depth=most) == (
        depth(json.loads(text)) <= most
    )


@settings(max_examples=150)
@given(data=st.lists(st.sampled_from([b"[", b"]", b"{", b'"', b"\\", b"\\\\", b"a", b",", b"\0"]), max_size=60))
def test_any_bytes_have_some_depth(data: list[bytes]) -> None:
    quiet(bounds.check_json_depth, b"".join(data))


def test_a_block_border_within_a_text_hides_no_bracket() -> None:
    block = text_bounds._BLOCK
    for start in range(block - 3, block + 3):
        text = b'["' + b"x" * start + b'[[[[",' + b"[" * 9 + b"]" * 9 + b"]"
        assert quiet(bounds.check_json_depth, text, max_depth=10)
        assert not quiet(bounds.check_json_depth, text, max_depth=9)


@settings(max_examples=200)
@given(geometry=GEOMETRY | ANY)
def test_what_passes_the_geometry_check_is_safe_for_geos(geometry: Any) -> None:
    if not quiet(bounds.check_geometry, geometry):
        return
    coordinates: list[Any] = [geometry]
    while coordinates:
        one = coordinates.pop()
        if isinstance(one, dict):
            # A collection has geometries, any other shape coordinates: what else stands there is read by nobody.
            is_collection = one.get("type") == "GeometryCollection"
            coordinates += one["geometries"] if is_collection else [one.get("coordinates")]
        elif isinstance(one, list):
            coordinates += one
        else:
            assert one is None or abs(one) < 1e18


def test_the_numbers_of_the_geometry_check() -> None:
    def nested(levels: int) -> dict[str, Any]:
        shape: dict[str, Any] = {"type": "Point", "coordinates": [1, 2]}
        for _ in range(levels):
            shape = {"type": "GeometryCollection", "geometries": [shape]}
        return shape

    assert quiet(bounds.check_geometry, nested(4))
    assert not quiet(bounds.check_geometry, nested(5))
    assert not quiet(bounds.check_geometry, nested(1), max_depth=0)
    line = {"type": "LineString", "coordinates": [[0, 0]] * 11}
    assert quiet(bounds.check_geometry, line, max_vertices=11)
    assert not quiet(bounds.check_geometry, line, max_vertices=10)
    for bad in (float("nan"), float("inf"), 10**400, "1", True, None, [1]):
        assert not quiet(bounds.check_geometry, {"type": "Point", "coordinates": [bad, 0]}), bad


@settings(max_examples=200)
@given(
    words=st.lists(
        st.sampled_from(["POINT", "POLYGON", "GEOMETRYCOLLECTION", "(", ")", ",", " ", "1", "-2.5e3", "nan", "inf", "Z",
                         "EMPTY", "SRID=1;", "CURVE", "\0", "é", "٣", "0x1", "1e999"]),
        max_size=25,
    )
)  # fmt: skip
def test_what_passes_the_wkt_check_geos_reads_or_refuses(words: list[str]) -> None:
    text = "".join(words)
    if quiet(bounds.check_wkt, text):
        try:
            shapely.from_wkt(text)
        except shapely.errors.GEOSException:
            return


@pytest.mark.parametrize(
    "good", ["POINT (1 2)", "point z(1 2 3)", "MULTIPOLYGON(((0 0,1e0 0,.5 -1,0 0)),((5. 5,6 5,6 6,5 5)))",
             "GEOMETRYCOLLECTION(" * 4 + "POLYGON((0 0,1 0,1 1,0 0))" + ")" * 4, "POLYGON EMPTY"],
)  # fmt: skip
def test_plain_wkt_passes(good: str) -> None:
    bounds.check_wkt(good)


@settings(max_examples=200)
@given(data=st.binary(max_size=80))
def test_any_bytes_are_wkb_or_not(data: bytes) -> None:
    quiet(bounds.check_wkb, data)


@settings(max_examples=100)
@given(data=st.data())
def test_wkb_that_geos_wrote_passes_and_torn_wkb_does_not(data: st.DataObject) -> None:
    point, line, area = shapely.Point(1, 2), shapely.LineString([(0, 0), (1, 1)]), shapely.box(0, 0, 1, 1)
    many = shapely.MultiPolygon([area, shapely.box(2, 2, 3, 3).difference(shapely.box(2.2, 2.2, 2.5, 2.5))])
    one = data.draw(
        st.sampled_from(
            [point, line, area, many, shapely.GeometryCollection([many, point]), shapely.MultiPoint([point] * 3)]
        )
    )
    wkb = shapely.to_wkb(
        shapely.force_3d(one) if data.draw(st.booleans()) else one, byte_order=data.draw(st.sampled_from([0, 1]))
    )
    bounds.check_wkb(wkb)
    torn = wkb[: data.draw(st.integers(0, len(wkb) - 1))]
    if quiet(bounds.check_wkb, torn):  # the numbers at the end may lack: GEOS sees that
        assert shapely.from_wkb(torn, on_invalid="ignore") is None


def test_wkb_nested_in_any_way_is_refused() -> None:
    point = struct.pack("<BIdd", 1, 1, 0, 0)
    for kind in (4, 5, 6, 7):
        deep = b"".join(struct.pack("<BII", 1, kind, 1) for _ in range(50_000)) + point
        with pytest.raises(BadGeometry):
            bounds.check_wkb(deep)
    for kind in (8, 9, 10, 15, 17, 0, 1_000_001):
        with pytest.raises(BadGeometry):
            bounds.check_wkb(struct.pack("<BII", 1, kind, 0))


def test_a_tangle_is_told_from_a_coast() -> None:
    with pytest.raises(BadGeometry, match="cross too much"):
        bounds.check_segment_crossings(shapely.Polygon(zigzag(30_000)))
    turn = np.linspace(0, 2 * np.pi, 60_000, endpoint=False)
    reach = 1 + 0.2 * np.sin(37 * turn) + 1e-5 * np.random.default_rng(1).normal(size=len(turn))
    bounds.check_segment_crossings(shapely.Polygon(np.column_stack([reach * np.cos(turn), reach * np.sin(turn)])))
    comb = np.column_stack([np.arange(60_000) / 60_000, np.arange(60_000) % 2])
    bounds.check_segment_crossings(shapely.LineString(comb))


@settings(max_examples=200)
@given(text=st.text(max_size=20), most=st.integers(0, 20))
def test_a_text_passes_if_it_can_be_stored(text: str, most: int) -> None:
    fine = len(text) <= most and "\0" not in text and not any(0xD800 <= ord(one) <= 0xDFFF for one in text)
    assert quiet(bounds.check_text, text, max_characters=most) == fine


def test_half_a_surrogate_pair_and_nul_cannot_be_stored() -> None:
    for bad in ("\ud800", "a\udfff", "\0", "a\0b"):
        with pytest.raises(BadValue):
            bounds.check_text(bad, max_characters=10)


@pytest.mark.parametrize(
    "bad",
    [
        b"<!DOCTYPE x>", b"<!doctype x>", b"<a/><!ENTITY b 'c'>", b"<!--" + b"x" * 100_000 + b"--><!DOCTYPE x>",
        "<!DOCTYPE x>".encode("utf-16"), "<!DOCTYPE x>".encode("utf-16-be"), "<!DOCTYPE x>".encode("utf-32"),
        b"<?xml version='1.0' encoding='UTF-7'?>", b'<?xml version="1.0" encoding="IBM037"?>',
    ],
)  # fmt: skip
def test_xml_that_declares_is_refused(bad: bytes) -> None:
    with pytest.raises(UnreadableFile):
        bounds.check_xml(bad)
    bounds.check_xml(b'<?xml version="1.0" encoding="UTF-8"?><a>&lt;!DOCTYPE</a>')


@settings(max_examples=100)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_xml_or_not(data: bytes) -> None:
    quiet(bounds.check_xml, data)


@pytest.mark.parametrize(
    ("check", "make"),
    [
        (bounds.check_json_depth, lambda n: b"[" * 60 + b'{"a":"\\\\\\""},' * n),
        (bounds.check_json_depth, lambda n: b"\\" * 12 * n),
        (bounds.check_json_depth, lambda n: b'"' * 12 * n),
        (bounds.check_wkt, lambda n: "POLYGON((" + "1.5 2," * n),
        (bounds.check_wkt, lambda n: "1" * 6 * n),
        (bounds.check_wkt, lambda n: "(" * 7 + "()" * n),
        (bounds.check_geometry, lambda n: {"type": "LineString", "coordinates": [[1.5, 2]] * n}),
        (bounds.check_xml, lambda n: b"<?xml " * n),
        (bounds.check_wkb, lambda n: struct.pack("<BII", 1, 4, n) + struct.pack("<BIdd", 1, 1, 0, 0) * n),
    ],
)
def test_time_grows_with_size_and_no_faster(check: Callable[..., Any], make: Callable[[int], Any]) -> None:
    def seconds(n: int) -> float:
        value, best = make(n), 9.0
        for _ in range(3):
            began = time.process_time()
            quiet(check, value)
            best = min(best, time.process_time() - began)
        return best

    # Twelve times as much, in no more than forty times the time: a square would be 144.
    assert seconds(120_000) <= 40 * max(seconds(10_000), 0.001)
