"""Refuse hostile input before a parser, GEOS or the memory meets it; every number stands in docs/bounds.md.

Each check takes untrusted bytes, text or values, needs time in proportion to their size, never recurses, and raises
nothing but a GeoError. Doors and readers share them, so that a bound is the same whichever way a thing comes in.
"""

from __future__ import annotations

import math
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

import numpy as np
import shapely

from geo.errors import BadGeometry, BadValue, GeoError, UnreadableFile

#: Lists and objects within each other in JSON: a filter of 24 levels needs 50, a GeoJSON file of collections 17.
MAX_JSON_DEPTH = 64
#: Values, lists and objects in a JSON body: a shape of a million vertices has three million.
MAX_JSON_VALUES = 4_000_000
#: GeometryCollections within each other; 50,000 of them end the process inside GEOS 3.14 (libgeos/geos#1487).
MAX_COLLECTIONS = 4
#: Members of the collections of one shape together.
MAX_MEMBERS = 10_000
#: Vertices of one shape: the coast of a country has fewer.
MAX_VERTICES = 1_000_000
#: So many vertices GEOS always checks within half a second.
FEW_VERTICES = 20_000
#: Characters of one shape as WKT: 64 a vertex.
MAX_WKT = 64 * MAX_VERTICES
#: Characters of a key: it stands in paths, ETags and file names.
MAX_KEY = 256

#: Columns of a table, characters of a column's name, and cells of a table altogether.
MAX_COLUMNS, MAX_NAME, MAX_CELLS = 2_000, 250, 200_000_000
#: Characters of a text, and of a cell that is read as a number, a date, a direction or a word of a list.
MAX_TEXT, MAX_WORD = 10_000, 200
#: Entries of a packed file, bytes unpacked, and bytes unpacked per byte packed once it is a million bytes and more.
ZIP_ENTRIES, ZIP_BYTES, ZIP_RATIO = 1_000, 4 << 30, 200

_BLOCK = 1 << 20
_ZIP_LIST = 1 << 20  # bytes of the list of entries, which is in memory as a whole before any entry can be counted
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".kmz", ".jar")
_NESTING = {"Point": 1, "MultiPoint": 2, "LineString": 2, "MultiLineString": 3, "Polygon": 3, "MultiPolygon": 4}
_OPEN = np.zeros(256, np.int8)
_OPEN[[ord("["), ord("{")]] = 1
_OPEN[[ord("]"), ord("}")]] = -1
_WKT_WORDS = {kind.upper() for kind in _NESTING} | {"GEOMETRYCOLLECTION", "LINEARRING", "EMPTY", "Z", "M", "ZM"}
# A word, also one that runs into a number (POINTZ 1e5 is read by no one); an exponent belongs to its number.
_WKT_TOKEN = re.compile(r"(?P<number>[-+.]?[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?)|(?P<word>[A-Za-z_]+)|(?P<rest>[^\s(),])")
_NOT_FINITE = ("坐标不是有限数", "coordinates are not finite")
_MARKUP = (b"<!doctype", b"<!entity")
_ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii", "utf-16", "iso-8859-1", "gb2312", "gbk", "gb18030"}
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")


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


def check_geometry(
    geometry: Any,
    *,
    max_depth: int = MAX_COLLECTIONS,
    max_vertices: int = MAX_VERTICES,
    max_members: int = MAX_MEMBERS,
) -> None:
    """Refuse a GeoJSON geometry that a geometry library must not see.

    Parameters
    ----------
    geometry
        The parsed object. Rings may still be open, and shapes invalid.
    max_depth
        GeometryCollections within each other.
    max_vertices, max_members
        Positions, and members of collections, of the whole geometry.

    Raises
    ------
    BadGeometry
        Where it is no geometry, nests other than its kind does, passes a bound, or has a coordinate that is no finite
        number.
    """
    stack: list[tuple[Any, int]] = [(geometry, 1)]
    vertices = members = 0
    while stack:
        one, level = stack.pop()
        kind = one.get("type") if isinstance(one, Mapping) else None
        if kind == "GeometryCollection":
            parts = one.get("geometries")
            if not isinstance(parts, list):
                raise BadGeometry("集合没有成员", "the collection has no members")
            if level > max_depth:
                raise BadGeometry("集合嵌套过深", "collections nested too deep")
            members += len(parts)
            if members > max_members:
                raise BadGeometry(f"集合成员超过 {max_members:,} 个", f"more than {max_members:,} members")
            stack += [(part, level + 1) for part in parts]
        elif isinstance(kind, str) and kind in _NESTING:
            if not isinstance(one.get("coordinates"), list | tuple):
                raise BadGeometry("没有坐标", "no coordinates")
            vertices += _positions(one["coordinates"], _NESTING[kind], max_vertices - vertices, max_vertices)
        else:
            raise BadGeometry("形状类型不认识", "unknown kind of geometry")


def check_wkt(text: str, *, max_depth: int = MAX_COLLECTIONS, max_vertices: int = MAX_VERTICES) -> None:
    """Refuse a WKT text that GEOS must not see: curves, SRIDs, hexadecimal WKB, deep, huge or not finite ones.

    Raises
    ------
    BadGeometry
        The text passes a bound or has a word that is none of a plain shape.
    """
    if len(text) > MAX_WKT:
        raise BadGeometry(f"WKT 超过 {MAX_WKT:,} 个字符", f"WKT of more than {MAX_WKT:,} characters")
    # A collection opens one parenthesis, a multipolygon three; every vertex but the last of a ring has a comma.
    if text.count(",") >= max_vertices:
        raise BadGeometry(f"顶点超过 {max_vertices:,} 个", f"more than {max_vertices:,} vertices")
    depth = deepest = 0
    for bracket in re.findall(r"[()]", text):
        depth += 1 if bracket == "(" else -1
        deepest = max(deepest, depth)
    if deepest > max_depth + 3 or text.upper().count("GEOMETRYCOLLECTION") > MAX_MEMBERS:
        raise BadGeometry("集合嵌套过深", "collections nested too deep")
    for token in _WKT_TOKEN.finditer(text):
        word = token["word"]
        if word is not None and word.upper() not in _WKT_WORDS:
            if word.upper().lstrip("+-") in ("NAN", "INF", "INFINITY"):
                raise BadGeometry(*_NOT_FINITE)
            raise BadGeometry("WKT 读不出", "WKT cannot be read")
        if token["rest"] is not None and token["rest"] not in "+-.":
            raise BadGeometry("WKT 读不出", "WKT cannot be read")


def check_wkb(data: bytes, *, max_depth: int = MAX_COLLECTIONS) -> None:
    """Refuse a WKB that GEOS must not see: curves, and parts within parts other than the kinds allow.

    Raises
    ------
    BadGeometry
        It is cut short, holds what is no plain shape, or nests collections deeper than `max_depth`.
    """
    try:
        if not _is_flat(data):
            _walk_wkb(data, max_depth)
    except struct.error:
        raise BadGeometry("WKB 不完整", "the WKB is cut short") from None


def check_tangle(shape: shapely.Geometry | None, *, few: int = FEW_VERTICES) -> None:
    """Raise BadGeometry where segments of a shape lie so much across each other that GEOS would need hours.

    Whether a ring crosses itself GEOS answers in time that grows with the pairs of segments whose boxes meet: all of
    them where a ring zigzags to and fro, 13 minutes for 1,000,000 vertices. Drawn shapes have a few pairs a segment.

    Parameters
    ----------
    few
        A shape of no more vertices passes unseen: of 20,000 the worst takes GEOS a third of a second to check, of 200
        to repair.
    """
    count = int(shapely.get_num_coordinates(shape)) if shape is not None else 0
    if count <= few:
        return
    if count > MAX_VERTICES:
        raise BadGeometry(f"顶点超过 {MAX_VERTICES:,} 个", f"more than {MAX_VERTICES:,} vertices")
    points = shapely.get_coordinates(shape)
    if not np.isfinite(points).all():
        raise BadGeometry(*_NOT_FINITE)
    # A seam between two rings counts as a segment more, which changes nothing.
    boxes = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    left = 20 * len(boxes) + 50_000
    tree, start, step = shapely.STRtree(boxes), 0, 16
    while start < len(boxes):
        met = tree.query(boxes[start : start + step]).shape[1]
        left -= met
        if left < 0:
            raise BadGeometry("线段交错过多，无法检查", "its segments cross too much to be checked")
        start += step
        # Wide steps are quick, but one must not meet more than the memory holds.
        step = min(65_536, step * 2) if met < 64 * step else max(1, step // 2)


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


@contextmanager
def open_zip(
    path: Path,
    *,
    entries: int = ZIP_ENTRIES,
    size: int = ZIP_BYTES,
    ratio: int = ZIP_RATIO,
    nested: bool = False,
) -> Iterator[zipfile.ZipFile]:
    """Open a packed file that passed `check_zip`; raise UnreadableFile where it is broken, here or while it is read."""
    name = path.name
    try:
        with path.open("rb") as file, zipfile.ZipFile(_Sparing(file)) as archive:
            check_zip(archive, name, path.stat().st_size, entries=entries, size=size, ratio=ratio, nested=nested)
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError, zlib.error) as error:
        if isinstance(error, GeoError):
            raise
        raise _unreadable(name, "压缩包损坏", "it is no sound archive") from None


def check_zip(
    archive: zipfile.ZipFile, name: str, packed: int, *, entries: int, size: int, ratio: int, nested: bool
) -> None:
    """Refuse an archive by what it says of itself; what it says of sizes is checked again by `stream`.

    Parameters
    ----------
    packed
        Bytes of the archive itself: entries that overlap claim more.
    entries, size, ratio
        Bounds: entries, bytes unpacked, bytes unpacked per byte packed.
    nested
        Whether archives may lie in it, as in workbooks.
    """
    found = archive.infolist()
    if len(found) > entries:
        raise _unreadable(name, f"压缩包条目过多：{len(found)}", f"it has {len(found)} entries, over {entries}")
    if len({one.filename.casefold() for one in found}) < len(found):
        raise _unreadable(name, "压缩包有重名条目", "two of its entries have one name")
    for one in found:
        parts = PurePosixPath(one.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in one.filename or "\0" in one.orig_filename:
            raise _unreadable(name, "压缩包含有越界的文件名", "an entry names a place outside the archive")
        if stat.S_IFMT(one.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _unreadable(name, "压缩包含有链接或设备", "an entry is a link or a device")
        if one.flag_bits & 0x1:
            raise _unreadable(name, "压缩包已加密", "it is encrypted")
        if one.compress_type not in _ZIP_METHODS:
            raise _unreadable(name, "压缩方法不支持", "an entry is packed by another method than deflate")
        if not nested and parts.suffix.lower() in _ARCHIVES:
            raise _unreadable(name, "压缩包里还有压缩包", "there is an archive within it")
    whole, claimed = sum(one.file_size for one in found), sum(one.compress_size for one in found)
    if whole > size:
        raise _unreadable(
            name, f"解压后有 {whole / 2**20:,.0f} MB，上限 {size / 2**20:,.0f} MB",
            f"unpacked it is {whole / 2**20:,.0f} MB, over the limit of {size / 2**20:,.0f} MB",
        )  # fmt: skip
    if claimed > packed:
        raise _unreadable(name, "压缩包条目重叠", "its entries overlap")
    if whole > 1_000_000 and whole > ratio * max(claimed, 1):
        raise _unreadable(name, "压缩比异常", f"it unpacks to {whole / max(claimed, 1):,.0f} times its size")


def stream(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give an entry in pieces of a megabyte; raise BadZipFile once it is larger than announced."""
    # The sizes in the directory may lie: never give more than was announced and checked.
    left = entry.file_size
    with archive.open(entry) as source:
        while block := source.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise zipfile.BadZipFile("an entry is larger than announced")
            yield block


def check_xml(data: bytes) -> None:
    """Raise UnreadableFile where XML declares a document type or entities, or hides them in a rare encoding.

    Parameters
    ----------
    data
        The document, or a piece of it: a declaration may follow comments of any length, so give all of it.
    """
    plain = data.replace(b"\0", b"").lower()  # UTF-16, either way round
    if any(word in plain for word in _MARKUP):
        raise UnreadableFile("XML 含 DOCTYPE 或实体声明", "the XML declares a DOCTYPE or entities")
    declared = _DECLARED.search(plain[:1000])
    if declared is not None and declared[1].decode("ascii") not in _ENCODINGS:
        raise UnreadableFile("XML 的编码不支持", "the XML is in an encoding that is not read")


class _Sparing:
    """Read from a file, never more than a megabyte at once: the list of entries of an archive may claim anything."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell
        self.close, self.seekable = file.close, file.seekable

    def read(self, count: int = -1) -> bytes:
        data = self._file.read(_ZIP_LIST + 1 if count < 0 else min(count, _ZIP_LIST + 1))
        if len(data) > _ZIP_LIST:
            raise zipfile.BadZipFile("the list of entries is too long")
        return data


# --- details ---------------------------------------------------------------------------------------------------------


def _positions(coordinates: Any, nesting: int, left: int, most: int) -> int:
    """Return how many positions there are; raise BadGeometry where they are not nested as their kind is."""
    nodes = [coordinates]
    for _ in range(nesting - 1):
        if not all(isinstance(node, list | tuple) for node in nodes):
            raise BadGeometry("坐标的层数与类型不符", "coordinates are not nested as the kind of geometry is")
        if sum(map(len, nodes)) > left:
            raise BadGeometry(f"顶点超过 {most:,} 个", f"more than {most:,} vertices")
        nodes = [part for node in nodes for part in node]
    for position in nodes:
        if not isinstance(position, list | tuple) or (not 2 <= len(position) <= 4 and (position or nesting > 1)):
            raise BadGeometry("坐标不是数字", "coordinates are no numbers")
        for number in position:
            if type(number) is not float and type(number) is not int:
                raise BadGeometry("坐标不是数字", "coordinates are no numbers")
            # Beyond 64 bits an integer is far off the Earth, and math.isfinite would overflow.
            if not (-1e18 < number < 1e18) or math.isnan(number):
                raise BadGeometry(*_NOT_FINITE)
    return len(nodes)


def _is_flat(data: bytes) -> bool:
    """Return whether there is nothing to walk: a single shape, or a multi shape of one."""
    order, kind, _ = _wkb_head(data, 0)
    if kind in (1, 2, 3):
        return True
    if kind == 7 or struct.unpack_from(order + "I", data, 5)[0] != 1:
        return False
    return _wkb_head(data, 9)[1] == kind - 3


def _walk_wkb(data: bytes, max_depth: int) -> None:
    # Parts still to come of each open multi shape or collection, and the kind they must be of: 0 is any.
    pending: list[list[int]] = [[1, 0]]
    at = collections = 0
    while pending:
        if pending[-1][0] == 0:
            if pending.pop()[1] == 0:
                collections -= 1
            continue
        pending[-1][0] -= 1
        order, kind, width = _wkb_head(data, at)
        if pending[-1][1] not in (0, kind):
            raise BadGeometry("WKB 的部分与类型不符", "a part of the WKB is of the wrong kind")
        if kind == 1:
            at += 5 + 8 * width
            continue
        count = struct.unpack_from(order + "I", data, at + 5)[0]
        at += 9
        if kind == 2:
            at += 8 * width * count
        elif kind == 3:
            for _ in range(count):
                at += 4 + 8 * width * struct.unpack_from(order + "I", data, at)[0]
        else:
            collections += kind == 7
            if collections > max_depth:
                raise BadGeometry("集合嵌套过深", "collections nested too deep")
            pending.append([count, kind - 3 if kind < 7 else 0])


def _wkb_head(data: bytes, at: int) -> tuple[str, int, int]:
    """Return byte order, kind from 1 to 7, and numbers a position, of the WKB that begins there."""
    order = "<" if struct.unpack_from("B", data, at)[0] == 1 else ">"
    word = struct.unpack_from(order + "I", data, at + 1)[0]
    # ISO counts dimensions in thousands, the extended form in the upper bits; an SRID is in neither of our files.
    kind, dimensions = word & 0x0FFFFFFF, bool(word & 0x80000000) + bool(word & 0x40000000)
    dimensions += {0: 0, 1: 1, 2: 1, 3: 2}.get(kind // 1000, 9)
    if dimensions > 2 or not 1 <= kind % 1000 <= 7 or word & 0x20000000:
        raise BadGeometry("WKB 的类型不支持", "the WKB is of a kind that is not read")
    return order, kind % 1000, 2 + dimensions


def _unreadable(name: str, zh: str, en: str) -> UnreadableFile:
    return UnreadableFile(f"无法读取 {name}：{zh}", f"cannot read {name}: {en}")
