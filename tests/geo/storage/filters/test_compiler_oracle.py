"""Hold the filters of both stores to a reading of CQL2 in plain Python: random trees pick the same rows everywhere."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import shapely.geometry
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.catalog.layers import LAYERS, Layer
from geo.storage.filters.compiler import compile_where
from geo.storage.filters.filter_shapes import box_of
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from tests.postgres import fresh_database, service_url

ALWAYS = (date(1, 1, 1), date(9999, 12, 30))
TEXTS = [
    None,
    "a",
    "A",
    "ab",
    "aB",
    "a%b",
    "a_b",
    "a\\b",
    "*",
    "[a]",
    "?",
    "!",
    "it's",
    "é",
    "中",
    "中文",
    "文",
    "𠮷野",
]
NUMBERS = [None, -1.5, 0.0, 1.0, 2.0, 2.5, 1e300, 2.0**53, 3.0]
WHOLES = [None, -1, 0, 1, 2, 3, 2**53 + 1, 2**53, -(2**53) - 1]
DAYS = [None, "2024-02-29", "2026-01-01", "2026-03-01", "2027-12-31"]
SHAPES = [
    shapely.Point(1, 1), shapely.Point(2, 1), shapely.Point(0, 0), shapely.MultiPoint([(0, 0), (3, 3)]),
    shapely.LineString([(0, 0), (2, 2)]), shapely.LineString([(0, 2), (2, 0)]), shapely.LineString([(1, 0), (3, 0)]),
    shapely.MultiLineString([[(0, 0), (1, 0)], [(2, 2), (3, 2)]]), shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3),
    shapely.box(2, 0, 3, 1), shapely.Polygon([(0, 0), (3, 0), (0, 3)]), shapely.box(0.5, 0.5, 1.5, 1.5),
    shapely.Polygon(shapely.box(0, 0, 3, 3).exterior.coords, [shapely.box(1, 1, 2, 2).exterior.coords]),
    shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]),
    shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]),  # crosses itself, as imports may
]  # fmt: skip
FLOATS = {one.name for layer in LAYERS.values() for one in layer.fields if one.kind == "number"}
BOXES = [[0, 0, 1, 1], [1, 1, 1, 1], [0, 2, 3, 2], [0, 0, 9, 3, 3, 9], [170, -1, -179, 4], [5, 5, 6, 6]]


def pick(values: list, row: int, stride: int) -> Any:
    return values[(row * stride + row // len(values)) % len(values)]


def rows(layer: Layer) -> tuple[gpd.GeoDataFrame, list[dict]]:
    """Return 160 rows that pair the values above in many ways, as a frame and as plain values."""
    kinds = {"text": TEXTS, "number": NUMBERS, "integer": WHOLES, "date": DAYS}
    data: dict[str, list] = {one.name: [] for one in layer.all_fields}
    shapes = []
    for row in range(160):
        for place, one in enumerate(layer.fields):
            value = f"k{row:03}" if one.name == layer.key else pick(kinds[one.kind], row, 2 * place + 1)
            data[one.name].append(None if one.choices and value not in one.choices else value)
        begin, end = pick(DAYS, row, 1), pick(DAYS, row, 3)
        data["valid_from"].append(begin)
        data["valid_to"].append(end if end is None or begin is None or begin < end else None)
        shapes.append(SHAPES[0] if layer.shapes == ("point",) else SHAPES[row % len(SHAPES)])
    table = [dict(zip(data, values, strict=True)) for values in zip(*data.values(), strict=True)]
    for one in layer.fields:
        if one.kind == "integer":  # through a list they would become floats, and 2**53 + 1 another number
            data[one.name] = pd.array(data[one.name], dtype="Int64")
    frame = gpd.GeoDataFrame(data, geometry=shapes, crs="EPSG:4326")
    return frame, [{**row, "geometry": shape} for row, shape in zip(table, shapes, strict=True)]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, server: str, migrated: str) -> Iterator[list[Store]]:
    from geo.storage.postgis.store import open_database

    with ExitStack() as opened:
        url = opened.enter_context(fresh_database(server, template=migrated))
        embedded = opened.enter_context(closing(open_store(tmp_path_factory.mktemp("where") / "w.gpkg")))
        both = [embedded, opened.enter_context(closing(open_database(service_url(url))))]
        for store in both:
            for name in ("demand", "cameras"):
                store.write(name, rows(LAYERS[name])[0], "append", actor="test")
        yield both


# --- the oracle ---

_COMPARE = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ALLEN = {
    "t_after": lambda a, b, c, d: a > d,
    "t_before": lambda a, b, c, d: b < c,
    "t_contains": lambda a, b, c, d: a < c and d < b,
    "t_disjoint": lambda a, b, c, d: b < c or d < a,
    "t_during": lambda a, b, c, d: c < a and b < d,
    "t_equals": lambda a, b, c, d: (a, b) == (c, d),
    "t_finishedBy": lambda a, b, c, d: a < c and b == d,
    "t_finishes": lambda a, b, c, d: c < a and b == d,
    "t_intersects": lambda a, b, c, d: not (b < c or d < a),
    "t_meets": lambda a, b, c, d: b == c,
    "t_metBy": lambda a, b, c, d: a == d,
    "t_overlappedBy": lambda a, b, c, d: c < a < d < b,
    "t_overlaps": lambda a, b, c, d: a < c < b < d,
    "t_startedBy": lambda a, b, c, d: a == c and d < b,
    "t_starts": lambda a, b, c, d: a == c and b < d,
}


def holds(tree: Any, row: dict) -> bool | None:
    """Say whether a tree holds for a row: yes, no, or unknown (None) as SQL has it."""
    if isinstance(tree, bool):
        return tree
    op, args = tree["op"], tree["args"]
    if op in ("and", "or"):
        found = [holds(one, row) for one in args]
        wins = op == "or"
        return wins if wins in found else None if None in found else not wins
    if op == "not":
        found = holds(args[0], row)
        return None if found is None else not found
    if op.startswith("s_"):
        return _related(op, args, row)
    if op.startswith("t_"):
        ends = [_interval_ends(one, row) for one in args]
        return None if any(None in one for one in ends) else _ALLEN[op](*ends[0], *ends[1])
    return _scalar(op, args, row)


def _scalar(op: str, args: list, row: dict) -> bool | None:
    left = _value(args[0], row)
    if op == "isNull":
        return left is None
    if args[0]["property"] in FLOATS:  # numbers are compared as their field holds them
        args = [
            args[0],
            *([_float(one) for one in each] if isinstance(each, list) else _float(each) for each in args[1:]),
        ]
    if op in _COMPARE:
        right = _value(args[1], row)
        if left is None or right is None:
            return None
        if isinstance(left, int) != isinstance(right, int) and all(isinstance(one, dict) for one in args):
            left, right = float(left), float(right)  # two fields of which one holds floats
        return _COMPARE[op](left, right)
    if left is None:
        return None
    if op == "between":
        return _value(args[1], row) <= left <= _value(args[2], row)
    if op == "in":
        return left in [_value(one, row) for one in args[1]]
    assert op == "like"
    parts = re.findall(r"\\.|.", args[1], re.DOTALL)
    wild = {"%": ".*", "_": "."}
    return bool(re.fullmatch("".join(wild.get(one) or re.escape(one[-1]) for one in parts), left, re.DOTALL))


def _float(node: Any) -> Any:
    return node if isinstance(node, dict) else float(node)


def _value(node: Any, row: dict) -> Any:
    if isinstance(node, dict):
        return row[node["property"]] if "property" in node else node["date"]
    return node


def _interval_ends(node: Any, row: dict) -> tuple:
    if isinstance(node, dict) and "interval" in node:
        first, last = (_value(one, row) for one in node["interval"])
        return ("0001-01-01" if first in (None, "..") else first, "9999-12-31" if last in (None, "..") else last)
    only = _value(node, row)
    return only, only


def _related(op: str, args: list, row: dict) -> bool:
    name = op[2:]
    if isinstance(args[0], dict) and "property" in args[0]:
        literal = args[1]
    else:
        literal, name = args[0], {"within": "contains", "contains": "within"}.get(name, name)
    if "bbox" in literal:
        sides = literal["bbox"]
        west, south, east, north = sides if len(sides) == 4 else [sides[k] for k in (0, 1, 3, 4)]
        pieces = [(west, east)] if west <= east else [(west, 180), (-180, east)]
        shape = shapely.union_all([_span(a, south, b, north) for a, b in pieces])
    else:
        shape = shapely.geometry.shape(literal)
    if name not in ("intersects", "disjoint") and not row["geometry"].is_valid:
        return False
    return bool(getattr(row["geometry"], name)(shape))


def _span(west: float, south: float, east: float, north: float) -> Any:
    corners = sorted({(west, south), (east, south), (east, north), (west, north)})
    kinds = {1: shapely.Point, 2: shapely.LineString, 4: lambda _: shapely.box(west, south, east, north)}
    return kinds[len(corners)](corners[0] if len(corners) == 1 else corners)


# --- the trees ---


def leaves(layer: Layer) -> st.SearchStrategy[dict]:
    by_kind = {kind: [one.name for one in layer.fields if one.kind == kind] for kind in ("text", "number", "integer")}
    by_kind["date"] = ["valid_from", "valid_to"]
    values = {
        "text": st.sampled_from([one for one in TEXTS if one is not None]) | st.text("aAb中%_\\!*?[]", max_size=4),
        "number": st.sampled_from([-1.5, 0, 1, 2, 2.5, 2**53, 2**53 + 1, 10**30]) | st.floats(-5, 5),
        "integer": st.sampled_from([-1, 0, 1, 2, 1.5, 2.0, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 1e40]),
        "date": st.sampled_from(DAYS[1:]) | st.dates(date(2024, 1, 1), date(2028, 1, 1)).map(date.isoformat),
    }
    kinds = [kind for kind, names in by_kind.items() if names]

    def prop(kind: str) -> st.SearchStrategy[dict]:
        return st.sampled_from(by_kind[kind]).map(lambda name: {"property": name})

    def literal(kind: str) -> st.SearchStrategy[Any]:
        return values[kind].map(lambda one: {"date": one}) | values[kind] if kind == "date" else values[kind]

    def op(name: Any, *args: Any) -> st.SearchStrategy[dict]:
        names = name if isinstance(name, st.SearchStrategy) else st.just(name)
        return st.builds(lambda one, *given: {"op": one, "args": list(given)}, names, *args)

    comparison = st.sampled_from(sorted(_COMPARE))
    found = []
    for kind in kinds:
        found += [
            op(comparison, prop(kind), literal(kind)),
            op(comparison, prop(kind), prop(kind)),
            op("isNull", prop(kind)),
            op("in", prop(kind), st.lists(literal(kind), min_size=1, max_size=4)),
        ]
        if kind != "text":
            found.append(op("between", prop(kind), literal(kind), literal(kind)))
    if by_kind["integer"] and by_kind["number"]:
        found.append(op(comparison, prop("integer"), prop("number")))
    pattern = st.lists(
        st.sampled_from(["%", "_", "a", "b", "B", "中", "\\%", "\\_", "\\\\", "\\a", "*", "?", "[", "]", "!"])
    )
    found.append(op("like", prop("text"), pattern.map("".join)))
    literals = st.sampled_from([shapely.geometry.mapping(one) for one in SHAPES if one.is_valid]) | st.sampled_from(
        [{"bbox": box} for box in BOXES]
    )
    spatial = st.sampled_from(
        ["s_intersects", "s_disjoint", "s_equals", "s_touches", "s_crosses", "s_overlaps", "s_within", "s_contains"]
    )
    geometry = st.just({"property": "geometry"})
    found += [op(spatial, geometry, literals), op(spatial, literals, geometry)]
    instant = prop("date") | literal("date")
    interval = st.tuples(prop("date") | values["date"] | st.just(".."), prop("date") | values["date"] | st.just(".."))
    temporal = instant | interval.map(lambda ends: {"interval": list(ends)})
    found.append(op(st.sampled_from(sorted(_ALLEN)), temporal, temporal))
    found.append(st.booleans())
    return st.one_of(found)


def trees(layer: Layer) -> st.SearchStrategy[dict]:
    grown = st.recursive(
        leaves(layer),
        lambda inner: st.one_of(
            st.builds(
                lambda op, args: {"op": op, "args": args},
                st.sampled_from(["and", "or"]),
                st.lists(inner, min_size=1, max_size=4),
            ),
            inner.map(lambda one: {"op": "not", "args": [one]}),
        ),
        max_leaves=6,
    )
    return grown.map(lambda one: {"op": "and", "args": [one]} if isinstance(one, bool) else one)


@pytest.mark.parametrize("name", ["demand", "cameras"])
def test_both_stores_pick_the_rows_that_plain_python_picks(stores: list[Store], name: str) -> None:
    layer = LAYERS[name]
    table = rows(layer)[1]

    @settings(max_examples=100)
    @given(trees(layer))
    def agree(tree: dict) -> None:
        expected = [row[layer.key] for row in table if holds(tree, row)]
        for store in stores:
            frame = store.read(name, where=tree, at=ALWAYS)
            assert frame[layer.key].tolist() == expected, store.name
        compile_where(tree, layer, alias="t")
        box = box_of(tree)
        if box is not None:
            assert stores[0].read(name, where=tree, at=ALWAYS, bbox=box)[layer.key].tolist() == expected

    agree()


@pytest.mark.parametrize("name", ["demand", "cameras"])
def test_rows_are_what_a_frame_holds(stores: list[Store], name: str) -> None:
    layer, answers = LAYERS[name], []
    for store in stores:
        query = {
            "where": {"op": "isNull", "args": [{"property": "valid_to"}]},
            "at": ALWAYS,
            "limit": 50,
            "after": "k01",
        }
        frame, (shapes, values) = store.read(name, **query), store.rows(name, **query)
        assert len(frame) == len(shapes) == len(values) > 20
        assert frame.geometry.geom_equals_exact(gpd.GeoSeries(shapes, crs=4326), 0).all()
        for place, one in enumerate(layer.all_fields):
            here = [
                None if missing else value
                for value, missing in zip(frame[one.name], frame[one.name].isna(), strict=True)
            ]
            assert here == [row[place] for row in values], one.name
        answers.append(values)
        assert [len(one) for one in store.rows(name, after="z")] == [0, 0]
    assert answers[0] == answers[1]
