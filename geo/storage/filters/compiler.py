r"""Compile a parsed CQL2-JSON filter to SQL: known names and operators only, every value bound.

The tree is checked against the fields of a layer and against caps of depth and size, then written out with
double-quoted column names from ``geo.catalog.layers`` and named placeholders, which both SQLite and SQLAlchemy's
``text()`` take. No text of the caller ever becomes SQL: names are looked up in a fixed list (after CVE-2024-36401),
functions do not exist. One compiler serves both stores, and the same rows answer in both: texts compare by code point,
numbers as their field holds them, ``like`` minds case and knows ``\`` as its escape, shapes meet as GEOS says in
degrees.

Missing values follow SQL: a comparison with null is neither true nor false; ask with ``isNull``. Only in an
``interval`` a missing date is an open end, as validity has it (CONTRACT section 4).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import shapely

from geo.catalog.fields import Field
from geo.catalog.layers import Layer
from geo.errors import BadValue, UnknownName
from geo.storage.codec.geopackage_blobs import SRS_ID
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

#: A filter written by people has a handful of levels; SQLite refuses expressions deeper than 1,000.
MAX_DEPTH = 24
#: Operators and operands together.
MAX_NODES = 500
#: Values in one ``in`` list, and values altogether.
MAX_LIST, MAX_VALUES = 1_000, 5_000
#: Characters in one text value.
MAX_TEXT = 1_000

_COMPARE = ("=", "<>", "<", "<=", ">", ">=")
_FLIP = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
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
OPERATORS = ("and", "or", "not", *_COMPARE, "like", "between", "in", "isNull", *SPATIAL, *TEMPORAL)
_KIND_ZH = {"text": "文本", "number": "数字", "integer": "数字", "date": "日期"}
_FIRST_DAY, _LAST_DAY = "0001-01-01", "9999-12-31"


@dataclass(frozen=True)
class Clause:
    """Hold one SQL condition and the values of its named placeholders."""

    sql: str
    params: dict[str, Any]


@dataclass
class _Writer:
    """Hold what one compilation needs: the layer, the table alias, and what it has met so far."""

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


def compile_where(tree: Mapping[str, Any], layer: Layer, *, alias: str, dialect: Dialect = "sqlite") -> Clause:
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
        The table alias to write before each column; ours, never the caller's.
    dialect
        ``sqlite`` calls ``gridsight_relates`` (``geo.storage.geopackage.spatial_predicates``), which the session
        registers.

    Raises
    ------
    UnknownName
        A property or an operator is not on the list.
    BadValue
        The tree is malformed, a value has the wrong kind, or a cap is passed.
    """
    writer = _Writer(layer, alias, dialect)
    return Clause(_condition(tree, writer, 1), writer.params)


def _condition(node: Any, writer: _Writer, depth: int) -> str:
    """Write one operator with its arguments."""
    if depth > MAX_DEPTH:
        raise BadValue(f"过滤条件嵌套超过 {MAX_DEPTH} 层", f"the filter is nested deeper than {MAX_DEPTH} levels")
    _count(writer)
    if isinstance(node, bool):
        return "(1 = 1)" if node else "(1 = 0)"
    if not isinstance(node, Mapping) or not isinstance(node.get("op"), str) or not is_list(node.get("args")):
        raise BadValue("过滤条件的每一步都应有 op 和 args", "each step of a filter needs an op and args")
    op, args = node["op"], node["args"]
    if op in ("and", "or"):
        return _joined(op, args, writer, depth)
    if op == "not":
        _expect(op, args, 1)
        return f"(NOT {_condition(args[0], writer, depth + 1)})"
    if op == "isNull":
        _expect(op, args, 1)
        return f"({writer.column(_property(args[0], writer))} IS NULL)"
    if op == "between":
        _expect(op, args, 3)
        return _between(args, writer)
    written = next((write for names, write in _BINARY if op in names), None)
    if written is None:
        known = ", ".join(OPERATORS)
        raise UnknownName(
            f"过滤条件不支持运算符 {op[:40]!r}，可用：{known}", f"no filter operator {op[:40]!r}; there are: {known}"
        )
    _expect(op, args, 2)
    return written(op, args[0], args[1], writer)


def _joined(op: str, args: Sequence[Any], writer: _Writer, depth: int) -> str:
    """Write ``and`` or ``or`` over at least one condition, as a balanced tree: SQLite counts a chain as depth."""
    if not args:
        raise BadValue(f"{op} 至少需要一个条件", f"{op} needs at least one condition")
    return _balanced(op, [_condition(one, writer, depth + 1) for one in args])


def _balanced(op: str, parts: list[str]) -> str:
    while len(parts) > 1:
        pairs = [parts[i : i + 2] for i in range(0, len(parts), 2)]
        parts = [f"({f' {op.upper()} '.join(pair)})" for pair in pairs]
    return parts[0]


def _comparison(op: str, left: Any, right: Any, writer: _Writer) -> str:
    """Write a comparison of a property with a value, a value with a property, or two properties of one kind."""
    if not is_property(left):
        if not is_property(right):
            raise BadValue("比较的一边必须是字段", "one side of a comparison must be a property")
        left, right, op = right, left, _FLIP.get(op, op)
    one = _property(left, writer)
    if is_property(right):
        other = _property(right, writer)
        if _KIND_ZH[one.kind] != _KIND_ZH[other.kind]:
            raise BadValue(f"{one.name} 与 {other.name} 不可比较", f"{one.name} and {other.name} cannot be compared")
        sides = [writer.column(one), writer.column(other)]
        if writer.dialect == "sqlite" and one.kind != other.kind:  # as PostgreSQL does of itself
            sides = [f"CAST({side} AS REAL)" for side in sides]
        return f"({sides[0]} {op} {sides[1]})"
    return f"({writer.column(one)} {op} {_bound(right, one, writer)})"


def _between(args: Sequence[Any], writer: _Writer) -> str:
    """Write ``between`` a low and a high value, both in it, of a number or a date."""
    one = _property(args[0], writer)
    if one.kind == "text":
        raise BadValue(f"{one.name} 是文本，不能用 between", f"{one.name} is a text and takes no between")
    low, high = (_bound(value, one, writer) for value in args[1:])
    return f"({writer.column(one)} >= {low} AND {writer.column(one)} <= {high})"


def _like(_op: str, left: Any, pattern: Any, writer: _Writer) -> str:
    r"""Write ``like``: % is any text, _ one character, \ takes the next one as it is; case matters.

    LIKE of SQLite minds no case beyond ASCII and GLOB does, so the pattern is written anew for each.
    """
    one = _property(left, writer)
    if one.kind != "text":
        raise BadValue(f"{one.name} 不是文本，不能用 like", f"{one.name} is no text and takes no like")
    text, out, i = _value(pattern, one, writer), [], 0
    wild, special = ({"%": "*", "_": "?"}, "*?[") if writer.dialect == "sqlite" else ({"%": "%", "_": "_"}, "%_!")
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
            out.append(f"[{text[i]}]" if writer.dialect == "sqlite" else f"!{text[i]}")
        else:
            out.append(text[i])
        i += 1
    bound = writer.bind("".join(out))
    if writer.dialect == "sqlite":
        return f"({writer.column(one)} GLOB {bound})"
    return f"({writer.column(one)} LIKE {bound} ESCAPE '!')"


def _spatial(op: str, left: Any, right: Any, writer: _Writer) -> str:
    """Write a spatial predicate of the feature's shape and a literal one."""
    if is_property(right) and not is_property(left):
        left, right, op = right, left, SPATIAL[op]
    _count(writer)
    if not is_geometry(left):
        one = _property(left, writer)
        raise BadValue(f"{one.name} 不是图形，{op} 只用于 {GEOMETRY}", f"{one.name} is no shape: {op} takes {GEOMETRY}")
    if is_property(right):
        raise BadValue(f"{op} 的另一边须是图形", f"the other side of {op} must be a shape")
    shape, vertices = shape_of(right)
    writer.vertices += vertices
    check_count(writer.vertices)
    bound = writer.bind(shapely.to_wkb(shape, byte_order=1, output_dimension=2))
    column = writer.shape()
    if writer.dialect == "sqlite":
        return f"(gridsight_relates('{op}', {column}, {bound}) = 1)"
    literal = f"ST_GeomFromWKB(CAST({bound} AS bytea), {SRS_ID})"
    meets = f"({column} && {literal} AND ST_Intersects({column}, {literal}))"
    if op == "s_intersects":
        return meets
    if op == "s_disjoint":
        return f"(NOT {meets})"
    # GEOS refuses to relate a shape that crosses itself; such a row is in no relation but meeting and being apart.
    return (
        f"({column} && {literal} AND CASE WHEN ST_IsValid({column}) "
        f"THEN ST_{op[2:].capitalize()}({column}, {literal}) ELSE FALSE END)"
    )


def _temporal(op: str, left: Any, right: Any, writer: _Writer) -> str:
    """Write a temporal predicate of two dates or intervals of dates."""
    (a, b), (c, d) = (_ends(one, writer) for one in (left, right))
    return f"({TEMPORAL[op].format(a=a, b=b, c=c, d=d)})"


def _ends(node: Any, writer: _Writer) -> tuple[str, str]:
    """Write the first and the last day of a date or an interval."""
    if isinstance(node, Mapping) and set(node) == {"interval"}:
        ends = node["interval"]
        if not is_list(ends) or len(ends) != 2:
            raise BadValue("interval 需要起止两个日期", "an interval has two ends")
        first, last = (_day(end, writer, opened) for end, opened in zip(ends, (_FIRST_DAY, _LAST_DAY), strict=True))
        return first, last
    only = _day(node, writer, None)
    return only, only


def _day(node: Any, writer: _Writer, opened: str | None) -> str:
    """Write a date; at the end of an interval ``..`` and a missing value are open."""
    if is_property(node):
        one = _property(node, writer)
        if one.kind != "date":
            raise BadValue(f"{one.name} 不是日期", f"{one.name} is no date")
        return writer.column(one) if opened is None else f"coalesce({writer.column(one)}, {writer.day(opened)})"
    if opened is not None and node in ("..", ""):
        return writer.day(opened)
    return writer.day(_value(node, writer.layer.field("valid_from"), writer))


def _membership(_op: str, left: Any, values: Any, writer: _Writer) -> str:
    """Write ``in``: a property and a list of values, at least one."""
    one = _property(left, writer)
    if not is_list(values) or not values or len(values) > MAX_LIST:
        raise BadValue(f"in 需要 1 到 {MAX_LIST} 个值的列表", f"in needs a list of 1 to {MAX_LIST} values")
    bound = [_bound(value, one, writer, counted=False) for value in values]
    if one.kind == "integer" and any(isinstance(writer.params[mark[1:]], float) for mark in bound):
        # PostgreSQL brings a list to one kind, and whole numbers among floats would be rounded.
        return _balanced("or", [f"({writer.column(one)} = {mark})" for mark in bound])
    return f"({writer.column(one)} IN ({', '.join(bound)}))"


def _property(node: Any, writer: _Writer) -> Field:
    """Look the property up among the layer's fields; nothing else can be named."""
    _count(writer)
    if not is_property(node) or not isinstance(node["property"], str):
        raise BadValue("此处应为字段", 'a property, {"property": name}, is expected here')
    name = node["property"]
    for one in writer.layer.all_fields:
        if one.name == name:
            return one
    raise UnknownName(
        f"图层 {writer.layer.name} 没有字段 {name[:60]!r}", f"layer {writer.layer.name} has no field {name[:60]!r}"
    )


def _bound(node: Any, one: Field, writer: _Writer, *, counted: bool = True) -> str:
    """Bind a value of the kind of the field."""
    value = _value(node, one, writer if counted else None)
    return writer.day(value) if one.kind == "date" else writer.bind(value)


def _value(node: Any, one: Field, writer: _Writer | None) -> Any:
    """Return a value to bind, of the kind of the field."""
    if writer is not None:
        _count(writer)
    if one.kind == "date":
        text = node["date"] if isinstance(node, Mapping) and set(node) == {"date"} else node
        try:
            return date.fromisoformat(text).isoformat()
        except (TypeError, ValueError):
            raise _wrong(one) from None
    if one.kind == "text":
        if not isinstance(node, str) or len(node) > MAX_TEXT or not _is_unicode(node):
            raise _wrong(one)
        return node
    if not is_number(node):
        raise _wrong(one)
    # SQLite compares whole numbers and floats exactly, PostgreSQL as floats: what is bound makes it one and the same.
    if one.kind == "number":
        return float(node)
    if abs(node) >= 2**63:  # beyond any whole number stored, and still so after rounding
        return math.copysign(2.0**64, node)
    return int(node) if isinstance(node, int) or node.is_integer() else node


def _wrong(one: Field) -> BadValue:
    en = {"text": f"a text of at most {MAX_TEXT} characters", "date": "a date such as 2026-01-31"}.get(
        one.kind, "a number"
    )
    return BadValue(f"{one.name} 只能与{_KIND_ZH[one.kind]}比较", f"{one.name} is compared with {en}")


def _count(writer: _Writer) -> None:
    writer.nodes += 1
    if writer.nodes > MAX_NODES:
        raise BadValue(f"过滤条件超过 {MAX_NODES} 项", f"the filter has more than {MAX_NODES} parts")


def _expect(op: str, args: Sequence[Any], number: int) -> None:
    if len(args) != number:
        raise BadValue(f"{op} 需要 {number} 个参数", f"{op} takes {number} argument(s)")


def _is_unicode(text: str) -> bool:
    """Tell a text that can be stored from one with half a surrogate pair, or NUL, which PostgreSQL has no place for."""
    return not any(0xD800 <= ord(one) <= 0xDFFF or one == "\0" for one in text)


_BINARY: tuple[tuple[Any, Callable[[str, Any, Any, _Writer], str]], ...] = (
    (_COMPARE, _comparison),
    (("in",), _membership),
    (("like",), _like),
    (SPATIAL, _spatial),
    (TEMPORAL, _temporal),
)
