"""Find what the columns of a list say of places, and read what one row says of its own, in a table or in JSON."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from geo.readers.columns.address_parts import (
    DivisionOfRow,
    division_columns,
    divisions_of_row,
    is_division_code,
    part_columns,
)
from geo.readers.columns.column_mapping import normalised_column_name
from geo.readers.columns.place_cells import NOTHING, CellsBeside, ColumnsBeside, columns_beside

#: Headings of a code of a grid, the old ones first: a list that has both asks for those of today.
_OLD_GRID_CODE = re.compile(
    r"(?:旧|老|原有?|历史)(?:微)?网格(?:编码|代码|编号|号码|号)|(?:old|former)grid(?:code|id|no\.?)?"
)
_GRID_CODE = re.compile(r"(?:所属|所在)?(?:微)?网格(?:编码|代码|编号|号码|号)|grid(?:code|id)")
_NEW_GRID_CODE = re.compile(r"(?:新|现|现有|变更后)(?:微)?网格(?:编码|代码|编号|号码|号)|newgrid(?:code|id|no\.?)?")
#: Of a single column no address is made: a town is none, and neither is a number.
_FEWEST_PARTS = 2


class PlaceOfRow(NamedTuple):
    """What one row says of its place, but for its point.

    Attributes
    ----------
    address
        The text of its address, else of another column of addresses, else joined of the columns of its parts.
    divisions
        Cells that name divisions and are not in the text of the address.
    is_of_divisions
        Whether no address but only the names or codes of divisions say where the place is.
    grid_code
        The first code of a grid.
    beside
        What other columns say.

    Examples
    --------
    >>> PlaceOfRow("东街1号").divisions
    ()
    """

    address: str | None = None
    divisions: tuple[DivisionOfRow, ...] = ()
    is_of_divisions: bool = False
    grid_code: str | None = None
    beside: CellsBeside = NOTHING


class RowColumns(NamedTuple):
    """The columns of a list that say where its places are, but for their points.

    Examples
    --------
    >>> found = row_columns(["编号", "乡镇", "村", "路", "新网格编码", "旧网格编码", "电话"], None)
    >>> found.codes, list(found.divisions), [name for name, _ in found.parts]
    (('旧网格编码', '新网格编码'), ['乡镇', '村'], ['乡镇', '村', '路'])
    """

    codes: tuple[str, ...]
    divisions: Mapping[str, str]
    parts: Sequence[tuple[str, str]]
    beside: ColumnsBeside

    def names(self) -> list[str]:
        """Return the headings of all of them."""
        parts = [name for name, _ in self.parts] if self.are_joined else []
        return list(dict.fromkeys([*self.codes, *self.divisions, *parts, *self.beside.names()]))

    @property
    def are_joined(self) -> bool:
        """Return whether the text of an address is made of the columns of its parts where there is no other."""
        return len(self.parts) >= _FEWEST_PARTS

    def place(self, own: str | None, joined: str | None, texts: Mapping[str, str | None]) -> PlaceOfRow:
        """Return what a row says of its place.

        Parameters
        ----------
        own
            The text in the column of addresses.
        joined
            The text that the columns of its parts make.
        texts
            The texts of the row in the columns that `names` returns.

        Examples
        --------
        >>> found = row_columns(["乡镇", "村", "网格编码"], None)
        >>> row = found.place(None, "大靖镇", {"乡镇": "大靖镇", "村": "620622104001", "网格编码": "g1"})
        >>> row.address, [one.text for one in row.divisions], row.is_of_divisions, row.grid_code
        (None, ['大靖镇', '620622104001'], True, 'g1')
        """
        beside = self.beside.cells(texts)
        codes = [(name, text) for name in self.codes if (text := texts[name]) is not None]
        divisions = divisions_of_row(self.divisions, (texts[name] for name in self.divisions))
        address = own if own is not None or not beside.addresses else beside.addresses[0][1]
        is_of_divisions = False
        if address is None and self.are_joined:
            in_text = {name for name, _ in self.parts}
            finer = any(texts[name] is not None for name in in_text if name not in self.divisions)
            outside = tuple(
                one for one in divisions if one.column not in in_text or is_division_code(one.text, one.level)
            )
            beside, is_of_divisions = beside._replace(parts=()), bool(divisions) and not finer
            if joined is not None and not (is_of_divisions and outside):
                address, divisions = joined, outside
        return PlaceOfRow(
            address,
            divisions,
            is_of_divisions,
            codes[0][1] if codes else None,
            beside._replace(codes=tuple(codes[1:])),
        )


def row_columns(names: Sequence[str], address: str | None, *, known: Collection[str] = ()) -> RowColumns:
    """Return the columns that say where the places of a list are.

    Parameters
    ----------
    names
        The columns that may be read.
    address
        That of the address; None where there is none.
    known
        Columns that are read for something else.
    """
    codes = tuple(grid_code_columns(names))
    left = [name for name in names if name not in known and name != address]
    beside = columns_beside(left, address, known=codes)
    return RowColumns(codes, division_columns(left), part_columns(left), beside)


def grid_code_columns(names: Sequence[str]) -> list[str]:
    """Return the columns of codes of grids, that which a list asks for first.

    Examples
    --------
    >>> grid_code_columns(["新网格编码", "地址", "旧网格编码"])
    ['旧网格编码', '新网格编码']
    """
    patterns = (_OLD_GRID_CODE, _GRID_CODE, _NEW_GRID_CODE)
    return [name for one in patterns for name in names if one.fullmatch(normalised_column_name(name))]
