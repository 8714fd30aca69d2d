"""Read CQL2 text into the CQL2-JSON tree that ``geo.storage.filters.compiler`` compiles.

A recursive descent parser in one pass: time is linear in the length of the text, and depth is limited to
``MAX_DEPTH``. General parsers backtrack: cql2 0.6 takes 3 s for 20 opening brackets, doubles with each further one,
and crashes the process at 3,000; the tests use it as a second parser. The grammar is that of OGC 21-065r2, annex B,
without arithmetic, arrays, functions and CASEI/ACCENTI, for which conformance is not claimed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from geo.errors import BadValue, UnknownName
from geo.storage.filters.compiler import COMPARE, MAX_DEPTH, TEMPORAL
from geo.storage.filters.filter_shapes import MAX_VERTICES, SPATIAL, check_count

#: Characters of one filter; its content is limited further by the compiler.
MAX_LENGTH = 50_000

_TOKEN = re.compile(
    r"""[ \t\r\n\f\v]*(?:
    (?P<text>'(?:[^'\\]|''|\\.)*+')|
    (?P<quoted>"[^"]{1,200}+")|
    (?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?(?![\w.]))|
    (?P<name>[^\W\d][\w.:]{0,199}+)|
    (?P<sign><>|<=|>=|[=<>(),+-])|
    (?P<end>$))""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"''|\\.", re.DOTALL)
#: WKT geometry type -> GeoJSON type and the depth of its lists of positions.
_SHAPES = {
    "POINT": ("Point", 0),
    "LINESTRING": ("LineString", 1),
    "POLYGON": ("Polygon", 2),
    "MULTIPOINT": ("MultiPoint", 1),
    "MULTILINESTRING": ("MultiLineString", 2),
    "MULTIPOLYGON": ("MultiPolygon", 3),
}
_FUNCTIONS = {name.upper(): name for name in (*SPATIAL, *TEMPORAL)}
_RESERVED = {
    "AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE", "DATE", "TIMESTAMP", "INTERVAL", "BBOX",
    *_SHAPES,
}  # fmt: skip


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    offset: int

    @property
    def word(self) -> str:
        """Return an unquoted name in capitals, as keywords are compared; empty for any other token."""
        return self.text.upper() if self.kind == "name" else ""


def parse(text: str) -> dict[str, Any]:
    """Return the tree of a filter.

    Parameters
    ----------
    text
        CQL2 text of a request.

    Raises
    ------
    BadValue
        It is not CQL2 text, or exceeds a limit of length, depth or vertices.
    UnknownName
        It calls a function that is not in the list.

    Examples
    --------
    >>> parse("kind = 'ptz' AND height > 5")["op"]
    'and'
    >>> parse("height BETWEEN 3 AND 6")
    {'op': 'between', 'args': [{'property': 'height'}, 3, 6]}
    """
    if len(text) > MAX_LENGTH:
        raise BadValue(f"过滤条件超过 {MAX_LENGTH:,} 个字符", f"the filter is longer than {MAX_LENGTH:,} characters")
    parser = _Parser(text)
    tree = parser.or_expression(1)
    if parser.now.kind != "end":
        parser.fail()
    return tree if isinstance(tree, dict) else {"op": "and", "args": [tree]}


class _Parser:
    """One text and the current token."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._offset = 0
        self._vertices = 0
        self.now = self._read()

    # --- tokens ---

    def _read(self) -> _Token:
        found = _TOKEN.match(self._text, self._offset)
        if found is None or found.lastgroup is None:
            self.now = _Token("", "", self._offset)
            self.fail()
        self._offset = found.end()
        return _Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup))

    def fail(self) -> NoReturn:
        offset = self.now.offset + 1
        raise BadValue(f"过滤条件第 {offset} 个字符处有误", f"the filter cannot be read at character {offset}")

    def _advance(self) -> _Token:
        token, self.now = self.now, self._read() if self.now.kind != "end" else self.now
        return token

    def _accept(self, sign: str) -> bool:
        if self.now.kind == "sign" and self.now.text == sign:
            self._advance()
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            self.fail()

    def _word(self, word: str) -> bool:
        if self.now.word == word:
            self._advance()
            return True
        return False

    # --- conditions ---

    def or_expression(self, depth: int) -> Any:
        """Read conditions joined by OR."""
        return self._chain("or", self._and_expression, depth)

    def _and_expression(self, depth: int) -> Any:
        return self._chain("and", self._not_expression, depth)

    def _chain(self, op: str, part: Any, depth: int) -> Any:
        parts = [part(depth)]
        while self._word(op.upper()):
            parts.append(part(depth))
        return parts[0] if len(parts) == 1 else {"op": op, "args": parts}

    def _not_expression(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise BadValue(f"过滤条件嵌套超过 {MAX_DEPTH} 层", f"the filter is nested deeper than {MAX_DEPTH} levels")
        if self._word("NOT"):
            return {"op": "not", "args": [self._not_expression(depth + 1)]}
        if self._accept("("):
            inner = self.or_expression(depth + 1)
            self._expect(")")
            return inner
        return self._predicate()

    def _predicate(self) -> Any:
        word = _FUNCTIONS.get(self.now.word)
        if word is not None:
            self._advance()
            return {"op": word, "args": self._pair(self._spatial if word in SPATIAL else self._temporal)}
        left = self._scalar()
        if self.now.kind == "sign" and self.now.text in COMPARE:
            return {"op": self._advance().text, "args": [left, self._scalar()]}
        if self._word("IS"):
            negated = self._word("NOT")
            if not self._word("NULL"):
                self.fail()
            return _negated({"op": "isNull", "args": [left]}, negated)
        if isinstance(left, bool):
            return left
        negated = self._word("NOT")
        return _negated(self._test(left), negated)

    def _test(self, left: Any) -> dict[str, Any]:
        """Read LIKE, BETWEEN or IN after its left operand."""
        if self._word("LIKE"):
            return {"op": "like", "args": [left, self._string()]}
        if self._word("BETWEEN"):
            low = self._scalar()
            if not self._word("AND"):
                self.fail()
            return {"op": "between", "args": [left, low, self._scalar()]}
        if not self._word("IN"):
            self.fail()
        return {"op": "in", "args": [left, self._listed(self._scalar, MAX_LENGTH)]}

    def _pair(self, operand: Any) -> list[Any]:
        self._expect("(")
        left = operand()
        self._expect(",")
        right = operand()
        self._expect(")")
        return [left, right]

    # --- operands ---

    def _scalar(self) -> Any:
        """Read a property or a literal."""
        word = self.now.word
        if self.now.kind == "text":
            return self._string()
        if self.now.kind == "number" or self.now.text in ("+", "-"):
            return self._number()
        if word in ("TRUE", "FALSE"):
            self._advance()
            return word == "TRUE"
        if word in ("DATE", "TIMESTAMP"):
            self._advance()
            self._expect("(")
            value = {word.lower(): self._string()}
            self._expect(")")
            return value
        return self._property()

    def _property(self) -> dict[str, str]:
        if self.now.kind == "quoted":
            return {"property": self._advance().text[1:-1]}
        if self.now.kind != "name" or self.now.word in _RESERVED:
            self.fail()
        name = self._advance().text
        if self.now.kind == "sign" and self.now.text == "(":
            known = ", ".join((*SPATIAL, *TEMPORAL))
            raise UnknownName(
                f"过滤条件没有函数 {name[:40]!r}，可用：{known}",
                f"no filter function {name[:40]!r}; there are: {known}",
            )
        return {"property": name}

    def _string(self) -> str:
        if self.now.kind != "text":
            self.fail()
        # A quote inside is doubled or escaped by a backslash; any other backslash is kept, for LIKE.
        return _ESCAPED.sub(lambda one: "'" if one[0][-1] == "'" else one[0], self._advance().text[1:-1])

    def _number(self) -> int | float:
        minus = self._accept("-")
        if not minus:
            self._accept("+")
        if self.now.kind != "number":
            self.fail()
        text = self.now.text
        number = int(text) if text.isdecimal() and len(text) < 300 else float(text)
        if not math.isfinite(number):
            self.fail()
        self._advance()
        return -number if minus else number

    def _temporal(self) -> Any:
        if not self._word("INTERVAL"):
            return self._scalar()
        return {"interval": self._pair(self._scalar)}

    def _spatial(self) -> Any:
        word = self.now.word
        if word == "BBOX":
            self._advance()
            return {"bbox": self._listed(self._number, 6)}
        if word in _SHAPES:
            self._advance()
            kind, depth = _SHAPES[word]
            self._word("Z")
            if depth == 0:
                self._expect("(")
                position = self._position()
                self._expect(")")
                return {"type": kind, "coordinates": position}
            return {"type": kind, "coordinates": self._nested(depth, loose=word == "MULTIPOINT")}
        return self._property()

    def _nested(self, depth: int, *, loose: bool) -> list[Any]:
        """Read bracketed lists of positions; positions of a MULTIPOINT may be bracketed."""

        def one() -> Any:
            if depth > 1:
                return self._nested(depth - 1, loose=False)
            if loose and self._accept("("):
                position = self._position()
                self._expect(")")
                return position
            return self._position()

        return self._listed(one, MAX_VERTICES)

    def _listed(self, part: Any, max_parts: int) -> list[Any]:
        self._expect("(")
        parts = [part()]
        while self._accept(","):
            if len(parts) == max_parts:
                self.fail()
            parts.append(part())
        self._expect(")")
        return parts

    def _position(self) -> list[int | float]:
        self._vertices += 1
        check_count(self._vertices)
        numbers = [self._number(), self._number()]
        if self.now.kind == "number" or self.now.text in ("+", "-"):
            numbers.append(self._number())
        return numbers


def _negated(tree: dict[str, Any], negated: bool) -> dict[str, Any]:
    return {"op": "not", "args": [tree]} if negated else tree
