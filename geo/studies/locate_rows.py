"""Find the grids of the rows of a list: by address, by point, by a code of any day, and whether the three agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from geo.catalog.division_codes import compared_code
from geo.catalog.options import DEFAULT_ACCURACY_M
from geo.coordinate_values import HALF_WITHOUT
from geo.crs import to_wgs84
from geo.crs_datum import datum_doubt_m
from geo.errors import BadValue, GeoError, UnknownCrs
from geo.places.address.address_faults import Fault
from geo.places.address.answerer import MAX_CANDIDATES
from geo.places.address.match_faults import with_fault
from geo.places.coarse_points import coarse, written_in_cells_m
from geo.places.gazetteer import Gazetteer
from geo.places.grid_shares import GridShare
from geo.places.row_evidence import point_with_address
from geo.places.text_evidence import together
from geo.places.text_faults import future_code, unknown_code
from geo.sentences import both, sentence
from geo.studies.cells_beside import as_one_text, held_against_cells
from geo.studies.locate_positions import of_later_code, point_match, require_on_earth
from geo.studies.row_divisions import address_in_divisions
from geo.studies.today_of_code import LaterCode
from geo.types import Candidate, Match

_CHUNK = 2_000
_MAX_CRS = 20
_OF_DIVISIONS = ("区划列", "what the columns of divisions say")
_MAX_KNOWN = 50_000
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

    The ``fault`` of a row, a GeoError, is its result. A row of neither is answered by its ``grid_code``; of others the
    answer has a fault where its ``grid_code`` is that of another grid, or of none. A point that is none (half of it is
    missing, it is 0, 0, its CRS is unknown, ``point_fault`` says why) leaves a row to its address or code, and is told.
    A point and an address in different grids are both candidates; one whose address is not understood is partial.
    What other columns say, ``beside``, is held against the answer: see `geo.studies.cells_beside`.
    The ``divisions`` of a row, cells that
    `geo.readers.columns.address_parts.divisions_of_row` returns, say where its address is: see
    `geo.studies.row_divisions`.

    Parameters
    ----------
    codes_today
        Returns the grids of today that own the ground of a code of any day, the largest share first: see
        `geo.studies.today_of_code`. None: the codes of the gazetteer's day are known only.
    codes_later
        Returns since when a code is used that is used only after the gazetteer's day. None: of no code is that known.

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
    codes = _KnownCodes(
        codes_today or gazetteer.current_codes, codes_later or _never, are_of_any_day=codes_today is not None
    )
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
            code, one = _cell(row, "grid_code"), lookup.with_cells(answers[k], row)
            yield _with_code(gazetteer, one, code, codes) if code else one


class _KnownCodes:
    """Codes of today by a code of any day: the rows of a list have few codes, many times each."""

    def __init__(
        self,
        find: Callable[[str], Sequence[GridShare]],
        find_later: Callable[[str], LaterCode | None],
        *,
        are_of_any_day: bool,
    ) -> None:
        self._find, self._find_later = find, find_later
        self.are_of_any_day = are_of_any_day
        self._known: dict[str, tuple[tuple[GridShare, ...], LaterCode | None]] = {}

    def of(self, code: str) -> tuple[GridShare, ...]:
        return self._of(code)[0]

    def later(self, code: str) -> LaterCode | None:
        """Return since when a code is used that no grid of the day or before has, None for another."""
        return self._of(code)[1]

    def _of(self, code: str) -> tuple[tuple[GridShare, ...], LaterCode | None]:
        if code not in self._known:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            today = tuple(self._find(code))
            self._known[code] = today, None if today else self._find_later(code)
        return self._known[code]


def _never(code: str) -> None:
    """Return that a code is used on no later day."""


def _with_code(gazetteer: Gazetteer, row: LocatedRow, code: str, known: _KnownCodes) -> LocatedRow:
    """Return a row with the grids of today that its code means, and with a fault where these are not its answer."""
    codes = tuple(one.code for one in known.of(code))
    found = row.match
    if found is None:
        return replace(row, today=codes)
    if later := known.later(code):
        then = [one.code for one in later.grids]
        fault: Fault | None = future_code(code, later.since, gazetteer.at.isoformat(), then)
    else:
        fault = _fault_of_code(gazetteer, found, code, codes)
    # A point is in its grid whatever code is written beside it.
    return replace(row, match=found if fault is None else _told(found, fault, is_doubt=_is_text(found)), today=codes)


def _fault_of_code(gazetteer: Gazetteer, found: Match, code: str, today: Sequence[str]) -> Fault | None:
    """Return how the code of a row contradicts the answer to its address or point; None where it does not.

    A code of a division that holds the answer, and of a microgrid in the grid that is the answer, agree with it.
    """
    chains = [[str(link["code"]) for link in one.chain] for one in found.candidates if one.grid is not None]
    own = {compared_code(code)} | {compared_code(one) for one in today}
    if any(own & {compared_code(link) for link in links} for links in chains):
        return None
    if not today:
        return unknown_code(code[:60])
    finer = {str(link["code"]) for one in today for link in gazetteer.hierarchy.chain_of_grid(one)}
    if not chains or len(chains) >= MAX_CANDIDATES or any(links[-1] in finer for links in chains):
        return None
    listed, named = ", ".join(links[-1] for links in chains), ", ".join(today)
    text = sentence(
        f"与网格编码不一致：查得网格 {listed}，编码今天是 {named}",
        f"it disagrees with the code of the grid: found is {listed}, the code is today {named}",
    )
    return {"code": "address_differs", "text": text}


def _told(found: Match, fault: Fault, *, is_doubt: bool) -> Match:
    """Return an answer with a fault; where nothing was found, there is a candidate without a grid to tell it."""
    if not found.candidates:
        found = replace(found, candidates=(Candidate(None, (), "address", 0.0, "match", None, None),))
    return with_fault(found, fault, is_doubt=is_doubt)


def _is_text(found: Match) -> bool:
    return isinstance(found.query, str)


def _code_match(gazetteer: Gazetteer, code: str, codes: _KnownCodes) -> Match:
    """Return the grids of today that a code of any day means; raise BadValue where it means none."""
    today = codes.of(code)
    if later := codes.later(code):
        return of_later_code(gazetteer, code, code, later)
    if not today:
        day = "" if codes.are_of_any_day else gazetteer.at.isoformat()
        zh, en = (f"{day} ", f" on {day}") if day else ("", "")
        raise BadValue(f"{zh}没有编码为 {code[:60]} 的网格", f"there is no grid of the code {code[:60]}{en}")
    return gazetteer.grids_named(code, today)


def _check_crs_count(crs_names: set[str], crs: str) -> None:
    """Raise UnknownCrs beyond the limit of CRS per batch: PROJ takes a tenth of a second to prepare one."""
    if crs not in crs_names and len(crs_names) >= _MAX_CRS:
        raise UnknownCrs(
            f"一批最多 {_MAX_CRS} 个坐标系", f"a batch names at most {_MAX_CRS} coordinate reference systems"
        )
    crs_names.add(crs)


class _RowLookup:
    """Finder of rows by what they have: a point, an address, a code."""

    def __init__(self, gazetteer: Gazetteer, codes: _KnownCodes, accuracy: float) -> None:
        self._gazetteer = gazetteer
        self._codes = codes
        self._accuracy = accuracy

    def without_point(self, row: Mapping[str, Any], why: GeoError | None) -> LocatedRow:
        """Return the result of a row by its address, else by its code.

        Parameters
        ----------
        why
            Why its point is none; None for a row without one.
        """
        try:
            if _cell(row, "address"):
                found = self._address(row)
            elif _cell(row, "grid_code"):
                found = _code_match(self._gazetteer, _cell(row, "grid_code"), self._codes)
                if text := _divisions_text(row):
                    found = together(found, text, self._address(row), what=_OF_DIVISIONS)
            else:
                raise why or BadValue("既没有地址也没有坐标", "neither an address nor coordinates")
        except GeoError as error:
            return LocatedRow(_id(row), None, error)
        if why is not None:
            text = sentence(f"坐标没有用上：{why.zh}", f"the point is not used: {why.en}")
            found = _told(found, {"code": "unused_point", "text": text}, is_doubt=False)
        return LocatedRow(_id(row), found, None)

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
            try:
                out[k] = LocatedRow(_id(chunk[k]), self._compared(answer, chunk[k]), None)
            except GeoError as error:
                out[k] = LocatedRow(_id(chunk[k]), None, error)
        return out

    def _compared(self, found: Match, row: Mapping[str, Any]) -> Match:
        """Return the answer of a row's point, with what its address has against it, or the divisions it names."""
        text = _cell(row, "address") or _divisions_text(row)
        return point_with_address(found, text, self._address(row)) if text else found

    def with_cells(self, one: LocatedRow, row: Mapping[str, Any]) -> LocatedRow:
        """Return the result of a row with what its cells beside address, point and code have against it."""
        if one.match is None or not row.get("beside"):
            return one
        found = held_against_cells(one.match, row, lambda text: self._address({**row, "address": text}))
        return one if found is one.match else replace(one, match=found)

    def _address(self, row: Mapping[str, Any]) -> Match:
        cells = row.get("divisions") or ()
        return address_in_divisions(self._gazetteer, _cell(row, "address"), cells, accuracy=self._accuracy)


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


def _id(row: Mapping[str, Any]) -> str:
    return _cell(row, "id")
