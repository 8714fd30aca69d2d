"""Read elements of large XML files one by one; document types, entities and deep nesting are refused.

Nothing outside the file is ever read: expat fetches no entity, and a document type is refused before it is parsed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from geo import bounds
from geo.errors import UnreadableFile
from geo.readers.source import unreadable

#: Gives the bytes of a file in pieces; it is called once per pass.
Pieces = Callable[[], Iterable[bytes]]

_MAX_DEPTH = 100
_MAX_NODES = 300_000  # within one wanted element
_MAX_CHARACTERS = bounds.MAX_WKT
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")


@dataclass
class Node:
    """One element: its name without prefix, its attributes, its text and its children."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text directly within the element, without blanks around it."""
        return "".join(self.pieces).strip()

    def child(self, tag: str) -> Node | None:
        """Return the first child of that name, None where there is none."""
        return next((one for one in self.children if one.tag == tag), None)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield name and text of each child that has a text."""
        for one in self.children:
            if one.text:
                yield one.tag, one.text


@dataclass
class Found:
    """A wanted element, and the names of the containers that it is in, outermost first."""

    node: Node
    inside: tuple[str, ...]


def elements(
    pieces: Pieces, name: str, *, roots: Collection[str], wanted: Collection[str], containers: Collection[str] = ()
) -> Iterator[Found]:
    """Yield the wanted elements of an XML file in its order.

    Parameters
    ----------
    pieces
        Gives the bytes; called several times.
    name
        Of the file, for messages.
    roots
        Names that the outermost element may have.
    wanted
        Names of the elements to yield; they are not looked for within one another.
    containers
        Names of elements whose child ``name`` names what is within them.

    Raises
    ------
    UnreadableFile
        Where it is no XML with such a root, declares a document type, or is nested too deep.
    """
    _check_markup(pieces, name)
    encoding = _encoding(pieces)
    reader = _Reader(name, set(roots), set(wanted), set(containers))
    parser = expat.ParserCreate(None if encoding is None else "utf-8")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.characters, reader.doctype
    try:
        for piece in _as_utf8(pieces, encoding):
            parser.Parse(piece, False)
            yield from reader.taken()
        parser.Parse(b"", True)
        yield from reader.taken()
    except (expat.ExpatError, UnicodeDecodeError) as error:
        where = f"line {error.lineno}" if isinstance(error, expat.ExpatError) else "its encoding"
        raise unreadable(name, f"XML 有误（{where}）", f"invalid XML ({where})") from None


def _check_markup(pieces: Pieces, name: str) -> None:
    tail = b""
    for piece in pieces():
        try:
            bounds.check_xml(tail + piece)
        except UnreadableFile as error:
            raise unreadable(name, error.zh, error.en) from None
        tail = piece[-64:]


def _encoding(pieces: Pieces) -> str | None:
    """Return the encoding that the whole file reads in; None to leave it to expat (UTF-16, or none fits)."""
    head = next(iter(pieces()), b"")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head[:4]:
        return None
    declared = _DECLARED.search(head[:1000].lower())
    named = declared[1].decode("ascii") if declared is not None else "utf-8"
    if named.startswith("gb"):
        named = "gb18030"
    # Chinese tools are known to declare UTF-8 over GBK.
    return next((one for one in (named, "utf-8", "gb18030") if _reads(pieces, one)), None)


def _reads(pieces: Pieces, encoding: str) -> bool:
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        for piece in pieces():
            decoder.decode(piece)
        decoder.decode(b"", True)
    except (UnicodeError, LookupError):
        return False
    return True


def _as_utf8(pieces: Pieces, encoding: str | None) -> Iterator[bytes]:
    if encoding is None:
        yield from pieces()
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    for piece in pieces():
        yield decoder.decode(piece).encode("utf-8", "surrogatepass")


class _Reader:
    """Collect wanted elements as expat meets them."""

    def __init__(self, name: str, roots: set[str], wanted: set[str], containers: set[str]) -> None:
        self.name, self.roots, self.wanted, self.containers = name, roots, wanted, containers
        self.open: list[Node] = []
        self.inside = -1  # depth of the wanted element that is open
        self.nodes = self.length = 0
        self.done: list[Found] = []

    def taken(self) -> list[Found]:
        """Return the elements that were completed since the last call."""
        done, self.done = self.done, []
        return done

    def doctype(self, *_: Any) -> None:
        """Refuse a document type."""
        raise unreadable(self.name, "XML 含 DOCTYPE 或实体声明", "the XML declares a DOCTYPE or entities")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element."""
        node = Node(tag.rpartition(":")[2], attributes)
        if not self.open and node.tag not in self.roots:
            raise unreadable(
                self.name,
                f"内容不是 {'/'.join(sorted(self.roots))}",
                f"its content is no {'/'.join(sorted(self.roots))}",
            )
        if len(self.open) >= _MAX_DEPTH:
            raise unreadable(self.name, "XML 嵌套过深", "XML nested too deep")
        if self.inside >= 0:
            self.nodes += 1
            if self.nodes > _MAX_NODES:
                raise unreadable(self.name, "一个要素的 XML 标签过多", "one of its features has too many elements")
            self.open[-1].children.append(node)
        elif node.tag in self.wanted:
            self.inside, self.nodes, self.length = len(self.open), 0, 0
        elif self.open and self.open[-1].tag in self.containers and node.tag == "name":
            self.open[-1].children = [node]
        self.open.append(node)

    def end(self, _tag: str) -> None:
        """Close an element, and keep it where it is wanted."""
        node = self.open.pop()
        if len(self.open) == self.inside:
            self.inside = -1
            names = [one.child("name") for one in self.open if one.tag in self.containers]
            self.done.append(Found(node, tuple(one.text for one in names if one is not None)))

    def characters(self, text: str) -> None:
        """Keep text within wanted elements and names of containers."""
        is_name = self.open[-1].tag == "name" and len(self.open) > 1 and self.open[-2].tag in self.containers
        if self.inside < 0 and not is_name:
            return
        self.length += len(text)
        if self.length > (_MAX_CHARACTERS if self.inside >= 0 else bounds.MAX_TEXT * 100):
            raise unreadable(self.name, "一个要素的文字过长", "one of its features has too long a text")
        self.open[-1].pieces.append(text)
