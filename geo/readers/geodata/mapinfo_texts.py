"""Decode the texts of a MapInfo table whose character set is none, or Latin over Chinese, as many programs write it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from geo.readers.geodata.dbf_texts import UNREAD, Word, encoding_of, is_chinese

__all__ = ["UNREAD", "MapInfoTexts"]

#: Character sets in which every byte is a letter, so that Chinese texts read as letters with accents.
LATIN = ("windowslatin1", "iso8859_1", "iso8859-1")
_SAID = "文件写的是 {0}，文字按 {1} 读 / the file says {0}, texts read as {1}"


@dataclass
class MapInfoTexts:
    """Decode texts that come as characters of their bytes.

    Attributes
    ----------
    charset
        As the file names it, in lower case; empty or ``neutral`` for none.
    said
        Sentences ``中文 / English`` on what was read otherwise than the file says.
    """

    charset: str
    said: list[str] = field(default_factory=list)
    cut_names: Sequence[str] = ()
    row_notes: dict[str, list[int]] = field(default_factory=dict)

    def name(self, text: str) -> str:
        """Return the name of a column."""
        word = self._word(text)
        if word is None or (self.charset in LATIN and not is_chinese([word])):
            return text
        return self._decoded(word, encoding_of([word])) or word.raw.decode("gb18030", "replace")

    def column(self, _name: str, cells: Sequence[object]) -> tuple[list[object], list[int]]:
        """Return the texts of a column, and the rows whose text reads in no encoding."""
        words = [self._word(cell) for cell in cells]
        known = [word for word in dict.fromkeys(words) if word is not None]
        if self.charset in LATIN and not is_chinese(known):
            return list(cells), []
        encoding = encoding_of(known)
        out: list[object] = []
        lost: list[int] = []
        for row, (cell, word) in enumerate(zip(cells, words, strict=True)):
            text = cell if word is None else self._decoded(word, encoding)
            out.append(text)
            if word is not None and text is None:
                lost.append(row)
        if self.charset in LATIN and known:
            self.said = [_SAID.format(self.charset, encoding or "gb18030")]
        return out, lost

    def _word(self, cell: object) -> Word | None:
        """Return the bytes of a text that is not ASCII; None where it has none, or characters that are no bytes."""
        if not isinstance(cell, str) or cell.isascii():
            return None
        for encoding in ("cp1252", "latin-1") if self.charset in LATIN else ("latin-1",):
            try:
                return Word(cell.encode(encoding), is_full=False)
            except UnicodeEncodeError:
                continue
        return None

    def _decoded(self, word: Word, encoding: str | None) -> str | None:
        for one in (encoding, "utf-8", "gb18030"):
            found = None if one is None else word.decoded(one)
            if found is not None and found[1] == 0:
                return found[0]
        return None
