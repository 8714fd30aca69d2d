"""Read the directions of cameras and make one row of each, and note unusual optics (rule U5)."""

from __future__ import annotations

import re

import numpy as np

from geo.bounds import MAX_WORD
from geo.readers.columns.profiles import OSM
from geo.readers.rows.own_tables import is_own_heading
from geo.readers.rows.row_builder import RowBuilder
from geo.readers.source import Fault
from geo.readers.words.directions import (
    Direction,
    OpposedPoints,
    SideOfPlace,
    directions_of,
    is_full_circle,
    plain_direction,
)
from geo.sentences import sentence
from geo.types import CellFinding

_NUMBER = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*(?:°|度)?\s*")
#: What databases write for no value; any other number is an azimuth modulo 360 (U5).
_STAND_FOR_NONE = frozenset({-1.0, 999.0, -999.0, 9999.0, -9999.0, 99999.0, -99999.0})
#: A mounting height (m) above this is a finding, as it is one of check.
_MIN_HEIGHT_M, _MAX_HEIGHT_M = 1.0, 60.0
_MAX_RANGE_M = 20_000.0
#: Rows from which on a column of mostly zeros, or of mostly negative tilts, is remarkable.
_MANY = 10


def read_optics(rows: RowBuilder) -> list[list[Direction]]:
    """Read directions and note unusual optics; return the directions of each feature."""
    data = rows.data
    _note_unusual_optics(rows)
    # The azimuths that a file gives; which of them are a full circle is known by their text.
    is_osm = rows.profile is not None and rows.profile.name == OSM
    known: dict[tuple[str, bool], list[Direction] | str] = {}
    directions: list[list[Direction]] = []
    lost: dict[str, list[int]] = {}
    is_ptz = data["kind"] == "ptz"
    for row, text in enumerate(data["azimuth"]):
        # What turns looks all round by 360; what stands looks north.
        key = (text or "", is_osm or bool(is_ptz[row]))
        if text is not None and key not in known:
            known[key] = _read_directions(text, bare_360_is_none=key[1], is_osm=is_osm)
        found = known[key] if text is not None else []
        if isinstance(found, str):
            lost.setdefault(found, []).append(row)
            found = []
        directions.append(found)
    for reason, positions in lost.items():
        rows.finding(np.isin(np.arange(rows.count), positions), "azimuth", reason, is_word=True)
    _note_odd_numbers(rows, directions, is_osm=is_osm)
    if not is_osm:  # a mapper's 0-360 stands for an unknown direction as well
        _open_full_circles(rows)
    return directions


def _read_directions(text: str, *, bare_360_is_none: bool, is_osm: bool) -> list[Direction] | str:
    """Return the directions that a text names, or why it names none."""
    if not is_osm and _plain_number(text) in _STAND_FOR_NONE:
        return "不是方位角，像是代替空值的数，作空 / no azimuth, a number that stands for none: left empty"
    try:
        return directions_of(text, bare_360_is_none=bare_360_is_none, is_osm=is_osm)
    except SideOfPlace as side:
        # Where it stands: it may look out to that side, or back across the place. Offered, never applied.
        out, back = f"{side.azimuth:g}°", f"{(side.azimuth + 180) % 360:g}°"
        return sentence(
            f"写的是所在的一侧而不是朝向，作空；可能朝 {out} 或朝对面 {back}，请核对",
            f"the side where it stands, no direction: left empty; it may look {out} or across, {back}",
        )
    except OpposedPoints:
        return (
            "写的是相对的两个方位，作空；两个方向都看请写“东西”，只看一个方向请写“由东向西”"
            " / two opposed points, left empty: write 东西 for both ways, 由东向西 for one of them"
        )
    except ValueError:
        return "方向读不出，作空 / no direction: left empty"


def _plain_number(text: str) -> float | None:
    found = _NUMBER.fullmatch(plain_direction(text[:MAX_WORD]))
    return None if found is None else float(found[1])


def _note_odd_numbers(rows: RowBuilder, directions: list[list[Direction]], *, is_osm: bool) -> None:
    """Add a finding on directions above a full turn, and one where most of a column are zero: nobody may have asked."""
    numbers = {text: _plain_number(text) for text in dict.fromkeys(rows.data["azimuth"]) if text is not None}
    texts = rows.data["azimuth"]
    gone = {text for text, number in numbers.items() if not is_osm and number in _STAND_FOR_NONE}
    above = {text for text, number in numbers.items() if number is not None and number > 360.0 and text not in gone}
    reason = "大于 360°，减去整周读，请核对 / above 360 degrees: full turns taken off, please check"
    rows.finding(np.array([text in above for text in texts], dtype=bool), "azimuth", reason)
    turns = {
        text for text, number in numbers.items() if number == 360.0 and not is_full_circle(text, bare_360_is_none=False)
    }
    turned = np.array([text in turns for text in texts], dtype=bool)
    has_one = np.array([bool(found) for found in directions], dtype=bool)
    rows.note(turned & has_one, "方位角 360 作正北；环视请写 全向", "an azimuth of 360 is north")
    rows.note(turned & ~has_one, "球机的方位角 360 作环视", "an azimuth of 360 of a ptz is all round")
    zeros = {text for text, number in numbers.items() if number == 0.0}
    if zeros:
        count = sum(text in zeros for text in texts)
        given = int(np.count_nonzero(has_one))
        if count >= _MANY and 2 * count >= given and not _is_own_column(rows, "azimuth"):
            reason = "方位角多数为 0，按正北读；若 0 表示没有填写，请清空后重新导入"
            reason += " / most azimuths are 0 and read as north: where 0 stands for none, empty them and import again"
            rows.source.file_findings.append(CellFinding("azimuth", reason, "0", (), count))


def _is_own_column(rows: RowBuilder, field: str) -> bool:
    return is_own_heading(rows.headings.get(field), rows.layer.field(field))


def _open_full_circles(rows: RowBuilder) -> None:
    """Take the field of view of cameras that look all round and do not turn as 360 degrees, where none is given."""
    texts = rows.data["azimuth"]
    distinct = dict.fromkeys(text for text in texts if text is not None)
    circles = {text for text in distinct if is_full_circle(text, bare_360_is_none=False)}
    all_round = np.array([text in circles for text in texts], dtype=bool)
    opened = all_round & np.isnan(rows.data["hfov"].astype(float)) & (rows.data["kind"] != "ptz")
    rows.data["hfov"] = np.where(opened, 360.0, rows.data["hfov"].astype(float))
    rows.note(opened, "环视，水平视场角作 360°", "all round: a field of view of 360 degrees")


def _note_unusual_optics(rows: RowBuilder) -> None:
    # Rule U5: unusual but possible values are used and are findings.
    data = rows.data
    with np.errstate(invalid="ignore"):
        high = data["height"] > _MAX_HEIGHT_M
        rows.finding(high, "height", "安装高度超过 60 米，请核对 / mounted above 60 m: please check")
        low = data["height"] < _MIN_HEIGHT_M
        rows.finding(low, "height", "安装高度不到 1 米，请核对 / mounted below 1 m: please check")
        far = data["max_range"] > _MAX_RANGE_M
        rows.finding(far, "max_range", "最大距离超过 20 公里，请核对单位 / a range above 20 km: please check the unit")
        rows.note((data["height"] > 30) & ~high, "安装高度超过 30 米", "mounted above 30 m")
        wide = (data["hfov"] >= 180) & (data["kind"] != "panoramic")
        reason = "视场角不小于 180° 而不是全景，请核对 / hfov of 180 or more, not panoramic: please check"
        rows.finding(wide, "hfov", reason)
        _note_upward(rows)


def _note_upward(rows: RowBuilder) -> None:
    """Add a finding where most of the tilts of a file look up: pitch is often negative downwards."""
    tilts = rows.data["tilt"].astype(float)
    up, given = int(np.count_nonzero(tilts < 0)), int(np.count_nonzero(np.isfinite(tilts)))
    if up >= _MANY and 2 * up > given and not _is_own_column(rows, "tilt"):
        reason = "俯角多数为负，即朝上看；若负值表示向下，请改符号后重新导入"
        reason += " / most tilts are negative, which looks up: where negative is down, change the sign and import again"
        rows.source.file_findings.append(CellFinding("tilt", reason, "", (), up))


def one_row_per_direction(
    rows: RowBuilder, directions: list[list[Direction]], positions: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return one row per direction, ids ``id#1``, ``id#2`` with one site; features whose row ids collide are faulty."""
    ids = rows.data["id"]
    taken = {str(ids[row]) for row in positions}
    kept: list[int] = []
    for row in positions:
        made = (
            {f"{ids[row]}#{number + 1}" for number in range(len(directions[row]))}
            if len(directions[row]) > 1
            else set()
        )
        if made & taken:
            fault = Fault("id", "编号与多方向编号冲突 / key collides with that of a direction", str(ids[row]))
            rows.source.faults.setdefault(int(row), fault)
        else:
            kept.append(int(row))
    counts = np.array([max(1, len(directions[row])) for row in kept], dtype=int)
    spread = np.repeat(np.array(kept, dtype=int), counts)
    data = {name: column[spread] for name, column in rows.data.items()}
    number = np.arange(len(spread)) - np.repeat(np.cumsum(counts) - counts, counts) if len(spread) else spread
    several = np.repeat(counts > 1, counts)
    base = data["id"]
    data["id"] = np.array(
        [f"{one}#{n + 1}" if split else one for one, n, split in zip(base, number, several, strict=True)], dtype=object
    )
    data["site"] = np.array(
        [one if site is None else site for one, site in zip(base, data["site"], strict=True)], dtype=object
    )
    chosen = [directions[row][n] if directions[row] else (np.nan, None) for row, n in zip(spread, number, strict=True)]
    data["azimuth"] = np.array([azimuth % 360.0 for azimuth, _ in chosen], dtype=float)
    width = np.array([np.nan if found is None else found for _, found in chosen], dtype=float)
    data["hfov"] = np.where(np.isnan(data["hfov"].astype(float)), width, data["hfov"].astype(float))
    ranges = np.zeros(rows.count, dtype=bool)
    ranges[spread[~np.isnan(width)]] = True
    rows.note(ranges, "方向是区间，取中线与宽度", "direction range: middle and width taken")
    many = np.zeros(rows.count, dtype=bool)
    many[spread[several]] = True
    rows.note(many, "多个方向，各成一行", "several directions, one row each")
    return data, spread
