"""Bound the depth, size and characters of JSON, tables and text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from geo.errors import BadValue, UnknownName

#: Nesting depth of JSON: a filter of 24 levels needs 50, a GeoJSON file of collections 17.
MAX_JSON_DEPTH = 64
#: Values, lists and objects of a JSON body: a shape of a million vertices has three million.
MAX_JSON_VALUES = 4_000_000
#: Characters of a key: it is part of paths, ETags and file names.
MAX_KEY = 256
#: Columns of a table, characters of a column's name, and cells of a table.
MAX_COLUMNS, MAX_NAME, MAX_CELLS = 2_000, 250, 200_000_000
#: Characters of a text, and of a cell that is read as a number, a date, a direction or a word of a list.
MAX_TEXT, MAX_WORD = 10_000, 200

_BLOCK = 1 << 20
_OPEN = np.zeros(256, np.int8)
_OPEN[[ord("["), ord("{")]] = 1
_OPEN[[ord("]"), ord("}")]] = -1


def check_members(given: Iterable[str], known: Sequence[str]) -> None:
    """Raise UnknownName for the first member of a JSON object that is none of those known.

    Examples
    --------
    >>> check_members(["name"], ["name", "note"])
    >>> check_members(["nam"], ["name", "note"])
    Traceback (most recent call last):
    geo.errors.UnknownName: 没有成员 nam，可用：name, note / no member nam; there are: name, note
    """
    for name in given:
        if name not in known:
            listed = ", ".join(known)
            raise UnknownName(f"没有成员 {name[:40]}，可用：{listed}", f"no member {name[:40]}; there are: {listed}")


def check_json_depth(data: bytes, *, max_depth: int = MAX_JSON_DEPTH) -> None:
    """Raise BadValue where a JSON text nests lists and objects deeper than `max_depth`; malformed JSON may pass.

    Examples
    --------
    >>> check_json_depth(b'[[1], "]]]"]', max_depth=2)
    >>> check_json_depth(b"[[[1]]]", max_depth=2)
    Traceback (most recent call last):
    geo.errors.BadValue: JSON 嵌套超过 2 层 / the JSON is nested deeper than 2 levels
    """
    # Escaped characters are not brackets and do not end a string; pairs of backslashes are consumed first.
    plain = data
    if b"\\" in data:
        plain = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    depth, inside = 0, 0
    for start in range(0, len(plain), _BLOCK):
        block = np.frombuffer(plain, np.uint8, min(_BLOCK, len(plain) - start), start)
        steps = _OPEN[block]
        quotes = np.flatnonzero(block == ord('"'))
        if len(quotes) or inside:
            marks = np.zeros(len(block), np.int8)
            marks[quotes] = 1
            within = (np.cumsum(marks, dtype=np.uint32) + inside) & 1
            steps = np.where(within == 1, 0, steps)
            inside = int(within[-1])
        levels = np.cumsum(steps, dtype=np.int32)
        if depth + int(levels.max()) > max_depth:
            raise BadValue(f"JSON 嵌套超过 {max_depth} 层", f"the JSON is nested deeper than {max_depth} levels")
        depth += int(levels[-1])


def check_json_values(data: bytes, *, max_values: int | None = MAX_JSON_VALUES) -> None:
    """Raise BadValue where a JSON text has more values than `max_values`: a list of three bytes needs 64 in memory.

    Commas and brackets are counted, those in texts too: a body refused because of its texts alone is too large anyway.

    Examples
    --------
    >>> check_json_values(b"[1, 2, 3]", max_values=2)
    Traceback (most recent call last):
    geo.errors.BadValue: JSON 的值超过 2 个 / the JSON has more than 2 values
    """
    if max_values is not None and data.count(b",") + data.count(b"[") + data.count(b"{") > max_values:
        raise BadValue(f"JSON 的值超过 {max_values:,} 个", f"the JSON has more than {max_values:,} values")


def check_text(text: str, *, max_characters: int, what: tuple[str, str] = ("文本", "the text")) -> None:
    """Raise BadValue for a text with NUL, which PostgreSQL refuses, half a surrogate pair, or too many characters.

    Parameters
    ----------
    what
        Name of the text in Chinese and English, for the error.

    Examples
    --------
    >>> check_text("a0b", max_characters=3)
    >>> check_text("a0bc", max_characters=3, what=("编号", "the id"))
    Traceback (most recent call last):
    geo.errors.BadValue: 编号超过 3 个字符 / the id has more than 3 characters
    """
    if len(text) > max_characters:
        raise BadValue(
            f"{what[0]}超过 {max_characters:,} 个字符", f"{what[1]} has more than {max_characters:,} characters"
        )
    if not is_storable(text):
        raise BadValue(f"{what[0]}含无效字符", f"{what[1]} holds a character that cannot be stored")


def is_storable(text: str) -> bool:
    """Return whether both stores accept a text: no NUL, no half of a surrogate pair.

    Examples
    --------
    >>> is_storable("网格"), is_storable("a" + chr(0)), is_storable(chr(0xD800))
    (True, False, False)
    """
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
