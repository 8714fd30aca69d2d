"""Show that a filter becomes SQL from known names and bound values only."""

from __future__ import annotations

from typing import Any

import pytest

from geo.catalog.layers import LAYERS
from geo.errors import BadValue, UnknownName
from geo.storage.filters.compiler import MAX_DEPTH, MAX_LIST, MAX_NODES, compile_where

KIND = {"property": "kind"}


def compiled(tree: Any) -> tuple[str, dict[str, Any]]:
    clause = compile_where(tree, LAYERS["cameras"], alias="t")
    return clause.sql, clause.params


def test_values_are_bound_and_columns_quoted() -> None:
    assert compiled({"op": "=", "args": [KIND, "x' OR 1=1"]}) == ('(t."kind" = :w0)', {"w0": "x' OR 1=1"})
    tree = {
        "op": "and",
        "args": [{"op": "in", "args": [{"property": "class"}, [1, 2]]}, {"op": "isNull", "args": [KIND]}],
    }
    assert compiled(tree) == ('((t."class" IN (:w0, :w1)) AND (t."kind" IS NULL))', {"w0": 1, "w1": 2})


def test_a_value_before_a_property_turns_the_operator() -> None:
    assert compiled({"op": "<", "args": [4, {"property": "height"}]}) == ('(t."height" > :w0)', {"w0": 4})
    assert compiled({"op": "=", "args": [4, {"property": "height"}]}) == ('(t."height" = :w0)', {"w0": 4})


@pytest.mark.parametrize(
    "tree",
    [
        {"op": "=", "args": [{"property": "password"}, "x"]},
        {"op": "=", "args": [{"property": "fid"}, 1]},
        {"op": "=", "args": [{"property": 'kind" OR 1=1 --'}, "x"]},
        {"op": "isNull", "args": [{"property": "geom"}]},
        {"op": "pg_sleep", "args": [10]},
        {"op": "casei", "args": [KIND]},
        {"op": "s_buffer", "args": [{"property": "geometry"}, 1]},
        {"op": "=", "args": [{"property": "geometry"}, "x"]},
        {"op": "s_intersects", "args": [{"property": "geom"}, {"type": "Point", "coordinates": [0, 0]}]},
        {"op": "AND", "args": [{"op": "isNull", "args": [KIND]}]},
    ],
)
def test_unknown_names_are_refused(tree: Any) -> None:
    with pytest.raises(UnknownName):
        compiled(tree)


@pytest.mark.parametrize(
    "tree",
    [
        None,
        "kind = 'ptz'",
        [],
        {},
        {"op": "="},
        {"op": "=", "args": "ab"},
        {"op": ["="], "args": [KIND, "x"]},
        {"op": "=", "args": [KIND]},
        {"op": "=", "args": [KIND, "x", "y"]},
        {"op": "=", "args": ["x", "y"]},
        {"op": "=", "args": [KIND, 5]},
        {"op": "=", "args": [KIND, None]},
        {"op": "=", "args": [KIND, {"op": "upper", "args": ["x"]}]},
        {"op": "=", "args": [KIND, {"property": "height"}]},
        {"op": "=", "args": [KIND, "x" * 1001]},
        {"op": "=", "args": [KIND, "\ud800"]},
        {"op": "=", "args": [{"property": "height"}, "4"]},
        {"op": "=", "args": [{"property": "height"}, True]},
        {"op": "=", "args": [{"property": "height"}, float("nan")]},
        {"op": "=", "args": [{"property": "height"}, float("inf")]},
        {"op": "=", "args": [{"property": "height"}, 10**400]},
        {"op": "=", "args": [{"property": "valid_from"}, "yesterday"]},
        {"op": "=", "args": [{"property": "valid_from"}, {"date": 5}]},
        {"op": "=", "args": [{"property": ["kind"]}, "x"]},
        {"op": "=", "args": [{"property": "kind", "other": 1}, "x"]},
        {"op": "in", "args": [KIND, []]},
        {"op": "in", "args": [KIND, "ptz"]},
        {"op": "in", "args": [KIND, ["x"] * (MAX_LIST + 1)]},
        {"op": "and", "args": []},
        {"op": "not", "args": []},
        {"op": "or", "args": [{"op": "isNull", "args": [KIND]}] * MAX_NODES},
        {"op": "or", "args": [{"op": "in", "args": [KIND, ["x"] * MAX_LIST]}] * 20},
    ],
)
def test_malformed_filters_are_refused(tree: Any) -> None:
    with pytest.raises(BadValue):
        compiled(tree)


def test_depth_is_capped_before_python_is() -> None:
    tree: Any = {"op": "isNull", "args": [KIND]}
    for _ in range(10_000):
        tree = {"op": "not", "args": [tree]}
    with pytest.raises(BadValue):
        compiled(tree)
    tree = {"op": "isNull", "args": [KIND]}
    for _ in range(MAX_DEPTH - 1):
        tree = {"op": "not", "args": [tree]}
    assert compiled(tree)[0].count("NOT") == MAX_DEPTH - 1


def test_a_wide_filter_stays_shallow_for_sqlite() -> None:
    tree = {"op": "or", "args": [{"op": "isNull", "args": [KIND]}] * ((MAX_NODES - 1) // 2)}
    sql = compiled(tree)[0]
    deepest = depth = 0
    for one in sql:
        depth += {"(": 1, ")": -1}.get(one, 0)
        deepest = max(deepest, depth)
    assert deepest < 12
