"""Find the grids of the rows of a list: by address, by point, by a code of any day, and whether the three agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from geo.catalog.division_codes import DIVISION_LEVELS
from geo.catalog.options import DEFAULT_ACCURACY_M
from geo.coordinate_values import HALF_WITHOUT
from geo.crs import to_wgs84
from geo.crs_datum import datum_doubt_m
from geo.errors import BadValue, GeoError, UnknownCrs
from geo.places.address.match_faults import told_fault, with_fault
from geo.places.coarse_points import coarse, written_in_cells_m
from geo.places.gazetteer import Gazetteer
from geo.places.grid_shares import GridShare
from geo.places.row_evidence import beside_address, beside_code, in_other_crs, point_with_address, settled
from geo.places.text_evidence import together
from geo.places.text_faults import unknown_code_in, unread_column
from geo.readers.columns.part_headings import DivisionOfRow
from geo.sentences import both, sentence
from geo.studies.cells_beside import as_one_text, held_against_cells, text_of_parts_alone
from geo.studies.codes_of_day import CodesOfDay
from geo.studies.locate_positions import point_match, require_on_earth
from geo.studies.points_beside import with_point
from geo.studies.row_divisions import address_in_divisions
from geo.studies.today_of_code import LaterCode
from geo.studies.unused_cells import error_of_unused, with_unused_cells
from geo.types import Match

_CHUNK = 2_000
_MAX_CRS = 20
#: Answers to texts that are kept while a list is answered.
_MAX_KNOWN = 2_000
_OF_DIVISIONS = ("区划列", "what the columns of divisions say")
_OF_PARTS = ("地址各列", "what the columns of parts of an address say")
#: What is farther from its own numbers, in degrees, is of a CRS with other units.
_DEGREES_OF_ANOTHER = 0.1


@dataclass(frozen=True)
class LocatedRow:
    """Result of one row of a batch: ``match``, or ``error`` where the row is invalid.

    Attributes
    ----------
    today
        Codes of the grids that are today what the code in the row was; None where the row has no code.
    """

    id: str
    match: Match | None
    error: GeoError | None
    today: tuple[str, ...] | None = None


def locate_rows(
    gazetteer: Gazetteer,
    rows: Iterable[Mapping[str, Any]],
    *,
    accuracy: float = DEFAULT_ACCURACY_M,
    codes_today: Callable[[str], Sequence[GridShare]] | None = None,
    codes_later: Callable[[str], LaterCode | None] | None = None,
) -> Iterator[LocatedRow]:
    """Yield the results of rows of ``id`` and ``address`` or ``lon, lat, crs`` in order, 2,000 rows at a time.

    The ``fault`` of a row, a GeoError, is its result. A row of neither is answered by its ``grid_code``, also where its
    address ``is_of_divisions`` only; of others the answer has a fault where its ``grid_code`` is that of another grid,
    or of none. A point that is none (half of it is missing, it is 0, 0, its CRS is unknown, ``point_fault`` says why)
    leaves a row to its address or code, and is told. A point and an address in different grids are both candidates; one
    whose address is not understood is partial. What other columns say, ``beside``, is held against the answer: see
    `geo.studies.cells_beside`. The ``divisions`` of a row, cells that
    `geo.readers.columns.part_headings.divisions_of_row` returns, say where its address is: see
    `geo.studies.row_divisions`. A row with ``unread`` cells, each with its heading and why, says so and is not matched;
    its ``further`` points are held against the answer (`geo.studies.points_beside`), and its ``unused`` and ``ended``
    cells are told (`geo.studies.unused_cells`).

    Parameters
    ----------
    codes_today
        Returns the grids of the gazetteer's day that own the ground of a code of any day, the largest share first: see
        `geo.studies.today_of_code`. None: the codes of that day are known only.
    codes_later
        Returns since when a code is used that is used only after that day. None: of no code is that known.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.studies.locate_positions import gazetteer_of
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["g1"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.2, 37.7)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li")
    >>> row = {"id": "1", "lon": "103.15", "lat": "37.65", "crs": "wgs84"}
    >>> rows = [row, {**row, "id": "2", "crs": ""}]
    >>> for row in locate_rows(gazetteer_of(store), rows):
    ...     print(row.id, row.match.candidates[0].grid["code"] if row.match else row.error.en)
    1 g1
    2 no CRS is named; name it in the column crs or by --crs
    >>> store.close()
    >>> folder.cleanup()
    """
    rows_left = iter(rows)
    crs_names: set[str] = set()
    codes = CodesOfDay(gazetteer, codes_today, codes_later)
    lookup = _RowLookup(gazetteer, codes, accuracy)
    while chunk := [as_one_text(row) for row in islice(rows_left, _CHUNK)]:
        answers: dict[int, LocatedRow] = {}
        points: dict[str, list[tuple[int, float, float]]] = {}
        for k, row in enumerate(chunk):
            if row.get("fault") is not None:
                answers[k] = LocatedRow(_id(row), None, row["fault"])
                continue
            try:
                point = _point_of(row)
                if point is not None:
                    _check_crs_count(crs_names, point[2])
            except GeoError as error:
                answers[k] = lookup.without_point(row, error)
                continue
            if point is None:
                answers[k] = lookup.without_point(row, None)
            else:
                points.setdefault(point[2], []).append((k, point[0], point[1]))
        for crs, members in points.items():
            answers.update(lookup.by_points(chunk, members, crs))
        for k, row in enumerate(chunk):
            yield lookup.with_cells(answers[k], row)


def says_words(row: Mapping[str, Any]) -> bool:
    """Return whether a row has words that are looked up among the addresses.

    Examples
    --------
    >>> says_words({"address": "东街1号"}), says_words({"lon": 103.15, "lat": 37.65, "beside": ((), ())})
    (True, False)
    """
    return bool(row.get("address") or row.get("divisions") or any(row.get("beside") or ()))


def _check_crs_count(crs_names: set[str], crs: str) -> None:
    """Raise UnknownCrs beyond the limit of CRS per batch: PROJ takes a tenth of a second to prepare one."""
    if crs not in crs_names and len(crs_names) >= _MAX_CRS:
        raise UnknownCrs(
            f"一批最多 {_MAX_CRS} 个坐标系", f"a batch names at most {_MAX_CRS} coordinate reference systems"
        )
    crs_names.add(crs)


class _RowLookup:
    """Finder of rows by what they have: a point, an address, a code."""

    def __init__(self, gazetteer: Gazetteer, codes: CodesOfDay, accuracy: float) -> None:
        self._gazetteer = gazetteer
        self._codes = codes
        self._accuracy = accuracy
        self._known: dict[tuple[str, Any], Match] = {}

    def without_point(self, row: Mapping[str, Any], why: GeoError | None) -> LocatedRow:
        """Return the result of a row by its address, else by its code.

        Parameters
        ----------
        why
            Why its point is none; None for a row without one.
        """
        try:
            if _cell(row, "address") and not (row.get("is_of_divisions") and _codes(row)):
                found = self._address(row)
            elif _codes(row):
                found = self._by_code(row)
            elif row.get("is_of_divisions"):
                found = self._address(row)
            else:
                raise why or _nothing(row)
        except GeoError as error:
            return LocatedRow(_id(row), None, error)
        if why is not None:
            text = sentence(f"坐标没有用上：{why.zh}", f"the point is not used: {why.en}")
            found = told_fault(found, {"code": "unused_point", "text": text}, is_doubt=False)
        return LocatedRow(_id(row), found, None)

    def _by_code(self, row: Mapping[str, Any]) -> Match:
        """Return the grids of the first code of a row that names any, with what its divisions and roads say."""
        known: list[Match] = []
        why: GeoError | None = None
        for code in _codes(row):
            try:
                known.append(self._codes.match(code))
            except GeoError as error:
                why = why or error
        if not known:
            raise why or _nothing(row)
        return self._with_words(settled(known[0], known[1:]), row)

    def _with_words(self, found: Match, row: Mapping[str, Any]) -> Match:
        """Return the answer to a code with what the words of its row say that are no address."""
        if text := _cell(row, "address") or _divisions_text(row):
            found = together(found, text, self._address(row), what=_OF_DIVISIONS)
        if text := text_of_parts_alone(row):
            found = together(found, text, self._address({**row, "address": text}), what=_OF_PARTS)
        return found

    def by_points(
        self, chunk: Sequence[Mapping[str, Any]], members: Sequence[tuple[int, float, float]], crs: str
    ) -> dict[int, LocatedRow]:
        """Return the results of rows of a chunk by their points, all of one CRS."""
        at, lon, lat = (np.array(values) for values in zip(*members, strict=True))
        try:
            x, y = to_wgs84(lon, lat, crs)
        except GeoError as error:
            return {int(k): self.without_point(chunk[k], error) for k in at}
        out: dict[int, LocatedRow] = {}
        doubt = datum_doubt_m(x, y, crs)
        found = self._gazetteer.points(x, y, accuracy=max(self._accuracy, float(doubt.max())))
        for n, k in enumerate(at.tolist()):
            try:
                require_on_earth(x[n : n + 1], y[n : n + 1])
            except GeoError as error:
                out[k] = self.without_point(chunk[k], error)
                continue
            query = (float(lon[n]), float(lat[n]))
            few = (
                written_in_cells_m(*query) if np.hypot(x[n] - query[0], y[n] - query[1]) < _DEGREES_OF_ANOTHER else 0.0
            )
            one, coarse_fault = (None, None) if (one := found[n]) is None else coarse(one, few)
            answer = point_match(self._gazetteer, query, crs, (x[n], y[n]), one, float(doubt[n]))
            if coarse_fault is not None and not _cell(chunk[k], "address"):  # with it, the address says the grid too
                answer = with_fault(answer, coarse_fault)
            if chunk[k].get("other_crs") is not None:
                answer = self._with_other_crs(answer, query, (x[n], y[n]), *chunk[k]["other_crs"])
            try:
                out[k] = LocatedRow(_id(chunk[k]), self._compared(answer, chunk[k]), None)
            except GeoError as error:
                out[k] = LocatedRow(_id(chunk[k]), None, error)
        return out

    def _with_other_crs(
        self, found: Match, query: tuple[float, float], point: tuple[float, float], heading: str, named: str
    ) -> Match:
        """Return the answer of a point whose heading names another CRS: sure where both mean one grid."""
        is_in_degrees = np.hypot(point[0] - query[0], point[1] - query[1]) < _DEGREES_OF_ANOTHER
        try:
            # Numbers of a projection say the same in another datum, but for the shift of that.
            is_same_unit = is_in_degrees or named.startswith("EPSG:")
            lon, lat = query if is_same_unit else point
            x, y = to_wgs84(np.array([lon]), np.array([lat]), named)
            doubt = float(datum_doubt_m(x, y, named)[0])
        except GeoError:  # nothing can be computed with it
            return in_other_crs(found, None, heading, named)
        there = self._gazetteer.points(x, y, accuracy=max(self._accuracy, doubt))[0]
        other = point_match(self._gazetteer, query, named, (x[0], y[0]), there, doubt)
        return in_other_crs(found, other, heading, named, doubt_m=doubt)

    def _compared(self, found: Match, row: Mapping[str, Any]) -> Match:
        """Return the answer of a row's point, with what its address has against it, or the divisions it names."""
        text = _cell(row, "address") or _divisions_text(row) + (parts := text_of_parts_alone(row))
        own = row if _cell(row, "address") else {**row, "address": parts}
        return point_with_address(found, text, self._address(own)) if text else found

    def with_cells(self, one: LocatedRow, row: Mapping[str, Any]) -> LocatedRow:
        """Return the result of a row with what its codes and other cells have against it, and what was not read."""
        codes = _codes(row)
        today = tuple(share.code for share in self._codes.of(codes[0])) if codes else None
        if one.match is None or row.get("fault") is not None:
            return replace(one, today=today)
        found = one.match
        if row.get("beside"):
            found = held_against_cells(found, row, lambda text: self._address({**row, "address": text}))
        for cell in row["beside"].divisions if row.get("beside") else ():
            found = self._with_division(found, row, cell)
        for column, point in row.get("further") or ():
            found = with_point(found, column, point, self._gazetteer, self._accuracy)
        if codes:
            found = self._codes.held_against(found, codes[0])
        for column, code in row["beside"].codes if row.get("beside") else ():
            found = self._with_code_of(found, column, code)
        for column, why in row.get("unread") or ():
            found = told_fault(found, unread_column(column, why.zh, why.en))
        found = with_unused_cells(found, row, self._gazetteer.at.isoformat())
        return replace(one, match=found, today=today)

    def _with_division(self, found: Match, row: Mapping[str, Any], cell: DivisionOfRow) -> Match:
        """Return an answer with what a further division of its row has against it, within the coarser ones."""
        if len(cell.text) > 1 and not cell.text.isdigit() and cell.text in _cell(row, "address"):
            return found
        digits = DIVISION_LEVELS[cell.level]
        above = [one for one in row.get("divisions") or () if DIVISION_LEVELS[one.level] < digits]
        named = self._address({"divisions": (*above, cell)})
        return beside_address(found, cell.column, cell.text, named)

    def _with_code_of(self, found: Match, column: str, code: str) -> Match:
        """Return an answer with what the code in a further column has against it."""
        try:
            return beside_code(found, column, code, self._codes.match(code))
        except GeoError:
            return told_fault(found, unknown_code_in(column, code), is_doubt=isinstance(found.query, str))

    def _address(self, row: Mapping[str, Any]) -> Match:
        """Return what the address of a row means in its divisions; the rows of a list repeat those of a village."""
        text, cells = _cell(row, "address"), tuple(row.get("divisions") or ())
        found = self._known.get((text, cells))
        if found is None:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            found = address_in_divisions(self._gazetteer, text, cells, accuracy=self._accuracy)
            found = self._known[text, cells] = self._codes.instead_of(found)
        return found


def _point_of(row: Mapping[str, Any]) -> tuple[float, float, str] | None:
    """Return the point of a row, None where it has none; raise GeoError where what it has is none."""
    if row.get("point_fault") is not None:
        raise row["point_fault"]
    lon, lat = _cell(row, "lon"), _cell(row, "lat")
    if not lon and not lat:
        return None
    if not lon or not lat:
        raise BadValue(*both(HALF_WITHOUT["lat" if lon else "lon"]))
    try:
        x, y = float(lon), float(lat)
    except ValueError:
        raise BadValue("经纬度不是数", "lon or lat is no number") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise BadValue("坐标必须是有限的数", "coordinates must be finite numbers")
    if x == y == 0.0 and (_cell(row, "address") or _cell(row, "grid_code")):
        raise BadValue("坐标是 0,0，当作没有填写", "it is 0, 0, which is taken for none")
    crs = _cell(row, "crs")
    if not crs:
        raise UnknownCrs(
            "没有写明坐标系，请在 crs 列写明，或用 --crs 指明",
            "no CRS is named; name it in the column crs or by --crs",
        )
    return x, y, crs


def _cell(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _divisions_text(row: Mapping[str, Any]) -> str:
    """Return what the divisions of a row say without an address."""
    return "".join(one.text for one in row.get("divisions") or ())


def _codes(row: Mapping[str, Any]) -> list[str]:
    """Return the codes of grids of a row."""
    beside = row.get("beside")
    others = [code for _, code in beside.codes] if beside else []
    return [code for code in (_cell(row, "grid_code"), *others) if code]


def _nothing(row: Mapping[str, Any]) -> BadValue:
    """Return the error of a row that says no place, or none that was read."""
    for column, why in row.get("unread") or ():
        fault = unread_column(column, why.zh, why.en)
        return BadValue(*both(fault["text"]))
    if (unused := error_of_unused(row)) is not None:
        return unused
    return BadValue("既没有地址也没有坐标", "neither an address nor coordinates")


def _id(row: Mapping[str, Any]) -> str:
    return _cell(row, "id")
