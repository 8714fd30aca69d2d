"""Find what the columns of a list say of places, and read what one row says of its own, in a table or in JSON."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from geo.catalog.division_codes import DIVISION_LEVELS
from geo.catalog.heading_patterns import field_by_pattern
from geo.catalog.layers import layer
from geo.readers.columns.address_parts import is_division_code
from geo.readers.columns.column_mapping import fields_of_heading, normalised_column_name
from geo.readers.columns.part_headings import (
    DivisionOfRow,
    division_groups,
    divisions_of_row,
    level_of_cells,
    of_the_matter,
    part_columns,
)
from geo.readers.columns.place_cells import NOTHING, CellsBeside, ColumnsBeside, columns_beside

#: Headings of a code of a grid, the old ones first: a list that has both asks for those of today.
_OLD = re.compile(r"旧|老|^原(?!始)|历史|(?:变更|调整)前|(?:old|former|previous)(?=grid)")
_NEW = re.compile(r"新|^现|变更后|调整后|new(?=grid)")
_GRID_CODE = re.compile(
    r"(?:旧|老|原有?|历史|新|现有?|(?:变更|调整)[前后])?(?:(?:所属|所在|归属|小|大|微|基础|综合|全科|综治))*网格"
    r"(?:编码|代码|编号|号码?|id|代号|标识码?|code|唯一码)|(?:old|former|new)?(?:micro)?grid(?:code|id|no\.?|number)|(?:old|former|new)grid"
)
#: Fields whose columns say no division, whatever their cells.
_NO_DIVISIONS = ("id", "aliases")
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


NOWHERE = PlaceOfRow()


class RowColumns(NamedTuple):
    """The columns of a list that say where its places are, but for their points.

    Attributes
    ----------
    codes, parts, beside
        Columns of codes of grids, of parts of an address, and of what is held against the answer.
    divisions, groups
        Columns of divisions with their levels, the coarsest first, and those of each level together.

    Examples
    --------
    >>> found = row_columns(["编号", "乡镇", "村", "路", "新网格编码", "旧网格编码", "电话"], None)
    >>> found.codes, list(found.divisions), [name for name, _ in found.parts]
    (('旧网格编码', '新网格编码'), ['乡镇', '村'], ['乡镇', '村', '路'])
    """

    codes: tuple[str, ...]
    divisions: Mapping[str, str]
    groups: Sequence[tuple[str, ...]]
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
        if not texts and own is None and joined is None:
            return NOWHERE  # as every row of a list of points
        beside = self.beside.cells(texts)
        codes = [(name, text) for name in self.codes if (text := texts[name]) is not None]
        divisions, others = self._divisions(texts)
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
            beside._replace(codes=tuple(codes[1:]), divisions=others),
        )

    def _divisions(
        self, texts: Mapping[str, str | None]
    ) -> tuple[tuple[DivisionOfRow, ...], tuple[DivisionOfRow, ...]]:
        """Return the first division of each level that a row names, and the others, which name another."""
        if not self.groups:
            return (), ()
        if not any(len(group) > 1 for group in self.groups):
            return divisions_of_row(self.divisions, (texts[name] for name in self.divisions)), ()
        first: list[DivisionOfRow] = []
        others: list[DivisionOfRow] = []
        for group in self.groups:
            columns = {name: self.divisions[name] for name in group}
            cells = divisions_of_row(columns, (texts[name] for name in group))
            first += cells[:1]
            others += [one for one in cells[1:] if one.text != cells[0].text]
        return tuple(first), tuple(others)


def row_columns(
    names: Sequence[str],
    address: str | None,
    *,
    known: Collection[str] = (),
    samples: Mapping[str, Sequence[str]] | None = None,
) -> RowColumns:
    """Return the columns that say where the places of a list are.

    Parameters
    ----------
    names
        The columns that may be read.
    address
        That of the address; None where there is none.
    known
        Columns that are read for something else.
    samples
        The first cells of columns, which tell of other headings what they hold.

    Examples
    --------
    >>> found = row_columns(["地址", "属地"], "地址", samples={"属地": ["大靖镇"]})
    >>> found.divisions, row_columns(["地址", "属地"], "地址").divisions
    ({'属地': 'township'}, {})
    """
    codes = tuple(grid_code_columns(names))
    left = [name for name in names if name not in known and name != address]
    left = of_the_matter(left, address)
    beside = columns_beside(left, address, known=codes, samples=samples)
    parts = part_columns(left)
    groups: Sequence[tuple[tuple[str, ...], str]] = division_groups(left)
    taken = {*codes, *beside.names(), *(name for name, _ in parts), *(name for group, _ in groups for name in group)}
    groups = _with_cells(groups, [name for name in left if name not in taken], samples or {})
    divisions = {name: level for group, level in groups for name in group}
    return RowColumns(codes, divisions, [group for group, _ in groups], parts, beside)


def _with_cells(
    groups: Sequence[tuple[tuple[str, ...], str]], names: Sequence[str], samples: Mapping[str, Sequence[str]]
) -> Sequence[tuple[tuple[str, ...], str]]:
    """Return the columns of divisions with those that only their cells show, each behind the others of its level."""
    out = list(groups)
    for name in names:
        level = level_of_cells(name, samples.get(name, ()))
        if level is None or _is_of_field(name, _NO_DIVISIONS):
            continue
        places = [place for place, (_, of) in enumerate(out) if of == level]
        if places:
            out[places[0]] = ((*out[places[0]][0], name), level)
        else:
            out.append(((name,), level))
    return sorted(out, key=lambda one: DIVISION_LEVELS[one[1]])


def _is_of_field(name: str, fields: Collection[str]) -> bool:
    of = layer("addresses")
    found = [
        *fields_of_heading(name, of),
        *(one for one, _ in field_by_pattern(of.name, [normalised_column_name(name)])),
    ]
    return any(one in fields for one in found)


def grid_code_columns(names: Sequence[str]) -> list[str]:
    """Return the columns of codes of grids, that which a list asks for first.

    Examples
    --------
    >>> grid_code_columns(["新网格编码", "地址", "旧网格编码", "所属网格ID"])
    ['旧网格编码', '所属网格ID', '新网格编码']
    """
    plain = {name: normalised_column_name(name.rpartition("/")[2]) for name in names}
    found = [name for name in names if _GRID_CODE.fullmatch(plain[name])]
    return sorted(found, key=lambda name: 0 if _OLD.search(plain[name]) else 2 if _NEW.search(plain[name]) else 1)
