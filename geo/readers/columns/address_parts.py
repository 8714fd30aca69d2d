"""Build the text of an address from the columns of its parts, county to room."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo.catalog.division_codes import DIVISION_LEVELS, code_text
from geo.readers.columns.part_headings import division_columns, of_the_matter, part_columns
from geo.readers.source import SourceTable
from geo.readers.words import cell_values

_DIVISION = re.compile(
    r"[\u4e00-\u9fff]{1,15}?(省|市|自治[州县区]|[州盟县区旗乡镇村]|街道(?:办(?:事处)?)?|社区|(?:村民|居民)?委员会|[村居]委会)"
)
#: What makes another name of a stem: 土门 of 土门镇 is not 土门村, 民主 of 民主街 not 民主村.
_OTHER_NAME = re.compile("街道|社区|[村居]委会|委员会|[市州盟县区旗乡镇村街路巷道]")
#: Words that end the names of divisions of one level.
_ALIKE = (
    ("州", "盟", "市"),
    ("县", "区", "旗", "市"),
    ("镇", "乡", "街道"),
    ("村", "社区", "村委会", "居委会", "委员会"),
)
_CODES = "区划代码没有连进地址文字 / codes of divisions are not joined into the text of the address"
_BARE_NUMBER = re.compile(r"[A-Za-z]?\d+(?:[-之]\d+)?[A-Za-z]?")
_LEVELS = "省市州县区旗乡镇村"
#: Beginnings of addresses that are remembered while a file is read.
_MAX_BEGINNINGS = 1 << 16
_CHINESE = re.compile("[\u4e00-\u9fff]")


def is_division_code(text: str, level: str) -> bool:
    """Return whether a cell of a column of divisions holds a code: that of its level, or of a finer one.

    Examples
    --------
    >>> [is_division_code(text, "township") for text in ("620622100", "620622100000", "620622", "3", "大靖镇")]
    [True, True, False, False, False]
    """
    code = code_text(text)
    return code.isdecimal() and len(code) >= DIVISION_LEVELS[level]


def within_divisions(text: str, names: Iterable[str | None], *, known: Container[str] = ()) -> str:
    """Return the text of an address with the names of its divisions that it does not say, the coarsest given first.

    Each comes behind those before it that the text says. What is no name of a division is left out, unless it is
    known as one: 黄羊河农场 ends as no division does.

    Examples
    --------
    >>> within_divisions("民主街3号", ["古浪县", "土门镇", "新胜村"])
    '古浪县土门镇新胜村民主街3号'
    >>> within_divisions("古浪土门镇民主街3号", ["古浪县", "土门镇", "新胜村", "是"])
    '古浪土门镇新胜村民主街3号'

    A village may have the name of its town or of a street, which is not said with them:

    >>> within_divisions("土门镇4组", ["土门镇", "土门村"]), within_divisions("民主街3号", ["大靖镇", "民主村"])
    ('土门镇土门村4组', '大靖镇民主村民主街3号')
    """
    end = 0
    for name in names:
        found = None if name is None else _DIVISION.fullmatch(name)
        if name is None or (found is None and name not in known):
            continue
        stem = name if found is None else name[: found.start(1)]
        said = _end_of_name(text, name, stem, end)
        if said:
            end = max(end, said)
        else:
            text, end = text[:end] + name + text[end:], end + len(name)
    return text


def _end_of_name(text: str, name: str, stem: str, behind: int) -> int:
    """Return where a text says a division, 0 where it does not: by its whole name, or by its stem behind the others."""
    if name in text:
        return text.index(name) + len(name)
    at = text.find(stem, behind) if len(stem) > 1 else -1
    while at >= 0:
        other = _OTHER_NAME.match(text, at + len(stem))
        if other is None or any(other[0] in alike and name.endswith(alike) for alike in _ALIKE):
            return at + len(stem)
        at = text.find(stem, at + 1)
    return 0


def joined(parts: Sequence[str]) -> str:
    """Return the text of an address of these parts: what one repeats of those before it is left out.

    Examples
    --------
    >>> joined(["甘肃省", "武威市", "武威市古浪县", "土门镇", "和平路", "12号"])
    '甘肃省武威市古浪县土门镇和平路12号'
    >>> joined(["Main Street", "12"])
    'Main Street 12'
    """
    kept: list[str] = []
    return _written(_with_parts("", kept, parts), kept)


def text_of_parts(columns: Sequence[tuple[str, str]], texts: Sequence[str | None]) -> str | None:
    """Return the text of the address of one row of the columns that `part_columns` returns; None of fewer than two.

    Codes of divisions are no part of it.

    Examples
    --------
    >>> text_of_parts([("路", ""), ("号", "号"), ("室", "室")], ["东街", "1", None])
    '东街1号'
    >>> text_of_parts([("乡镇", ""), ("路", "")], ["620622104", "东街"])
    '东街'
    """
    if len(columns) < 2:
        return None
    levels = _levels(tuple(name for name, _ in columns))
    bare = [
        None if text is not None and name in levels and is_division_code(text, levels[name]) else text
        for text, (name, _) in zip(texts, columns, strict=True)
    ]
    is_chinese = np.array([any(text is not None and _CHINESE.search(text) for text in bare)])
    parts = [_with_suffix([text], suffix, is_chinese)[0] for text, (_, suffix) in zip(bare, columns, strict=True)]
    return joined([part for part in parts if part is not None]) or None


@lru_cache(maxsize=256)
def _levels(names: tuple[str, ...]) -> Mapping[str, str]:
    """Return the columns of divisions among these, with their levels; the rows of a list ask for the same again."""
    return division_columns(names)


def _with_parts(text: str, kept: list[str], parts: Iterable[str]) -> str:
    """Return the text of an address with further parts; what is kept of them is added to those kept before."""
    for part in parts:
        rest = part
        if not part[:1].isdigit() and part.startswith(tuple(kept)):
            rest = _without_repeated(part, kept)
            text = "".join(kept)
        if text.endswith(rest) and not (rest[:1].isdigit() and text[: -len(rest)][-1:].isdigit()):
            continue
        kept.append(rest)
        text += rest
    return text


def _written(text: str, kept: Sequence[str]) -> str:
    return text if _CHINESE.search(text) else " ".join(kept)


class _Begun(NamedTuple):
    """The beginning of addresses: its text, the parts that are kept of it, and what a further part makes of it."""

    text: str
    kept: tuple[str, ...]
    following: dict[str, _Begun]


class _Joiner:
    """Joins the parts of many addresses, what begins alike once: all of a town share province, county and town."""

    def __init__(self) -> None:
        self._first = _Begun("", (), {})
        self._left = _MAX_BEGINNINGS

    def joined(self, parts: Sequence[str | None]) -> str | None:
        """Return what ``joined`` makes of the parts that are there; None where there are none."""
        begun = self._first
        left = iter(parts)
        for part in left:
            if part is None:
                continue
            found = begun.following.get(part)
            if found is None:
                # With a number, as those of houses and rooms, nearly every address begins for itself.
                if part[:1].isdigit() or self._left == 0:
                    kept = list(begun.kept)
                    return _written(_with_parts(begun.text, kept, (part, *filter(None, left))), kept)
                found = self._begin(begun, part)
            begun = found
        return None if begun is self._first else _written(begun.text, begun.kept)

    def _begin(self, begun: _Begun, part: str) -> _Begun:
        """Remember what begins with a further part."""
        kept = list(begun.kept)
        text = _with_parts(begun.text, kept, (part,))
        self._left -= 1
        return begun.following.setdefault(part, _Begun(text, tuple(kept), {}))


def _without_repeated(part: str, kept: list[str]) -> str:
    """Return what a part adds to those kept before it; one that the part says in full is kept no more."""
    rest = part
    for earlier in tuple(kept):
        if len(earlier) < 2 or not rest.startswith(earlier) or rest[0].isdigit():
            continue
        if rest[len(earlier) :][:1] in tuple(_LEVELS):
            kept.remove(earlier)  # 武威 before 武威市古浪县
        else:
            rest = rest[len(earlier) :]
    return rest


def add_address_texts(
    source: SourceTable, raw: dict[str, pd.Series], mapping: dict[str, str], names: Sequence[str]
) -> list[str]:
    """Fill the missing texts of addresses from the columns of their parts; return the columns used.

    Parameters
    ----------
    raw, mapping
        Field -> cells, and -> column; ``text`` is added where no column holds it.
    names
        The columns that may be read.
    """
    columns = part_columns(of_the_matter(names, mapping.get("text")))
    given = cell_values.texts(raw["text"]) if "text" in raw else np.full(len(source), None, dtype=object)
    missing = np.array([text is None for text in given], dtype=bool)
    if len(columns) < 2 or not missing.any():
        return []
    bare = _without_codes(source, columns, missing)
    is_chinese = _are_chinese(bare)
    parts = [_with_suffix(texts, suffix, is_chinese) for texts, (_, suffix) in zip(bare, columns, strict=True)]
    del bare
    built = given.copy()
    joiner = _Joiner()
    for row, of_row in enumerate(zip(*parts, strict=True)):
        if missing[row]:
            built[row] = joiner.joined(of_row)
    raw["text"] = pd.Series(built, dtype=object)
    used = [name for name, _ in columns]
    whole = mapping.get("text")
    mapping["text"] = " + ".join(used) if whole is None else f"{whole} | {' + '.join(used)}"
    note = "地址文字由各级列连成 / the text of the address is joined from the columns of its parts"
    made = [text is not None for text in built[missing]]
    source.notes[note] += int(np.count_nonzero(made))
    return used


def _are_chinese(columns: Sequence[Sequence[str | None]]) -> np.ndarray:
    """Return which rows have a part with a Chinese character."""
    found = np.zeros(len(columns[0]), dtype=bool)
    for texts in columns:
        if found.all():
            break
        known = {text: text is not None and _CHINESE.search(text) is not None for text in set(texts)}
        found |= np.fromiter(map(known.__getitem__, texts), dtype=bool, count=len(texts))
    return found


def _with_suffix(texts: Sequence[str | None], suffix: str, is_chinese: np.ndarray) -> Sequence[str | None]:
    """Return the parts of addresses: bare numbers with what they count, where the address is Chinese."""
    if not suffix or not is_chinese.any():
        return texts
    known = {text: text + suffix if text is not None and _BARE_NUMBER.fullmatch(text) else text for text in set(texts)}
    if is_chinese.all():
        return list(map(known.__getitem__, texts))
    return [known[text] if chinese else text for text, chinese in zip(texts, is_chinese, strict=True)]


def _without_codes(
    source: SourceTable, columns: Sequence[tuple[str, str]], missing: np.ndarray
) -> list[list[str | None]]:
    """Return the texts of the parts of addresses, without codes of divisions where they would be a part of a text."""
    levels = division_columns([name for name, _ in columns])
    out, coded = [], np.zeros(len(source), dtype=bool)
    for name, _ in columns:
        texts = cell_values.texts(source.columns[name]).tolist()
        codes = {text for text in set(texts) if text is not None and name in levels}
        codes = {text for text in codes if is_division_code(text, levels[name])}
        if codes:
            coded |= [text in codes for text in texts]
            texts = [None if text in codes else text for text in texts]
        out.append(texts)
    if count := int(np.count_nonzero(coded & missing)):
        source.notes[_CODES] += count
    return out
