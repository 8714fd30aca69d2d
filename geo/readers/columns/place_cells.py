"""Find the columns of a list that say more of a place than its address: addresses, parts of one, names of grids."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from geo.catalog.heading_patterns import field_by_pattern
from geo.catalog.layers import layer
from geo.readers.columns.column_mapping import fields_of_heading, normalised_column_name
from geo.readers.columns.coordinate_columns import is_pair
from geo.readers.columns.part_headings import DivisionOfRow, division_columns, is_elsewhere, part_columns

_GRID_NAME = re.compile(r"(?:所属|所在)?微?网格(?:名称|名)?|grid(?:name)?")
#: What the reader adds to a heading that stands twice.
_REPEATED = re.compile(r" \(\d+\)$")
_ADDRESSES = ("text", "standard")
#: Headings of what may be an address in words: 更正地址, 具体位置, 事发地点, address2.
_PLACE_IN_WORDS = re.compile(
    r"[\u4e00-\u9fff]{0,8}(?:地址|住址|住所|位置|地点|方位|坐落|座落|居住地|现住地|所在地|事发地)"
    r"(?:描述|信息|说明|详情|名称|文本)?(?:\d{1,2}|[一二三四五])?|(?:[a-z]{0,12})(?:address|addr|location)\d{0,2}"
)
_NO_ADDRESS = re.compile(r"^(?:ip|mac|e?mail|web|url|网络|物理|图片|文件|存储|链接|摄像机?)")
#: Cells that are addresses whatever their heading: a road or place and a number.
_ADDRESS = re.compile(
    r"[\u4e00-\u9fffA-Za-z]{1,40}(?:路|街|巷|道|胡同|里|村|嘎查|社区|小区|家园|花园|苑|组|社|队|[镇乡])第?[0-9０-９甲乙丙-]{1,8}(?:号|组|社|队|栋|幢|弄|楼)"
    r"\S{0,16}"
)
#: Cells that are looked at, and the share of them that tells.
LOOKED_AT, SHARE = 200, 0.8


class CellsBeside(NamedTuple):
    """What one row says of its place beside its address: cells with the headings of their columns.

    Attributes
    ----------
    addresses, grids, codes
        Heading and text of other addresses, of names of grids, and of codes of grids beside the first.
    parts
        Heading and text of parts of an address, road to room, and what a bare number counts.
    divisions
        Divisions of a level of which another column names one already.

    Examples
    --------
    >>> CellsBeside(addresses=(("标准地址", "古浪镇民主街3号"),)).parts
    ()
    """

    addresses: tuple[tuple[str, str], ...] = ()
    grids: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, str, str], ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    divisions: tuple[DivisionOfRow, ...] = ()


NOTHING = CellsBeside()


class ColumnsBeside(NamedTuple):
    """The columns that say more of a place than its address.

    Examples
    --------
    >>> names = ["编号", "地址", "地址 (3)", "标准地址", "门牌号", "网格名称", "备注"]
    >>> found = columns_beside(names, "地址")
    >>> found.addresses, found.grids, found.parts
    (('地址 (3)', '标准地址'), ('网格名称',), (('门牌号', '号'),))
    """

    addresses: tuple[str, ...]
    grids: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]

    def names(self) -> list[str]:
        """Return the headings of all of them."""
        return [*self.addresses, *self.grids, *(name for name, _ in self.parts)]

    def cells(self, texts: Mapping[str, str | None]) -> CellsBeside:
        """Return the cells of a row, of the texts of its columns."""

        def of(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
            return tuple((name, text) for name in names if (text := texts[name]) is not None)

        parts = tuple((name, text, after) for name, after in self.parts if (text := texts[name]) is not None)
        return CellsBeside(of(self.addresses), of(self.grids), parts)


def columns_beside(
    names: Sequence[str],
    address: str | None,
    *,
    known: Collection[str] = (),
    samples: Mapping[str, Sequence[str]] | None = None,
) -> ColumnsBeside:
    """Return the columns that say more of a place than its address.

    Parameters
    ----------
    names
        The columns that may be read.
    address
        That of the address; None where there is none.
    known
        Columns that are read for something else.
    samples
        The first cells of columns, which tell of other headings too.
    """
    left = [name for name in names if name != address and name not in known]
    cells = samples or {}
    addresses = [name for name in left if holds_addresses(name, cells.get(name))]
    grids = [name for name in left if _GRID_NAME.fullmatch(normalised_column_name(_REPEATED.sub("", name)))]
    coarse = set(division_columns(left))
    parts = [one for one in part_columns(left) if one[0] not in coarse]
    return ColumnsBeside(tuple(addresses), tuple(grids), tuple(parts))


def is_address_heading(name: str) -> bool:
    """Return whether a heading says that its cells are addresses: of two rows of headings the last tells too.

    Examples
    --------
    >>> [is_address_heading(name) for name in ("标准地址", "申请人/地址", "地址类型")]
    [True, True, False]
    """
    return any(_is_address(part) for part in dict.fromkeys((name, name.rpartition("/")[2])))


def holds_addresses(name: str, texts: Sequence[str] | None) -> bool:
    """Return whether a column holds addresses of the place of a row, by its heading and by its cells.

    Parameters
    ----------
    texts
        Its first cells; None where they are not known.

    Examples
    --------
    >>> [holds_addresses("位置", [text]) for text in ("东街1号", "102.9,37.5")], holds_addresses("备注", ["东街1号"])
    ([True, False], True)
    >>> holds_addresses("户籍地址", ["东街1号"]), holds_addresses("地址2", None)
    (False, True)
    """
    if is_elsewhere(name):
        return False
    if is_address_heading(name):
        return True
    plain = normalised_column_name(_REPEATED.sub("", name.rpartition("/")[2]))
    if _PLACE_IN_WORDS.fullmatch(plain) is not None and _NO_ADDRESS.match(plain) is None:
        return texts is None or any(_has_words(text) for text in texts)
    return bool(texts) and sum(map(is_written_address, texts or ())) >= SHARE * len(texts or ())


def is_written_address(text: str) -> bool:
    """Return whether a text is written as an address is: a road or place, and a number.

    Examples
    --------
    >>> is_written_address("北镇东街1号"), is_written_address("已联系")
    (True, False)
    """
    return _ADDRESS.fullmatch(text) is not None


def _has_words(text: str) -> bool:
    return not is_pair(text) and re.search("[\u4e00-\u9fffA-Za-z]{2}", text) is not None


def _is_address(name: str) -> bool:
    plain, addresses = _REPEATED.sub("", name), layer("addresses")
    fields = fields_of_heading(plain, addresses)
    fields += [field for field, _ in field_by_pattern("addresses", [normalised_column_name(plain)], with_weak=False)]
    return any(field in _ADDRESSES for field in fields)
