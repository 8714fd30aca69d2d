r"""Compile a parsed CQL2-JSON filter to SQL: known names and operators only, every value bound.

The tree is checked against the fields of a layer and against caps of depth and size, then written out with
double-quoted column names from ``geo.catalog.layers`` and named placeholders, which both SQLite and SQLAlchemy's
``text()`` accept. Caller text is never interpolated into SQL: names are looked up in a fixed list (after
CVE-2024-36401), and there are no functions. One compiler serves both stores, and both return the same rows: texts
compare by code point, numbers by the type of their field, ``like`` is case-sensitive with ``\`` as its escape, and
geometries relate as in GEOS, in degrees.

Missing values follow SQL: a comparison with null is neither true nor false; test with ``isNull``. Only in an
``interval`` a missing date is an open end, as in validity (docs/contract.md section 4).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import shapely

from geo.bounds import is_storable
from geo.catalog.fields import Field
from geo.catalog.layers import Layer
from geo.errors import BadValue, UnknownName
from geo.storage.codec.geopackage_header import SRS_ID
from geo.storage.filters.filter_shapes import (
    GEOMETRY,
    SPATIAL,
    check_count,
    is_geometry,
    is_list,
    is_number,
    is_property,
    shape_of,
)

Dialect = Literal["sqlite", "postgis"]

#: Real filters have a few levels; SQLite refuses expressions deeper than 1,000.
MAX_DEPTH = 24
#: Operators and operands together.
MAX_NODES = 500
#: Values in one ``in`` list, and values altogether.
MAX_LIST, MAX_VALUES = 1_000, 5_000
#: Characters in one text value.
MAX_TEXT = 1_000

#: Comparison operators.
COMPARE = ("=", "<>", "<", "<=", ">", ">=")
_CONVERSE = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
#: Temporal predicate -> its meaning for two closed intervals of days {a} to {b} and {c} to {d}; an instant is a = b.
TEMPORAL = {
    "t_after": "{a} > {d}",
    "t_before": "{b} < {c}",
    "t_contains": "{a} < {c} AND {b} > {d}",
    "t_disjoint": "{b} < {c} OR {a} > {d}",
    "t_during": "{a} > {c} AND {b} < {d}",
    "t_equals": "{a} = {c} AND {b} = {d}",
    "t_finishedBy": "{a} < {c} AND {b} = {d}",
    "t_finishes": "{a} > {c} AND {b} = {d}",
    "t_intersects": "{a} <= {d} AND {b} >= {c}",
    "t_meets": "{b} = {c}",
    "t_metBy": "{a} = {d}",
    "t_overlappedBy": "{a} > {c} AND {a} < {d} AND {b} > {d}",
    "t_overlaps": "{a} < {c} AND {b} > {c} AND {b} < {d}",
    "t_startedBy": "{a} = {c} AND {b} > {d}",
    "t_starts": "{a} = {c} AND {b} < {d}",
}
OPERATORS = ("and", "or", "not", *COMPARE, "like", "between", "in", "isNull", *SPATIAL, *TEMPORAL)
_KIND_ZH = {"text": "文本", "number": "数字", "integer": "数字", "date": "日期"}
_FIRST_DAY, _LAST_DAY = "0001-01-01", "9999-12-31"


@dataclass(frozen=True)
class SqlCondition:
    """One SQL condition and the values of its named placeholders."""

    sql: str
    params: dict[str, Any]


@dataclass
class _Compilation:
    """State of one compilation: the layer, the table alias, values and counts so far."""

    layer: Layer
    alias: str
    dialect: Dialect = "sqlite"
    params: dict[str, Any] = field(default_factory=dict)
    nodes: int = 0
    vertices: int = 0

    def bind(self, value: Any) -> str:
        if len(self.params) >= MAX_VALUES:
            raise BadValue(f"过滤条件超过 {MAX_VALUES} 个值", f"the filter has more than {MAX_VALUES} values")
        name = f"w{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    def day(self, text: str) -> str:
        bound = self.bind(text)
        return f"CAST({bound} AS date)" if self.dialect == "postgis" else bound

    def column(self, one: Field) -> str:
        return f'{self.alias}."{one.name}"'

    def shape(self) -> str:
        return f'{self.alias}."geom"'


def compile_where(tree: Mapping[str, Any], layer: Layer, *, alias: str, dialect: Dialect = "sqlite") -> SqlCondition:
    """Return the SQL condition of a filter.

    Parameters
    ----------
    tree
        CQL2-JSON as parsed: ``{"op": "=", "args": [{"property": "kind"}, "ptz"]}``, with the operators of
        ``OPERATORS``. A date is ``{"date": "2026-01-31"}`` or its text. A shape is GeoJSON or ``{"bbox": [...]}`` in
        degrees (WGS-84), and the property ``geometry`` is that of the feature.
    layer
        The layer whose fields may be named.
    alias
        The table alias to write before each column; never text of a caller.
    dialect
        ``sqlite`` calls ``gridsight_relates`` (``geo.storage.geopackage.spatial_predicates``), which each connection
        registers.

    Raises
    ------
    UnknownName
        A property or an operator is not in the list.
    BadValue
        The tree is malformed, a value has the wrong type, or a limit is exceeded.

    Examples
    --------
    >>> from geo.catalog.layers import layer
    >>> tree = {"op": "=", "args": [{"property": "kind"}, "ptz"]}
    >>> compile_where(tree, layer("cameras"), alias="t")
    SqlCondition(sql='(t."kind" = :w0)', params={'w0': 'ptz'})
    """
    compilation = _Compilation(layer, alias, dialect)
    return SqlCondition(_condition(tree, compilation, 1), compilation.params)


def _condition(node: Any, compilation: _Compilation, depth: int) -> str:
    """Write one operator with its arguments."""
    if depth > MAX_DEPTH:
        raise BadValue(f"过滤条件嵌套超过 {MAX_DEPTH} 层", f"the filter is nested deeper than {MAX_DEPTH} levels")
    _count(compilation)
    if isinstance(node, bool):
        return "(1 = 1)" if node else "(1 = 0)"
    if not isinstance(node, Mapping) or not isinstance(node.get("op"), str) or not is_list(node.get("args")):
        raise BadValue("过滤条件的每一步都应有 op 和 args", "each step of a filter needs an op and args")
    op, args = node["op"], node["args"]
    if op in ("and", "or"):
        return _joined(op, args, compilation, depth)
    if op == "not":
        _require_arguments(op, args, 1)
        return f"(NOT {_condition(args[0], compilation, depth + 1)})"
    if op == "isNull":
        _require_arguments(op, args, 1)
        return f"({compilation.column(_property(args[0], compilation))} IS NULL)"
    if op == "between":
        _require_arguments(op, args, 3)
        return _between(args, compilation)
    written = next((write for names, write in _BINARY if op in names), None)
    if written is None:
        known = ", ".join(OPERATORS)
        raise UnknownName(
            f"过滤条件不支持运算符 {op[:40]!r}，可用：{known}", f"no filter operator {op[:40]!r}; there are: {known}"
        )
    _require_arguments(op, args, 2)
    return written(op, args[0], args[1], compilation)


def _joined(op: str, args: Sequence[Any], compilation: _Compilation, depth: int) -> str:
    """Write ``and`` or ``or`` over at least one condition, as a balanced tree: SQLite counts a chain as depth."""
    if not args:
        raise BadValue(f"{op} 至少需要一个条件", f"{op} needs at least one condition")
    return _balanced(op, [_condition(one, compilation, depth + 1) for one in args])


def _balanced(op: str, parts: list[str]) -> str:
    while len(parts) > 1:
        pairs = [parts[i : i + 2] for i in range(0, len(parts), 2)]
        parts = [f"({f' {op.upper()} '.join(pair)})" for pair in pairs]
    return parts[0]


def _comparison(op: str, left: Any, right: Any, compilation: _Compilation) -> str:
    """Write a comparison of a property with a value, a value with a property, or two properties of one type."""
    if not is_property(left):
        if not is_property(right):
            raise BadValue("比较的一边必须是字段", "one side of a comparison must be a property")
        left, right, op = right, left, _CONVERSE.get(op, op)
    one = _property(left, compilation)
    if is_property(right):
        other = _property(right, compilation)
        if _KIND_ZH[one.kind] != _KIND_ZH[other.kind]:
            raise BadValue(f"{one.name} 与 {other.name} 不可比较", f"{one.name} and {other.name} cannot be compared")
        sides = [compilation.column(one), compilation.column(other)]
        if compilation.dialect == "sqlite" and one.kind != other.kind:  # as PostgreSQL does
            sides = [f"CAST({side} AS REAL)" for side in sides]
        return f"({sides[0]} {op} {sides[1]})"
    return f"({compilation.column(one)} {op} {_bound(right, one, compilation)})"


def _between(args: Sequence[Any], compilation: _Compilation) -> str:
    """Write ``between`` a low and a high value, both included, of a number or a date."""
    one = _property(args[0], compilation)
    if one.kind == "text":
        raise BadValue(f"{one.name} 是文本，不能用 between", f"{one.name} is a text and takes no between")
    low, high = (_bound(value, one, compilation) for value in args[1:])
    return f"({compilation.column(one)} >= {low} AND {compilation.column(one)} <= {high})"


def _like(_op: str, left: Any, pattern: Any, compilation: _Compilation) -> str:
    r"""Write ``like``: % is any text, _ one character, \ escapes the next one; case-sensitive.

    LIKE of SQLite ignores case in ASCII and GLOB does not, so the pattern is rewritten for each dialect.
    """
    one = _property(left, compilation)
    if one.kind != "text":
        raise BadValue(f"{one.name} 不是文本，不能用 like", f"{one.name} is no text and takes no like")
    text, out, i = _value(pattern, one, compilation), [], 0
    wild, special = ({"%": "*", "_": "?"}, "*?[") if compilation.dialect == "sqlite" else ({"%": "%", "_": "_"}, "%_!")
    while i < len(text):
        if text[i] == "\\":
            i += 1
            if i == len(text):
                raise BadValue("like 的模式以 \\ 结尾", "the pattern of like ends with \\")
            plain = True
        else:
            plain = text[i] not in wild
        if not plain:
            out.append(wild[text[i]])
        elif text[i] in special:
            out.append(f"[{text[i]}]" if compilation.dialect == "sqlite" else f"!{text[i]}")
        else:
            out.append(text[i])
        i += 1
    bound = compilation.bind("".join(out))
    if compilation.dialect == "sqlite":
        return f"({compilation.column(one)} GLOB {bound})"
    return f"({compilation.column(one)} LIKE {bound} ESCAPE '!')"


def _spatial(op: str, left: Any, right: Any, compilation: _Compilation) -> str:
    """Write a spatial predicate of the feature's geometry and a literal one."""
    if is_property(right) and not is_property(left):
        left, right, op = right, left, SPATIAL[op]
    _count(compilation)
    if not is_geometry(left):
        one = _property(left, compilation)
        raise BadValue(f"{one.name} 不是图形，{op} 只用于 {GEOMETRY}", f"{one.name} is no shape: {op} takes {GEOMETRY}")
    if is_property(right):
        raise BadValue(f"{op} 的另一边须是图形", f"the other side of {op} must be a shape")
    shape, vertices = shape_of(right)
    compilation.vertices += vertices
    check_count(compilation.vertices)
    bound = compilation.bind(shapely.to_wkb(shape, byte_order=1, output_dimension=2))
    column = compilation.shape()
    if compilation.dialect == "sqlite":
        return f"(gridsight_relates('{op}', {column}, {bound}) = 1)"
    literal = f"ST_GeomFromWKB(CAST({bound} AS bytea), {SRS_ID})"
    meets = f"({column} && {literal} AND ST_Intersects({column}, {literal}))"
    if op == "s_intersects":
        return meets
    if op == "s_disjoint":
        return f"(NOT {meets})"
    # GEOS does not relate invalid geometries; such a row only intersects or is disjoint.
    return (
        f"({column} && {literal} AND CASE WHEN ST_IsValid({column}) "
        f"THEN ST_{op[2:].capitalize()}({column}, {literal}) ELSE FALSE END)"
    )


def _temporal(op: str, left: Any, right: Any, compilation: _Compilation) -> str:
    """Write a temporal predicate of two dates or intervals of dates."""
    (a, b), (c, d) = (_interval_ends(one, compilation) for one in (left, right))
    return f"({TEMPORAL[op].format(a=a, b=b, c=c, d=d)})"


def _interval_ends(node: Any, compilation: _Compilation) -> tuple[str, str]:
    """Write the first and the last day of a date or an interval."""
    if isinstance(node, Mapping) and set(node) == {"interval"}:
        ends = node["interval"]
        if not is_list(ends) or len(ends) != 2:
            raise BadValue("interval 需要起止两个日期", "an interval has two ends")
        first, last = (
            _day(end, compilation, opened) for end, opened in zip(ends, (_FIRST_DAY, _LAST_DAY), strict=True)
        )
        return first, last
    only = _day(node, compilation, None)
    return only, only


def _day(node: Any, compilation: _Compilation, opened: str | None) -> str:
    """Write a date; at an end of an interval, ``..`` and a missing value are open."""
    if is_property(node):
        one = _property(node, compilation)
        if one.kind != "date":
            raise BadValue(f"{one.name} 不是日期", f"{one.name} is no date")
        return (
            compilation.column(one)
            if opened is None
            else f"coalesce({compilation.column(one)}, {compilation.day(opened)})"
        )
    if opened is not None and node in ("..", ""):
        return compilation.day(opened)
    return compilation.day(_value(node, compilation.layer.field("valid_from"), compilation))


def _membership(_op: str, left: Any, values: Any, compilation: _Compilation) -> str:
    """Write ``in``: a property and a list of values, at least one."""
    one = _property(left, compilation)
    if not is_list(values) or not values or len(values) > MAX_LIST:
        raise BadValue(f"in 需要 1 到 {MAX_LIST} 个值的列表", f"in needs a list of 1 to {MAX_LIST} values")
    bound = [_bound(value, one, compilation, counted=False) for value in values]
    if one.kind == "integer" and any(isinstance(compilation.params[mark[1:]], float) for mark in bound):
        # PostgreSQL converts a list to one type, and whole numbers among floats would be rounded.
        return _balanced("or", [f"({compilation.column(one)} = {mark})" for mark in bound])
    return f"({compilation.column(one)} IN ({', '.join(bound)}))"


def _property(node: Any, compilation: _Compilation) -> Field:
    """Look up the property among the layer's fields; nothing else can be named."""
    _count(compilation)
    if not is_property(node) or not isinstance(node["property"], str):
        raise BadValue("此处应为字段", 'a property, {"property": name}, is expected here')
    name = node["property"]
    for one in compilation.layer.all_fields:
        if one.name == name:
            return one
    raise UnknownName(
        f"图层 {compilation.layer.name} 没有字段 {name[:60]!r}",
        f"layer {compilation.layer.name} has no field {name[:60]!r}",
    )


def _bound(node: Any, one: Field, compilation: _Compilation, *, counted: bool = True) -> str:
    """Bind a value of the type of the field."""
    value = _value(node, one, compilation if counted else None)
    return compilation.day(value) if one.kind == "date" else compilation.bind(value)


def _value(node: Any, one: Field, compilation: _Compilation | None) -> Any:
    """Return a value to bind, of the type of the field."""
    if compilation is not None:
        _count(compilation)
    if one.kind == "date":
        text = node["date"] if isinstance(node, Mapping) and set(node) == {"date"} else node
        try:
            return date.fromisoformat(text).isoformat()
        except (TypeError, ValueError):
            raise _wrong_type_error(one) from None
    if one.kind == "text":
        if not isinstance(node, str) or len(node) > MAX_TEXT or not is_storable(node):
            raise _wrong_type_error(one)
        return node
    if not is_number(node):
        raise _wrong_type_error(one)
    # SQLite compares integers and floats exactly, PostgreSQL as floats: binding the field's type makes both equal.
    if one.kind == "number":
        return float(node)
    if abs(node) >= 2**63:  # beyond any stored integer, also after rounding
        return math.copysign(2.0**64, node)
    return int(node) if isinstance(node, int) or node.is_integer() else node


def _wrong_type_error(one: Field) -> BadValue:
    en = {"text": f"a text of at most {MAX_TEXT} characters", "date": "a date such as 2026-01-31"}.get(
        one.kind, "a number"
    )
    return BadValue(f"{one.name} 只能与{_KIND_ZH[one.kind]}比较", f"{one.name} is compared with {en}")


def _count(compilation: _Compilation) -> None:
    compilation.nodes += 1
    if compilation.nodes > MAX_NODES:
        raise BadValue(f"过滤条件超过 {MAX_NODES} 项", f"the filter has more than {MAX_NODES} parts")


def _require_arguments(op: str, args: Sequence[Any], number: int) -> None:
    if len(args) != number:
        raise BadValue(f"{op} 需要 {number} 个参数", f"{op} takes {number} argument(s)")


_BINARY: tuple[tuple[Any, Callable[[str, Any, Any, _Compilation], str]], ...] = (
    (COMPARE, _comparison),
    (("in",), _membership),
    (("like",), _like),
    (SPATIAL, _spatial),
    (TEMPORAL, _temporal),
)
