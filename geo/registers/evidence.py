"""Weigh for and against two rows of two registers being one camera: each part from 0 to 1, together a probability.

After Fellegi and Sunter (1969), https://doi.org/10.1080/01621459.1969.10501049: every part that both rows know moves
the log-odds, by ``against`` where it is 0 and by ``in_favour`` where it is 1, evenly between. What one row does not
know says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo.angles import angle_between
from geo.registers.camera_names import camera_name, stem_likeness


class Weight(NamedTuple):
    """Log-odds of a part that is 0, and of one that is 1."""

    against: float
    in_favour: float


#: Part -> its weight. The values were chosen on made lists (``tests/benchmarks/bench_reconcile.py``) and rounded.
WEIGHTS: Mapping[str, Weight] = {
    "id": Weight(-3.0, 6.0),
    "place": Weight(-1.0, 1.0),
    "name": Weight(-1.2, 2.5),
    "side": Weight(-5.0, 1.5),
    "number": Weight(-1.2, 1.0),
    "azimuth": Weight(-4.0, 2.0),
    "kind": Weight(-2.0, 0.5),
}
#: Log-odds for each time (natural logarithm) that two rows of one id are farther apart than the distance looked at.
_FARTHER = -1.5
#: Azimuths this near count as equal, and as different from the second on; degrees.
_AZIMUTH_EQUAL, _AZIMUTH_OTHER = 10.0, 60.0
#: Sides this far apart or more are two cameras; degrees. Neighbouring words, north and north-east, are half a case.
_SIDE_OTHER = 90.0


@dataclass(frozen=True)
class Traits:
    """What is known of the rows of a register, one value per row.

    Attributes
    ----------
    ids
        Ids without case, spaces, marks and leading zeros: each row's own, then others that it is known by.
    stem
        Stem of the name; empty where it has none.
    side, facing
        Degrees clockwise from north; NaN where unknown.
    number
        The number at the end of the name; NaN without.
    azimuth
        Degrees; NaN where unknown.
    kind
        Kind of camera; empty where unknown.
    """

    ids: list[tuple[str, ...]]
    stem: np.ndarray
    side: np.ndarray
    facing: np.ndarray
    number: np.ndarray
    azimuth: np.ndarray
    kind: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


def traits(frame: pd.DataFrame) -> Traits:
    """Return what the rows of a register tell, from ``id``, ``other_ids``, ``name``, ``azimuth`` and ``kind``.

    Examples
    --------
    >>> found = traits(pd.DataFrame({"id": ["SX-007"], "name": ["北街口东南角球机1"], "azimuth": [370.0]}))
    >>> found.ids, found.stem.tolist(), found.side.tolist(), found.azimuth.tolist()
    ([('sx7',)], ['北街口'], [135.0], [10.0])
    """
    names = [camera_name(name) for name in _texts(frame, "name")]
    own, others = _texts(frame, "id"), _texts(frame, "other_ids")
    return Traits(
        ids=[(plain_id(one), *map(plain_id, split_ids(more))) for one, more in zip(own, others, strict=True)],
        stem=np.array([one.stem for one in names], dtype=object),
        side=_numbers([one.side for one in names]),
        facing=_numbers([one.facing for one in names]),
        number=_numbers([one.number for one in names]),
        azimuth=_numbers(frame["azimuth"]) % 360.0 if "azimuth" in frame else np.full(len(frame), np.nan),
        kind=np.array(_texts(frame, "kind"), dtype=object),
    )


def split_ids(text: str) -> list[str]:
    """Return the ids of a field that holds several.

    Examples
    --------
    >>> split_ids("7; SX-12;")
    ['7', 'SX-12']
    """
    return [one.strip() for one in text.split(";") if one.strip()]


def plain_id(text: str) -> str:
    """Return an id without case, spaces, marks, and zeros at the front of its numbers.

    Examples
    --------
    >>> plain_id("SX-007 "), plain_id("sx_7"), plain_id("100")
    ('sx7', 'sx7', '100')
    """
    parts: list[str] = []
    for char in text.casefold():
        is_digit = char.isdigit()
        if not (is_digit or char.isalpha()):
            parts.append(" ")
        elif parts and parts[-1][-1:].isdigit() == is_digit and parts[-1] != " ":
            parts[-1] += char
        else:
            parts.append(char)
    return "".join(one.lstrip("0") or "0" if one[0].isdigit() else one for one in parts if one != " ")


def weigh(
    one: Traits,
    other: Traits,
    rows: np.ndarray,
    others: np.ndarray,
    distance: np.ndarray,
    *,
    within: float,
    uses_ids: bool,
) -> pd.DataFrame:
    """Weigh the evidence for each candidate pair.

    Parameters
    ----------
    one, other
        What is known of the rows of both registers.
    rows, others
        Row of each register, per candidate.
    distance
        Metres between their places.
    within
        Metres at which the place no longer speaks for a pair.
    uses_ids
        Whether ids of both registers are of one system.

    Returns
    -------
    frame
        Per candidate the parts of ``WEIGHTS`` from 0 to 1, NaN where unknown; ``evidence``, the log-odds that they are
        worth together; and ``crowd``, the rows near enough to be the one.
    """
    parts = pd.DataFrame(
        {
            "id": _same_ids(one, other, rows, others) if uses_ids else np.full(len(rows), np.nan),
            "place": np.clip(1.0 - distance / within, 0.0, 1.0),
            "name": _name_likeness(one.stem, other.stem, rows, others),
            "side": 1.0 - np.minimum(angle_between(one.side[rows], other.side[others]), _SIDE_OTHER) / _SIDE_OTHER,
            "number": _equal(one.number[rows], other.number[others]),
            "azimuth": _same_azimuth(one, other, rows, others),
            "kind": _same_kind(one.kind[rows], other.kind[others]),
        }
    )
    near = distance <= within
    crowd = np.maximum(
        np.bincount(rows[near], minlength=len(one))[rows], np.bincount(others[near], minlength=len(other))[others]
    )
    evidence = _FARTHER * np.log(np.maximum(distance / within, 1.0))
    for name, weight in WEIGHTS.items():
        part = parts[name].to_numpy()
        moved = weight.against + (weight.in_favour - weight.against) * part
        evidence = evidence + np.where(np.isnan(part), 0.0, moved)
    return parts.assign(evidence=evidence, crowd=np.maximum(crowd, 1))


def with_score(weighed: pd.DataFrame, have_twin: float) -> pd.DataFrame:
    """Return weighed candidates with ``log_odds`` and the probability ``score``.

    Parameters
    ----------
    weighed
        What ``weigh`` returns.
    have_twin
        Part of the rows that have a twin in the other register, before anything is compared; of the rows near enough
        each is as likely to be the one.
    """
    log_odds = weighed["evidence"] + np.log(have_twin / (1.0 - have_twin) / weighed["crowd"])
    return weighed.assign(log_odds=log_odds, score=1.0 / (1.0 + np.exp(-log_odds)))


# --- the parts -------------------------------------------------------------------------------------------------------


def _same_ids(one: Traits, other: Traits, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return 1 where both have an id in common, 0 where one's id is another row's over there, NaN otherwise."""
    taken_there = {key for keys in other.ids for key in keys}
    taken_here = {key for keys in one.ids for key in keys}
    known_there = np.array([any(key in taken_there for key in keys) for keys in one.ids], dtype=bool)
    known_here = np.array([any(key in taken_here for key in keys) for keys in other.ids], dtype=bool)
    out = np.where(known_there[rows] | known_here[others], 0.0, np.nan)
    both = np.flatnonzero(known_there[rows] & known_here[others])
    for k in both.tolist():
        if not set(one.ids[rows[k]]).isdisjoint(other.ids[others[k]]):
            out[k] = 1.0
    return out


def _name_likeness(one: np.ndarray, other: np.ndarray, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return how alike the stems are; each two stems are compared once."""
    out = np.full(len(rows), np.nan)
    codes_one, stems_one = pd.factorize(one)
    codes_other, stems_other = pd.factorize(other)
    pairs, which = np.unique(codes_one[rows] * max(len(stems_other), 1) + codes_other[others], return_inverse=True)
    found = np.empty(len(pairs))
    for k, pair in enumerate(pairs.tolist()):
        left, right = stems_one[pair // len(stems_other)], stems_other[pair % len(stems_other)]
        found[k] = stem_likeness(left, right) if left and right else np.nan
    out[:] = found[which]
    return out


def _same_azimuth(one: Traits, other: Traits, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return 1 where both look the same way; the azimuth, else what the name says."""
    left = np.where(np.isnan(one.azimuth), one.facing, one.azimuth)[rows]
    right = np.where(np.isnan(other.azimuth), other.facing, other.azimuth)[others]
    beyond = angle_between(left, right) - _AZIMUTH_EQUAL
    return 1.0 - np.clip(beyond / (_AZIMUTH_OTHER - _AZIMUTH_EQUAL), 0.0, 1.0)


def _same_kind(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    known = (left != "") & (right != "")
    return np.where(known, (left == right).astype(float), np.nan)


def _equal(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(left) | np.isnan(right), np.nan, (left == right).astype(float))


def _texts(frame: pd.DataFrame, name: str) -> list[str]:
    if name not in frame:
        return [""] * len(frame)
    return ["" if value is None or value != value else str(value) for value in frame[name].tolist()]  # noqa: PLR0124 (NaN)


def _numbers(values: object) -> np.ndarray:
    return pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
