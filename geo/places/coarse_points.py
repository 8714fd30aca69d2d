"""Tell how exact coordinates are that are written with few digits: 102.9, 37.41 is a place a kilometre wide."""

from __future__ import annotations

from dataclasses import replace

from geo.catalog.options import DEFAULT_ACCURACY_M
from geo.places.address.address_faults import Fault
from geo.places.address.given_frames import METRES_PER_DEGREE
from geo.places.text_faults import coarse_point
from geo.types import Candidate

#: Grids that are farther than this are not looked for round a point; how far it may be off is told all the same.
MAX_LOOKED_AT_M = 2_000.0
#: A spreadsheet leaves out zeros at the end, so that of numbers with more decimals the digits say nothing.
_FEW_DECIMALS = 2
#: Numbers with more are made of minutes where these are whole.
_MOST_DECIMALS, _WHOLE = 6, 1e-6


def written_m(unit: float) -> float:
    """Return how far off a point may be of which one of the last digit is so many degrees; 0 where it is exact enough.

    Exact enough is what points are taken for where nobody says how exact they are, 20 m.

    Examples
    --------
    >>> written_m(0.01), written_m(0.0001)
    (1112.0, 0.0)
    """
    metres = round(unit * METRES_PER_DEGREE, 1)
    return metres if metres > DEFAULT_ACCURACY_M else 0.0


def written_in_cells_m(lon: float, lat: float) -> float:
    """Return the same of the numbers of a row, in degrees; 0 of others.

    Told are those of which neither has more than two decimals, and those made of whole minutes or seconds, which leave
    numbers that do not end.

    Examples
    --------
    >>> written_in_cells_m(102.9, 37.41), written_in_cells_m(102.9, 37.4), written_in_cells_m(102.912, 37.4)
    (1112.0, 11119.5, 0.0)
    >>> written_in_cells_m(111 + 7 / 60, 40 + 43 / 60), written_in_cells_m(111 + 7 / 60 + 11 / 3600, 40.7)
    (1853.2, 30.9)
    """
    for decimals in range(_FEW_DECIMALS + 1):
        if round(lon, decimals) == lon and round(lat, decimals) == lat:
            return written_m(10.0**-decimals)
    if round(lon, _MOST_DECIMALS) != lon or round(lat, _MOST_DECIMALS) != lat:
        for parts in (60, 3600):
            if all(abs(one * parts - round(one * parts)) < _WHOLE for one in (lon, lat)):
                return written_m(1.0 / parts)
    return 0.0


def coarse(found: Candidate, metres: float) -> tuple[Candidate, Fault | None]:
    """Return the candidate of a point that is written to so many metres, and a fault where these leave its grid.

    Examples
    --------
    >>> one = Candidate({"code": "g1"}, (), "grid", 1.0, "point", 20.0, 500.0)
    >>> [(each.precision_m, fault is not None) for each, fault in (coarse(one, 1112.0), coarse(one, 0.0))]
    [(1112.0, True), (20.0, False)]
    """
    if not metres:
        return found, None
    exact = replace(found, precision_m=max(found.precision_m or 0.0, metres))
    return exact, coarse_point(metres) if found.border_m is not None and found.border_m < metres else None
