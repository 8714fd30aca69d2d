"""Read CQL2 text into the CQL2-JSON tree that ``geo.storage.filters.compiler`` compiles.

One pass by recursive descent, so time grows with the length of the text alone and depth stops at ``MAX_DEPTH``. The
general parsers backtrack: cql2 0.6 takes 3 s for 20 opening brackets, twice that for each one more, and ends the
process at 3,000. It serves the tests as a second reader. The grammar is that of OGC 21-065r2, annex B, without
arithmetic, arrays, functions and CASEI/ACCENTI, which are not claimed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from geo.errors import BadValue, UnknownName
from geo.storage.filters.compiler import MAX_DEPTH, TEMPORAL
from geo.storage.filters.filter_shapes import MAX_VERTICES, SPATIAL, check_count

#: Characters of one filter; what a filter may hold beyond that is capped by ``where``.
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
_COMPARE = ("=", "<>", "<", "<=", ">", ">=")
#: Kind of a WKT shape -> GeoJSON type and how deep its lists of positions are.
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
    place: int

    @property
    def word(self) -> str:
        """Return a bare name in capitals, as keywords are compared; empty for anything else."""
        return self.text.upper() if self.kind == "name" else ""


def parse(text: str) -> dict[str, Any]:
    """Return the tree of a filter.

    Parameters
    ----------
    text
        CQL2 text as a caller sent it.

    Raises
    ------
    BadValue
        It is no CQL2 text, or longer, deeper or with more vertices than the caps.
    UnknownName
        It calls a function that is not on the list.
    """
    if len(text) > MAX_LENGTH:
        raise BadValue(f"过滤条件超过 {MAX_LENGTH:,} 个字符", f"the filter is longer than {MAX_LENGTH:,} characters")
    reader = _Reader(text)
    tree = reader.either(1)
    if reader.now.kind != "end":
        reader.fail()
    return tree if isinstance(tree, dict) else {"op": "and", "args": [tree]}


class _Reader:
    """Hold one text and the token that is looked at."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._vertices = 0
        self.now = self._read()

    # --- tokens ---

    def _read(self) -> _Token:
        found = _TOKEN.match(self._text, self._place)
        if found is None or found.lastgroup is None:
            self.now = _Token("", "", self._place)
            self.fail()
        self._place = found.end()
        return _Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup))

    def fail(self) -> NoReturn:
        place = self.now.place + 1
        raise BadValue(f"过滤条件第 {place} 个字符处有误", f"the filter cannot be read at character {place}")

    def _next(self) -> _Token:
        token, self.now = self.now, self._read() if self.now.kind != "end" else self.now
        return token

    def _take(self, sign: str) -> bool:
        if self.now.kind == "sign" and self.now.text == sign:
            self._next()
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            self.fail()

    def _word(self, word: str) -> bool:
        if self.now.word == word:
            self._next()
            return True
        return False

    # --- conditions ---

    def either(self, depth: int) -> Any:
        """Read conditions joined by OR."""
        return self._chain("or", self._both, depth)

    def _both(self, depth: int) -> Any:
        return self._chain("and", self._factor, depth)

    def _chain(self, op: str, part: Any, depth: int) -> Any:
        parts = [part(depth)]
        while self._word(op.upper()):
            parts.append(part(depth))
        return parts[0] if len(parts) == 1 else {"op": op, "args": parts}

    def _factor(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise BadValue(f"过滤条件嵌套超过 {MAX_DEPTH} 层", f"the filter is nested deeper than {MAX_DEPTH} levels")
        if self._word("NOT"):
            return {"op": "not", "args": [self._factor(depth + 1)]}
        if self._take("("):
            inner = self.either(depth + 1)
            self._need(")")
            return inner
        return self._predicate()

    def _predicate(self) -> Any:
        word = _FUNCTIONS.get(self.now.word)
        if word is not None:
            self._next()
            return {"op": word, "args": self._pair(self._spatial if word in SPATIAL else self._temporal)}
        left = self._scalar()
        if self.now.kind == "sign" and self.now.text in _COMPARE:
            return {"op": self._next().text, "args": [left, self._scalar()]}
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
        """Read LIKE, BETWEEN or IN after what is tested."""
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
        self._need("(")
        left = operand()
        self._need(",")
        right = operand()
        self._need(")")
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
            self._next()
            return word == "TRUE"
        if word in ("DATE", "TIMESTAMP"):
            self._next()
            self._need("(")
            value = {word.lower(): self._string()}
            self._need(")")
            return value
        return self._property()

    def _property(self) -> dict[str, str]:
        if self.now.kind == "quoted":
            return {"property": self._next().text[1:-1]}
        if self.now.kind != "name" or self.now.word in _RESERVED:
            self.fail()
        name = self._next().text
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
        # A quote inside is doubled or has a backslash before it; any other backslash is itself, for LIKE to read.
        return _ESCAPED.sub(lambda one: "'" if one[0][-1] == "'" else one[0], self._next().text[1:-1])

    def _number(self) -> int | float:
        minus = self._take("-")
        if not minus:
            self._take("+")
        if self.now.kind != "number":
            self.fail()
        text = self.now.text
        number = int(text) if text.isdecimal() and len(text) < 300 else float(text)
        if not math.isfinite(number):
            self.fail()
        self._next()
        return -number if minus else number

    def _temporal(self) -> Any:
        if not self._word("INTERVAL"):
            return self._scalar()
        return {"interval": self._pair(self._scalar)}

    def _spatial(self) -> Any:
        word = self.now.word
        if word == "BBOX":
            self._next()
            return {"bbox": self._listed(self._number, 6)}
        if word in _SHAPES:
            self._next()
            kind, depth = _SHAPES[word]
            self._word("Z")
            if depth == 0:
                self._need("(")
                position = self._position()
                self._need(")")
                return {"type": kind, "coordinates": position}
            return {"type": kind, "coordinates": self._nested(depth, loose=word == "MULTIPOINT")}
        return self._property()

    def _nested(self, depth: int, *, loose: bool) -> list[Any]:
        """Read bracketed lists of positions; those of a MULTIPOINT may have brackets of their own."""

        def one() -> Any:
            if depth > 1:
                return self._nested(depth - 1, loose=False)
            if loose and self._take("("):
                position = self._position()
                self._need(")")
                return position
            return self._position()

        return self._listed(one, MAX_VERTICES)

    def _listed(self, part: Any, most: int) -> list[Any]:
        self._need("(")
        parts = [part()]
        while self._take(","):
            if len(parts) == most:
                self.fail()
            parts.append(part())
        self._need(")")
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
