"""Tell in its row what a list says of a place in cells that nobody reads, so that nothing of it is lost in silence.

They take nothing from the answer: where a person is registered, a point of another day, the end of what a row says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.errors import BadValue
from geo.places.address.address_faults import Fault
from geo.places.address.cited_words import cited, shortened
from geo.places.address.match_faults import told_fault
from geo.sentences import both, sentence
from geo.types import Match


def with_unused_cells(found: Match, row: Mapping[str, Any], day: str) -> Match:
    """Return the answer of a row with the cells that say a place and are not read, and the day that it ended on.

    Parameters
    ----------
    row
        ``unused`` and ``ended``: heading and text of cells, the latter a date as ``YYYY-MM-DD``.
    day
        The day that is asked about.

    Examples
    --------
    >>> from geo.types import Candidate
    >>> one = Candidate({"code": "g1"}, (), "grid", 1.0, "exact", None, None)
    >>> found = Match("matched", "", None, None, (one,), 1, "")
    >>> row = {"unused": (("户籍地址", "东街1号"),), "ended": ("失效日期", "2010-01-01")}
    >>> told = with_unused_cells(found, row, "2020-01-01")
    >>> told.status, [fault["code"] for fault in told.candidates[0].faults]
    ('matched', ['unused_column', 'unused_column'])
    >>> len(with_unused_cells(found, {"ended": row["ended"]}, "2009-12-31").candidates[0].faults)
    0
    """
    for column, text in row.get("unused") or ():
        found = told_fault(found, unused_column(column, text), is_doubt=False)
    ended = row.get("ended")
    if ended is not None and ended[1] < day:
        found = told_fault(found, _ended(*ended), is_doubt=False)
    return found


def unused_column(column: str, text: str) -> Fault:
    """Return the fault of a cell that says a place and is not read.

    Examples
    --------
    >>> unused_column("户籍地址", "东街1号")["text"]
    '“户籍地址”一列没有用上：“东街1号” / the column 户籍地址 is not used: “东街1号”'
    """
    of, said = shortened(column), cited(text)
    return {
        "code": "unused_column",
        "text": sentence(f"“{of}”一列没有用上：“{said}”", f"the column {of} is not used: “{said}”"),
    }


def error_of_unused(row: Mapping[str, Any]) -> BadValue | None:
    """Return the error of a row that says a place only in cells that are not read; None where it has none.

    Examples
    --------
    >>> error_of_unused({}), error_of_unused({"unused": (("地图", "高德"),)}).en
    (None, 'the column 地图 is not used: “高德”')
    """
    for column, text in row.get("unused") or ():
        return BadValue(*both(unused_column(column, text)["text"]))
    return None


def _ended(column: str, day: str) -> Fault:
    of = shortened(column)
    text = sentence(f"“{of}”一列写明到 {day} 为止", f"the column {of} says that it ended on {day}")
    return {"code": "unused_column", "text": text}
