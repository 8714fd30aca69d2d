"""Bound the depth, size and characters of JSON, tables and text."""

from __future__ import annotations

import numpy as np

from geo.errors import BadValue

#: Lists and objects within each other in JSON: a filter of 24 levels needs 50, a GeoJSON file of collections 17.
MAX_JSON_DEPTH = 64
#: Values, lists and objects in a JSON body: a shape of a million vertices has three million.
MAX_JSON_VALUES = 4_000_000
#: Characters of a key: it stands in paths, ETags and file names.
MAX_KEY = 256
#: Columns of a table, characters of a column's name, and cells of a table altogether.
MAX_COLUMNS, MAX_NAME, MAX_CELLS = 2_000, 250, 200_000_000
#: Characters of a text, and of a cell that is read as a number, a date, a direction or a word of a list.
MAX_TEXT, MAX_WORD = 10_000, 200

_BLOCK = 1 << 20
_OPEN = np.zeros(256, np.int8)
_OPEN[[ord("["), ord("{")]] = 1
_OPEN[[ord("]"), ord("}")]] = -1


def check_json_depth(data: bytes, *, most: int = MAX_JSON_DEPTH) -> None:
    """Raise BadValue where a JSON text nests lists and objects deeper than `most`; broken JSON may pass."""
    # What is escaped is no bracket and ends no string; of a run of backslashes pairs go first.
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
        if depth + int(levels.max()) > most:
            raise BadValue(f"JSON 嵌套超过 {most} 层", f"the JSON is nested deeper than {most} levels")
        depth += int(levels[-1])


def check_json_values(data: bytes, *, most: int | None = MAX_JSON_VALUES) -> None:
    """Raise BadValue where a JSON text has more values than `most`: an empty list of three bytes costs 64 in memory.

    Commas and brackets are counted, those in texts too: what is refused for its texts alone is text beyond reason.
    """
    if most is not None and data.count(b",") + data.count(b"[") + data.count(b"{") > most:
        raise BadValue(f"JSON 的值超过 {most:,} 个", f"the JSON has more than {most:,} values")


def check_text(text: str, *, most: int, what: tuple[str, str] = ("文本", "the text")) -> None:
    """Raise BadValue for a text with NUL, which PostgreSQL refuses, half a surrogate pair, or too many characters."""
    if len(text) > most:
        raise BadValue(f"{what[0]}超过 {most:,} 个字符", f"{what[1]} has more than {most:,} characters")
    if not is_storable(text):
        raise BadValue(f"{what[0]}含无效字符", f"{what[1]} holds a character that cannot be stored")


def is_storable(text: str) -> bool:
    """Return whether both stores can hold a text: no NUL, no half of a surrogate pair."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
