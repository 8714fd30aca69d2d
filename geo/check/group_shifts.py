"""Find which sheet, source or contractor of a list of cameras lies shifted as by GCJ-02, BD-09 or WGS-84."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.check.datum_shift import EdgeDistance, PointDistance, ShiftEvidence, evidence_at, groups_of
from geo.check.metric_frames import MetricFrames

#: Groups of one heading that are tested, the largest first.
_MAX_GROUPS = 24
#: Positions of a group that are looked at: each of many groups has to be quick.
_POSITIONS = 200
#: Part of the rows of a group that are told of already, from which on it is no news.
_TOLD = 0.5


@dataclass(frozen=True)
class ShiftedRows:
    """Rows of one list that lie shifted.

    Attributes
    ----------
    heading, name
        Whose rows they are: a column and its value. Both empty for all rows of the list.
    rows
        Which rows.
    evidence
        What shows it.
    is_alone
        Whether other rows of the list fit, so that it is these that moved.
    """

    heading: str
    name: str
    rows: np.ndarray
    evidence: ShiftEvidence
    is_alone: bool


def shifted_against(
    data: MetricFrames,
    measure: EdgeDistance | PointDistance,
    lonlat: np.ndarray,
    groupings: Sequence[tuple[str, np.ndarray]],
) -> tuple[list[ShiftedRows], bool]:
    """Return the rows that lie shifted against what is known: those of some groups, else all, else none.

    Also whether that is a conclusion: not where too little is known near the rows of some group, or fits too badly.

    Parameters
    ----------
    data
        Whose metric CRS is used.
    measure
        Distances to roads and buildings, or to other cameras.
    lonlat
        Positions of the list, degrees (n, 2).
    groupings
        Heading, and the name that each row has under it; None for none.
    """
    if not measure.usable:
        return [], False
    whole = evidence_at(data, lonlat, measure, most=_POSITIONS)
    found, verdicts = [], {whole.verdict}
    for heading, names in groupings:
        groups = [
            (name, rows, evidence_at(data, lonlat[rows], measure, most=_POSITIONS))
            for name, rows in largest_groups(names)
        ]
        verdicts |= {one.verdict for _, _, one in groups}
        if len(groups) > 1 and len({one.conversion for _, _, one in groups}) > 1:
            found += [
                ShiftedRows(heading, name, rows, one, True) for name, rows, one in groups if one.verdict == "shifted"
            ]
    if found:
        return _without_repeats(found), True
    every = np.ones(len(lonlat), dtype=bool)
    shifted = [ShiftedRows("", "", every, whole, False)] if whole.verdict == "shifted" else []
    return shifted, bool(shifted) or "unknown" not in verdicts


def shifted_against_rest(
    data: MetricFrames,
    lonlat: np.ndarray,
    groupings: Sequence[tuple[str, np.ndarray]],
    stored: np.ndarray,
    read_as: str,
) -> list[ShiftedRows]:
    """Return the groups that lie shifted against the rest of the list and what is stored; all rows, if against that.

    Cameras of several makers stand on the same streets and crossings: where one conversion brings those of one maker
    to those of the others, one of the two moved.

    Parameters
    ----------
    data, lonlat, groupings
        As for ``shifted_against``.
    stored
        Positions of other cameras that are stored, degrees (n, 2).
    read_as
        ``wgs84``, ``gcj02`` or ``bd09``, as which the list was read. Of two makers that disagree the one is named whose
        coordinates are explained by that, else the one with fewer rows.
    """
    found = []
    for heading, names in groupings:
        for name, rows in largest_groups(names):
            rest = np.concatenate([lonlat[~rows], stored])
            one = evidence_at(data, lonlat[rows], PointDistance(data, rest), most=_POSITIONS)
            if one.verdict == "shifted":
                found.append(ShiftedRows(heading, name, rows, one, False))
    explained = [one for one in found if one.evidence.conversion.endswith(f"->{read_as}")]
    found = explained or [one for one in found if one.rows.sum() <= len(lonlat) + len(stored) - one.rows.sum()]
    if found:
        return _without_repeats(found)
    every = np.ones(len(lonlat), dtype=bool)
    whole = evidence_at(data, lonlat, PointDistance(data, stored), most=_POSITIONS)
    return [ShiftedRows("", "", every, whole, False)] if whole.verdict == "shifted" else []


def largest_groups(names: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Return the groups of one heading that are tested, as `geo.check.datum_shift.groups_of` does."""
    return groups_of(names, most=_MAX_GROUPS)


def _without_repeats(found: Sequence[ShiftedRows]) -> list[ShiftedRows]:
    """Return the groups without those whose rows are told of by groups that fit better."""
    kept: list[ShiftedRows] = []
    order = sorted(range(len(found)), key=lambda k: (-round(found[k].evidence.share_converted, 2), k))
    told = np.zeros(len(found[0].rows), dtype=bool)
    for k in order:
        if told[found[k].rows].mean() < _TOLD:
            kept.append(found[k])
            told |= found[k].rows
    return kept
