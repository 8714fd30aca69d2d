"""Find the columns of a list that say more of a place than its address: addresses, parts of one, names of grids."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from geo.catalog.heading_patterns import field_by_pattern
from geo.catalog.layers import layer
from geo.readers.columns.address_parts import division_columns, part_columns
from geo.readers.columns.column_mapping import fields_of_heading, normalised_column_name

_GRID_NAME = re.compile(r"(?:所属|所在)?微?网格(?:名称|名)?|grid(?:name)?")
#: What the reader adds to a heading that stands twice.
_REPEATED = re.compile(r" \(\d+\)$")
_ADDRESSES = ("text", "standard")


class CellsBeside(NamedTuple):
    """What one row says of its place beside its address: cells with the headings of their columns.

    Attributes
    ----------
    addresses, grids, codes
        Heading and text of other addresses, of names of grids, and of codes of grids beside the first.
    parts
        Heading and text of parts of an address, road to room, and what a bare number counts.

    Examples
    --------
    >>> CellsBeside(addresses=(("标准地址", "古浪镇民主街3号"),)).parts
    ()
    """

    addresses: tuple[tuple[str, str], ...] = ()
    grids: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, str, str], ...] = ()
    codes: tuple[tuple[str, str], ...] = ()


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


def columns_beside(names: Sequence[str], address: str | None, *, known: Collection[str] = ()) -> ColumnsBeside:
    """Return the columns that say more of a place than its address.

    Parameters
    ----------
    names
        The columns that may be read.
    address
        That of the address; None where there is none.
    known
        Columns that are read for something else.
    """
    left = [name for name in names if name != address and name not in known]
    addresses = [name for name in left if _is_address(name)]
    grids = [name for name in left if _GRID_NAME.fullmatch(normalised_column_name(_REPEATED.sub("", name)))]
    coarse = set(division_columns(left))
    parts = [one for one in part_columns(left) if one[0] not in coarse]
    return ColumnsBeside(tuple(addresses), tuple(grids), tuple(parts))


def _is_address(name: str) -> bool:
    plain, addresses = _REPEATED.sub("", name), layer("addresses")
    fields = fields_of_heading(plain, addresses)
    fields += [field for field, _ in field_by_pattern("addresses", [normalised_column_name(plain)], with_weak=False)]
    return any(field in _ADDRESSES for field in fields)
