"""Find codes that do not parse, are duplicated, contradict their parent, or name a parent that does not exist.

Codes are 6 digits for a county, 9 for a township, 12 for a village (statistical division codes), 12 + 3 for a grid,
and 2 or 3 more for a microgrid, or 20 for a grid (CJ/T 349); other local schemes give one finding, not one per row.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.code_profiles import is_of_twenty, village_of
from geo.catalog.division_codes import DIVISION_LEVELS, code_text, compared_code, without_padding
from geo.catalog.layers import ZONE_INPUTS
from geo.check.metric_frames import MetricFrames, column, numbers
from geo.check.ranking import Severity, UnrankedFinding
from geo.sentences import sentence

_PARENT_LEVEL = {lower: upper for upper, lower in pairwise(DIVISION_LEVELS)}
_ZH = {"province": "省", "city": "地", "county": "县", "township": "乡镇", "village": "村"}
#: Digits 7-9 and 10-12 run from 001 to 599; 198, 398 and 498 are fillers within it.
_SEGMENT = range(1, 600)
#: Communities that were joined have numbers from this on in codes of 20 digits.
_MERGED = 601

# Code and row position -> why the code cannot be read, in Chinese and English; None where it can.
_FaultOf = Callable[[str, int], tuple[str, str] | None]


def find(data: MetricFrames) -> Iterator[UnrankedFinding]:
    """Yield findings on the codes of divisions, villages and grids."""
    for layer in reversed([name for name in ZONE_INPUTS if name != "areas"]):
        frame = data.with_names(layer)
        if frame is not None:
            yield from _duplicates(frame, layer)
    divisions, villages = data.with_names("divisions"), data.with_names("villages")
    grids = data.with_names("grids")
    if divisions is not None:
        yield from _divisions(divisions)
    if villages is not None:
        yield from _unreadable("villages", _codes(villages), lambda code, _k: village_fault(code))
    if grids is not None:
        yield from _grids(grids, _known_villages(divisions, villages))


def division_fault(code: str, level: object) -> tuple[str, str] | None:
    """Return why a division code cannot be read, in Chinese and English; None where it can."""
    if not re.fullmatch(r"\d+", code):
        return _digits(code)
    short = without_padding(code)
    wanted = DIVISION_LEVELS.get(str(level))
    if wanted is not None and len(short) != wanted:
        return f"{_ZH[str(level)]}级代码不是 {wanted} 位", f"{level} codes have {wanted} digits"
    if wanted is None and len(short) not in DIVISION_LEVELS.values():
        return "位数不是 2、4、6、9、12", "codes have 2, 4, 6, 9 or 12 digits"
    return _segments(short)


def village_fault(code: str) -> tuple[str, str] | None:
    """Return why a village code cannot be read, in Chinese and English; None where it can."""
    return division_fault(code, "village")


def grid_fault(code: str, micro: bool) -> tuple[str, str] | None:
    """Return why a grid code cannot be read as 12 + 3 digits (17 or 18 for microgrids), or 20; None where it can."""
    if not re.fullmatch(r"\d+", code):
        return _digits(code)
    if is_of_twenty(code, micro):
        return _segments(village_of(code, micro), with_merged=True)
    if micro and len(code) not in (17, 18):
        return "微网格代码不是 17 或 18 位", "microgrid codes have 17 or 18 digits"
    if not micro and len(code) != 15:
        return "网格代码不是 15 位（12 + 3）", "grid codes have 15 digits (12 + 3)"
    if code[12:15] == "000":
        return "网格顺序号是 000", "the number of a grid is not 000"
    return _segments(code[:12])


def _digits(code: str) -> tuple[str, str]:
    if re.fullmatch(r"\d+\.0+|\d(\.\d+)?[eE]\+?\d+", code):
        return "代码被表格软件改成了数值", "codes that a spreadsheet turned into numbers"
    return "代码不全是数字", "codes are digits only"


def _segments(code: str, *, with_merged: bool = False) -> tuple[str, str] | None:
    for first in (6, 9):
        part = code[first : first + 3]
        if with_merged and first == 9 and int(part) >= _MERGED:
            continue
        if part and int(part) not in _SEGMENT:
            return (
                f"第 {first + 1}–{first + 3} 位 {part} 不在 001–599",
                f"digits {first + 1}-{first + 3} ({part}) are 001-599",
            )
    return None


# --- one layer -------------------------------------------------------------------------------------------------------


def _codes(frame: gpd.GeoDataFrame) -> list[str]:
    return ["" if code is None else code_text(code) for code in column(frame, "code")]


def _duplicates(frame: gpd.GeoDataFrame, layer: str) -> Iterator[UnrankedFinding]:
    codes = [without_padding(code) if layer == "divisions" else code for code in _codes(frame)]
    for code, count in Counter(code for code in codes if code).items():
        if count > 1:
            rows = [k for k, one in enumerate(codes) if one == code]
            lon, lat = _position(frame, rows[0])
            yield UnrankedFinding(
                "error", "code-duplicate", layer, [str(frame["code"].iloc[k]) for k in rows],
                sentence(f"图层 {layer} 的代码 {code} 出现 {count} 次",
                f"code {code} occurs {count} times in layer {layer}"),
                float(count), lon, lat,
            )  # fmt: skip


def _unreadable(layer: str, codes: list[str], fault_of: _FaultOf) -> Iterator[UnrankedFinding]:
    """Yield one finding per reason, listing every code with that fault."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for k, code in enumerate(codes):
        fault = fault_of(code, k) if code else ("代码为空", "codes are missing")
        if fault is not None:
            found[fault].append(code)
    for (zh, en), bad in found.items():
        shown = ", ".join(bad[:5])
        yield UnrankedFinding(
            "warning", "code-unreadable", layer, bad,
            sentence(f"{len(bad)} 个代码无法解析：{zh}（{shown}）", f"{len(bad)} codes cannot be read: {en} ({shown})"),
            float(len(bad)),
        )  # fmt: skip


def _divisions(frame: gpd.GeoDataFrame) -> Iterator[UnrankedFinding]:
    codes, level, parent = _codes(frame), column(frame, "level"), column(frame, "parent")
    yield from _unreadable("divisions", codes, lambda code, k: division_fault(code, level[k]))
    known = {without_padding(code) for code in codes}
    present = set(level.tolist())
    for k, code in enumerate(codes):
        above = None if parent[k] is None else compared_code(parent[k])
        expected = _PARENT_LEVEL.get(str(level[k]))
        if above is None and expected is not None and expected in present and division_fault(code, level[k]) is None:
            above = without_padding(code)[: DIVISION_LEVELS[expected]]
        # The parent of the highest level in the data is outside the data.
        if above is None or (above not in known and expected not in present):
            continue
        if above not in known:
            yield _missing_parent(frame, "divisions", k, code, above, "上级区划", "division")
        elif not without_padding(code).startswith(above):
            yield _mismatch(frame, "divisions", k, code, above)


def _grids(frame: gpd.GeoDataFrame, villages: set[str]) -> Iterator[UnrankedFinding]:
    codes, micro = _codes(frame), numbers(frame, "level") == 2
    yield from _unreadable("grids", codes, lambda code, k: grid_fault(code, bool(micro[k])))
    grids = {code for code, small in zip(codes, micro.tolist(), strict=True) if not small}
    village, parent = column(frame, "village"), column(frame, "parent")
    for k, code in enumerate(codes):
        readable = bool(code) and grid_fault(code, bool(micro[k])) is None
        own = village_of(code, bool(micro[k]))
        named = own if village[k] is None and readable else village[k]
        if named is not None and villages:
            if code_text(named) not in villages:
                yield _missing_parent(frame, "grids", k, code, code_text(named), "村", "village")
            elif readable and not own.startswith(code_text(named)):
                yield _mismatch(frame, "grids", k, code, code_text(named))
        if micro[k] and grids:
            above = code[:15] if parent[k] is None else code_text(parent[k])
            if above not in grids:
                yield _missing_parent(frame, "grids", k, code, above, "上级网格", "grid")
            elif readable and not code.startswith(above):
                yield _mismatch(frame, "grids", k, code, above)


def _known_villages(divisions: gpd.GeoDataFrame | None, villages: gpd.GeoDataFrame | None) -> set[str]:
    known: set[str] = set()
    if villages is not None:
        known |= _non_empty(_codes(villages))
    if divisions is not None:
        known |= _non_empty(np.array(_codes(divisions), object)[column(divisions, "level") == "village"])
    return known


def _non_empty(codes: Iterable[str]) -> set[str]:
    return {str(code) for code in codes if code}


def _missing_parent(
    frame: gpd.GeoDataFrame, layer: str, k: int, code: str, above: str, zh: str, en: str
) -> UnrankedFinding:
    return _finding_of_row(
        frame, k, "error", "code-parent-missing", layer, code,
        sentence(f"{code} 的{zh} {above} 不存在", f"the {en} {above} of {code} does not exist"),
    )  # fmt: skip


def _mismatch(frame: gpd.GeoDataFrame, layer: str, k: int, code: str, above: str) -> UnrankedFinding:
    return _finding_of_row(
        frame, k, "warning", "code-prefix-mismatch", layer, code,
        sentence(f"代码 {code} 不以其上级代码 {above} 开头", f"code {code} does not begin with its parent's, {above}"),
    )  # fmt: skip


def _finding_of_row(
    frame: gpd.GeoDataFrame, k: int, severity: Severity, slug: str, layer: str, code: str, text: str
) -> UnrankedFinding:
    lon, lat = _position(frame, k)
    return UnrankedFinding(severity, slug, layer, [code], text, None, lon, lat)


def _position(frame: gpd.GeoDataFrame, k: int) -> tuple[float, float] | tuple[None, None]:
    shape = frame.geometry.iloc[k]
    if shape is None or shape.is_empty:
        return None, None
    point = shapely.point_on_surface(shape)
    return float(point.x), float(point.y)
