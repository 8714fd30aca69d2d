"""Hold a further point of a row against its answer: a second pair of coordinates, one in another CRS, a shape."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.crs import to_wgs84
from geo.errors import GeoError
from geo.places.address.address_faults import Fault
from geo.places.address.answerer import MAX_CANDIDATES
from geo.places.address.cited_words import shortened
from geo.places.address.match_faults import told_fault
from geo.places.gazetteer import Gazetteer
from geo.readers.place_points import PointOfRow
from geo.sentences import sentence
from geo.studies.locate_positions import point_match, require_on_earth
from geo.types import Candidate, Match


def with_point(found: Match, heading: str, point: PointOfRow, gazetteer: Gazetteer, accuracy: float) -> Match:
    """Return the answer of a row with what a further point of it has against it; one that is none is told only."""
    why = point.fault
    if why is None and (point.lon is None or point.lat is None or point.crs is None):
        return told_fault(found, _unused(heading, "没有写明坐标系", "no CRS is named"), is_doubt=False)
    if why is None:
        try:
            return beside_point(found, heading, _match(point, gazetteer, accuracy))
        except GeoError as error:
            why = error
    return told_fault(found, _unused(heading, why.zh, why.en), is_doubt=False)


def beside_point(found: Match, heading: str, other: Match) -> Match:
    """Return an answer with a further point of its row: the same where both mean one grid, else each is possible.

    Examples
    --------
    >>> of = lambda *codes: Match("matched", [1.0, 2.0], "wgs84", None, tuple(Candidate({"code": code}, (), "grid", 1.0,
    ...     "point", None, None) for code in codes), 1, "")
    >>> [beside_point(of("g1"), "高德经度", of(*codes)).status for codes in (("g1",), ("g2",), ())]
    ['matched', 'ambiguous', 'partial']
    """
    here = [_code(one) for one in found.candidates]
    there = [_code(one) for one in other.candidates]
    if any(code in here for code in there) or not here + there:
        return found
    every = (*found.candidates, *other.candidates)
    halved = tuple(replace(one, score=round(one.score / 2, 4)) for one in every[:MAX_CANDIDATES])
    status = "ambiguous" if len(every) > 1 else "partial"
    where = ", ".join(code for code in there if code is not None)
    zh, en = (f"网格 {where}", f"in grid {where}") if where else ("任何网格之外", "outside every grid")
    text = sentence(
        f"“{shortened(heading)}”一列的坐标在{zh}，与此不一致", f"the point of the column {shortened(heading)} is {en}"
    )
    fault: Fault = {"code": "address_differs", "text": text}
    return told_fault(replace(found, status=status, candidates=halved), fault)  # type: ignore[arg-type]


def _match(point: PointOfRow, gazetteer: Gazetteer, accuracy: float) -> Match:
    query, crs = (float(point.lon or 0.0), float(point.lat or 0.0)), str(point.crs)
    x, y = to_wgs84(np.array(query[:1]), np.array(query[1:]), crs)
    require_on_earth(x, y)
    return point_match(gazetteer, query, crs, (x[0], y[0]), gazetteer.points(x, y, accuracy=accuracy)[0], 0.0)


def _unused(heading: str, zh: str, en: str) -> Fault:
    of = shortened(heading)
    text = sentence(f"“{of}”一列的坐标没有用上：{zh}", f"the point of the column {of} is not used: {en}")
    return {"code": "unused_point", "text": text}


def _code(one: Candidate) -> str | None:
    return None if one.grid is None else str(one.grid["code"])
