"""Compile a parsed CQL2-JSON filter to SQL: known names and operators only, every value bound.

The tree is checked against the fields of a layer and against caps of depth and size, then written out with
double-quoted column names from ``geo.layers`` and named placeholders, which both SQLite and SQLAlchemy's ``text()``
take. No text of the caller ever becomes SQL: names are looked up in a fixed list (after CVE-2024-36401), functions do
not exist. Missing values follow SQL: a comparison with null is neither true nor false; ask with ``isNull``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from geo.errors import BadValue, UnknownName
from geo.layers import Field, Layer

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
OPERATORS = ("and", "or", "not", *_COMPARE, "in", "isNull")
_KIND_ZH = {"text": "文本", "number": "数字", "integer": "数字", "date": "日期"}


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
    params: dict[str, Any] = field(default_factory=dict)
    nodes: int = 0

    def bind(self, value: Any) -> str:
        if len(self.params) >= MAX_VALUES:
            raise BadValue(f"过滤条件超过 {MAX_VALUES} 个值", f"the filter has more than {MAX_VALUES} values")
        name = f"w{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    def column(self, one: Field) -> str:
        return f'{self.alias}."{one.name}"'


def compile_where(tree: Mapping[str, Any], layer: Layer, *, alias: str) -> Clause:
    """Return the SQL condition of a filter.

    Parameters
    ----------
    tree
        CQL2-JSON as parsed: ``{"op": "=", "args": [{"property": "kind"}, "ptz"]}``. Operators are ``and``, ``or``,
        ``not``, the six comparisons, ``in`` and ``isNull``. A date is ``{"date": "2026-01-31"}`` or its text.
    layer
        The layer whose fields may be named.
    alias
        The table alias to write before each column; ours, never the caller's.

    Raises
    ------
    UnknownName
        A property or an operator is not on the list.
    BadValue
        The tree is malformed, a value has the wrong kind, or a cap is passed.
    """
    writer = _Writer(layer, alias)
    return Clause(_condition(tree, writer, 1), writer.params)


def _condition(node: Any, writer: _Writer, depth: int) -> str:
    """Write one operator with its arguments."""
    if depth > MAX_DEPTH:
        raise BadValue(f"过滤条件嵌套超过 {MAX_DEPTH} 层", f"the filter is nested deeper than {MAX_DEPTH} levels")
    _count(writer)
    if not isinstance(node, Mapping) or not isinstance(node.get("op"), str) or not _is_list(node.get("args")):
        raise BadValue("过滤条件的每一步都应有 op 和 args", "each step of a filter needs an op and args")
    op, args = node["op"], node["args"]
    if op in ("and", "or"):
        return _joined(op, args, writer, depth)
    if op == "not":
        _expect(op, args, 1)
        return f"(NOT {_condition(args[0], writer, depth + 1)})"
    if op in _COMPARE:
        _expect(op, args, 2)
        return _comparison(op, args[0], args[1], writer)
    if op == "in":
        _expect(op, args, 2)
        return _membership(args[0], args[1], writer)
    if op == "isNull":
        _expect(op, args, 1)
        return f"({writer.column(_property(args[0], writer))} IS NULL)"
    known = ", ".join(OPERATORS)
    raise UnknownName(
        f"过滤条件不支持运算符 {op[:40]!r}，可用：{known}", f"no filter operator {op[:40]!r}; there are: {known}"
    )


def _joined(op: str, args: Sequence[Any], writer: _Writer, depth: int) -> str:
    """Write ``and`` or ``or`` over at least one condition, as a balanced tree: SQLite counts a chain as depth."""
    if not args:
        raise BadValue(f"{op} 至少需要一个条件", f"{op} needs at least one condition")
    parts = [_condition(one, writer, depth + 1) for one in args]
    while len(parts) > 1:
        pairs = [parts[i : i + 2] for i in range(0, len(parts), 2)]
        parts = [f"({f' {op.upper()} '.join(pair)})" for pair in pairs]
    return parts[0]


def _comparison(op: str, left: Any, right: Any, writer: _Writer) -> str:
    """Write a comparison of a property with a value, a value with a property, or two properties of one kind."""
    if not _is_property(left):
        if not _is_property(right):
            raise BadValue("比较的一边必须是字段", "one side of a comparison must be a property")
        left, right, op = right, left, _FLIP.get(op, op)
    one = _property(left, writer)
    if _is_property(right):
        other = _property(right, writer)
        if _KIND_ZH[one.kind] != _KIND_ZH[other.kind]:
            raise BadValue(f"{one.name} 与 {other.name} 不可比较", f"{one.name} and {other.name} cannot be compared")
        return f"({writer.column(one)} {op} {writer.column(other)})"
    return f"({writer.column(one)} {op} {writer.bind(_value(right, one, writer))})"


def _membership(left: Any, values: Any, writer: _Writer) -> str:
    """Write ``in``: a property and a list of values, at least one."""
    one = _property(left, writer)
    if not _is_list(values) or not values or len(values) > MAX_LIST:
        raise BadValue(f"in 需要 1 到 {MAX_LIST} 个值的列表", f"in needs a list of 1 to {MAX_LIST} values")
    bound = ", ".join(writer.bind(_value(value, one, None)) for value in values)
    return f"({writer.column(one)} IN ({bound}))"


def _property(node: Any, writer: _Writer) -> Field:
    """Look the property up among the layer's fields; nothing else can be named."""
    _count(writer)
    if not _is_property(node) or not isinstance(node["property"], str):
        raise BadValue("此处应为字段", 'a property, {"property": name}, is expected here')
    name = node["property"]
    for one in writer.layer.all_fields:
        if one.name == name:
            return one
    raise UnknownName(
        f"图层 {writer.layer.name} 没有字段 {name[:60]!r}", f"layer {writer.layer.name} has no field {name[:60]!r}"
    )


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
    # SQLite cannot hold an integer beyond 64 bits: compare it as the float it nearly is.
    if isinstance(node, bool) or not isinstance(node, int | float) or not _is_finite(node):
        raise _wrong(one)
    return node if isinstance(node, int) and abs(node) < 2**63 else float(node)


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


def _is_property(node: Any) -> bool:
    return isinstance(node, Mapping) and set(node) == {"property"}


def _is_list(node: Any) -> bool:
    return isinstance(node, Sequence) and not isinstance(node, str | bytes)


def _is_finite(number: int | float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _is_unicode(text: str) -> bool:
    """Tell a text that can be stored from one with half a surrogate pair."""
    return not any(0xD800 <= ord(one) <= 0xDFFF for one in text)
