"""Split, merge, redraw and rename grids and hand over pieces of them, nothing lost (rules V8 to V10)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog.code_profiles import CodeProfile, profile_named
from geo.catalog.division_codes import code_text
from geo.crs_metric import metric_crs_for
from geo.errors import BadValue, NotFound
from geo.places.zone_pieces import with_vertices
from geo.planning.coding import grid_codes
from geo.planning.faces import reading_order
from geo.planning.grid_shapes import handed_over, merged_shape, redrawn, split_shape, take_vertices
from geo.planning.moved_figures import Moved, moved_parts, shared_figure
from geo.sentences import both

#: Kinds of changes; ``parent`` is what follows for microgrids, ``border`` for neighbours that only take new vertices.
CHANGES = ("split", "merge", "redraw", "rename", "hand_over")
#: Figures that the parts of a grid share.
SHARED = ("households", "population")
#: Figures of persons at work, which no rule can share: a merge adds them up, a split leaves them to be told.
STAFF = ("staff", "heads", "staff_part_time")
#: A microgrid belongs to the grid that holds this much of it.
_NEARLY_ALL = 0.999


@dataclass(frozen=True)
class GridOperation:
    """One change of grids.

    Attributes
    ----------
    kind
        One of ``CHANGES``.
    grids
        Codes: of a split and a rename the one, of a merge all, of a redraw the two, of a hand-over giver and taker.
    shape
        Of a split the lines or areas, of a redraw the new border, of a hand-over the area; degrees.
    names, codes
        Of the grids that a split or a merge makes, from west to east; of a rename the new name. Where there are none,
        names follow from the old ones and codes by the profile.

    Examples
    --------
    >>> GridOperation("merge", ("990101101201001", "990101101201002"), names=("北街网格",)).names
    ('北街网格',)
    """

    kind: str
    grids: tuple[str, ...]
    shape: shapely.Geometry | None = None
    names: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class GridChanges:
    """Hold what changes would do.

    Attributes
    ----------
    before, after
        Rows of the grids that change, as the layer has them; ``after`` with ``change``, the kind of the last change.
        In the CRS of the grids.
    closed
        Codes of grids that are no more.
    moved
        What of each row of ``before`` lies in each of ``after``, both without those that only take vertices.
    succession
        ``old, new, change, area_share, share, buildings, by``: a row for each pair with land in common.
    area_before, area_after
        Code -> square metres.
    buildings_moved
        How many buildings have another grid afterwards.
    operations
        The changes with the codes that their grids got, so that they can be made again.

    Examples
    --------
    >>> cells = shapely.box([103.0, 103.01], 37.0, [103.01, 103.02], 37.01)
    >>> grids = gpd.GeoDataFrame({"code": ["a", "b"], "name": ["东", "西"]}, geometry=cells, crs=4326)
    >>> merged = changed_grids(grids, [GridOperation("merge", ("a", "b"), codes=("c",))])
    >>> merged.closed, merged.succession[["old", "new", "change", "share"]].to_numpy().tolist()
    (('a', 'b'), [['a', 'c', 'merge', 1.0], ['b', 'c', 'merge', 1.0]])
    """

    before: gpd.GeoDataFrame
    after: gpd.GeoDataFrame
    closed: tuple[str, ...]
    moved: Moved
    succession: pd.DataFrame
    area_before: Mapping[str, float]
    area_after: Mapping[str, float]
    buildings_moved: int
    operations: tuple[GridOperation, ...]


def changed_grids(
    grids: gpd.GeoDataFrame,
    operations: Sequence[GridOperation],
    *,
    buildings: gpd.GeoDataFrame | None = None,
    used: Collection[str] = (),
    profile: CodeProfile | None = None,
) -> GridChanges:
    """Return what changes of grids would do, one after the other.

    Grids that are split or merged are closed, and what they become has new codes; the others keep theirs.

    Parameters
    ----------
    grids
        Of both levels, as the layer ``grids`` has them, in degrees.
    operations
        The changes; each names grids as those before have left them.
    buildings
        Points or polygons in the same CRS, with ``households`` and ``floors`` where known; they decide how households
        are shared. None where there are none: shared by area.
    used
        Codes that were ever used.
    profile
        How new codes are made; None for ``12+3``, of microgrids ``15+2``.

    Raises
    ------
    BadValue, BadGeometry, NotFound
        A change cannot be made, or a new grid gets no code.

    Examples
    --------
    >>> codes = ["990101101201001", "990101101201002"]
    >>> grids = gpd.GeoDataFrame({"code": codes, "name": ["东", "西"], "village": ["990101101201"] * 2,
    ...     "level": [1, 1], "households": [300, 500]}, crs=4326,
    ...     geometry=shapely.box([103.01, 103.0], 37.0, [103.02, 103.01], 37.01))
    >>> merged = changed_grids(grids, [GridOperation("merge", tuple(codes))])
    >>> merged.after[["code", "name", "households"]].to_numpy().tolist(), merged.closed
    ([['990101101201003', '东', 800]], ('990101101201001', '990101101201002'))
    >>> cut = shapely.LineString([(103.0, 37.005), (103.02, 37.005)])
    >>> parts = changed_grids(grids, [GridOperation("split", codes[:1], cut)])
    >>> parts.after[["code", "households", "change"]].to_numpy().tolist()
    [['990101101201002', 500, 'border'], ['990101101201003', 150, 'split'], ['990101101201004', 150, 'split']]
    """
    state = _State.of(grids)
    for one in operations:
        codes = _STEPS[_checked(one, state).kind](state, one, profile, used)
        state.done.append(replace(one, codes=tuple(codes)))
    _give_parents(state)
    return _result(grids, state, buildings)


# --- one change after the other --------------------------------------------------------------------------------------


@dataclass
class _State:
    """The grids while they are changed: their rows and shapes, and what was done to whom."""

    rows: dict[str, dict[str, Any]]
    shapes: dict[str, shapely.Geometry]
    change: dict[str, str] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    done: list[GridOperation] = field(default_factory=list)

    @classmethod
    def of(cls, grids: gpd.GeoDataFrame) -> _State:
        plain = pd.DataFrame(grids.drop(columns="geometry")).astype(object)
        plain = plain.where(plain.notna(), None)
        codes = [code_text(one) for one in grids["code"]]
        rows = dict(zip(codes, plain.to_dict("records"), strict=True))
        return cls(rows, dict(zip(codes, grids.geometry, strict=True)))

    def level(self, code: str) -> int:
        return int(self.rows[code].get("level") or 1)

    def place(self, code: str, shape: shapely.Geometry, change: str) -> None:
        self.shapes[code] = shape
        self.change[code] = change

    def close(self, code: str) -> None:
        self.gone[code] = self.level(code)
        del self.rows[code], self.shapes[code]
        self.change.pop(code, None)

    def add(self, row: dict[str, Any], shape: shapely.Geometry, change: str) -> None:
        self.rows[row["code"]] = row
        self.place(row["code"], shape, change)

    def give_vertices(self, vertices: np.ndarray, but: Collection[str]) -> None:
        others = {code: shape for code, shape in self.shapes.items() if code not in but}
        for code, shape in take_vertices(others, vertices).items():
            self.place(code, shape, self.change.get(code, "border"))


def _checked(one: GridOperation, state: _State) -> GridOperation:
    if one.kind not in CHANGES:
        raise BadValue(f"没有这种变动：{one.kind[:40]}", f"there is no change {one.kind[:40]}")
    missing = [code for code in one.grids if code not in state.rows]
    if missing:
        raise NotFound(f"没有网格 {'、'.join(missing[:5])[:200]}", f"there is no grid {', '.join(missing[:5])[:200]}")
    least, most = {"split": (1, 1), "rename": (1, 1), "redraw": (2, 2), "hand_over": (2, 2)}.get(one.kind, (2, 200))
    if not least <= len(one.grids) <= most or len(set(one.grids)) != len(one.grids):
        raise BadValue(f"{one.kind} 须写 {least} 个不同的网格", f"{one.kind} takes {least} grids, each once")
    if len({state.level(code) for code in one.grids}) > 1:
        raise BadValue("网格与微网格不能一起变动", "grids and microgrids do not change together")
    if one.kind in ("split", "redraw", "hand_over") and (one.shape is None or one.shape.is_empty):
        raise BadValue(f"{one.kind} 缺少所画的图形", f"{one.kind} needs what was drawn")
    return one


def _split(state: _State, one: GridOperation, profile: CodeProfile | None, used: Collection[str]) -> list[str]:
    old = one.grids[0]
    cut = split_shape(state.shapes[old], one.shape)
    shapes = np.array(cut.parts, object)
    shapes = shapes[reading_order(shapes)]
    row, level = state.rows[old], state.level(old)
    _require_count(one.names, len(shapes), "名称", "names")
    state.give_vertices(cut.vertices, but=one.grids)
    codes = _new_codes(state, one, shapes, row, profile, used)
    state.close(old)
    named = one.names or tuple(f"{row.get('name') or old}-{k}" for k in range(1, len(shapes) + 1))
    for code, name, shape in zip(codes, named, shapes, strict=True):
        state.add({**row, "code": code, "name": name, "level": level, **dict.fromkeys(STAFF)}, shape, "split")
    return codes


def _merge(state: _State, one: GridOperation, profile: CodeProfile | None, used: Collection[str]) -> list[str]:
    shapes = [state.shapes[code] for code in one.grids]
    whole = merged_shape(shapes)
    # Of grids of one size the first named.
    largest = max(one.grids, key=lambda code: round(state.shapes[code].area / whole.area, 9))
    row, level = state.rows[largest], state.level(largest)
    _require_count(one.names, 1, "名称", "names")
    parts = [state.rows[code] for code in one.grids]
    codes = _new_codes(state, one, np.array([whole], object), row, profile, used)
    for code in one.grids:
        state.close(code)
    sums = {name: _sum([part.get(name) for part in parts]) for name in STAFF if name in row}
    name = one.names[0] if one.names else row.get("name")
    state.add({**row, "code": codes[0], "name": name, "level": level, **sums}, whole, "merge")
    return codes


def _redraw(state: _State, one: GridOperation, *_: object) -> list[str]:
    first, second = one.grids
    cut = redrawn(state.shapes[first], state.shapes[second], one.shape)
    state.give_vertices(cut.vertices, but=one.grids)
    for code, shape in zip(one.grids, cut.parts, strict=True):
        state.place(code, shape, "redraw")
    return []


def _hand_over(state: _State, one: GridOperation, *_: object) -> list[str]:
    giver, taker = one.grids
    cut = handed_over(state.shapes[giver], state.shapes[taker], one.shape)
    state.give_vertices(cut.vertices, but=one.grids)
    for code, shape in zip(one.grids, cut.parts, strict=True):
        state.place(code, shape, "hand_over")
    return []


def _rename(state: _State, one: GridOperation, *_: object) -> list[str]:
    if len(one.names) != 1 or not one.names[0].strip():
        raise BadValue("改名须写新的名称", "a rename needs the new name")
    code = one.grids[0]
    state.rows[code] = {**state.rows[code], "name": one.names[0].strip()}
    if state.change.get(code, "border") == "border":
        state.change[code] = "rename"
    return []


_STEPS: Mapping[str, Callable[..., list[str]]] = {
    "split": _split,
    "merge": _merge,
    "redraw": _redraw,
    "rename": _rename,
    "hand_over": _hand_over,
}


def _require_count(given: Sequence[str], count: int, zh: str, en: str) -> None:
    if given and len(given) != count:
        raise BadValue(
            f"得到 {count} 个网格，写了 {len(given)} 个{zh}", f"there are {count} new grids and {len(given)} {en}"
        )


def _sum(values: Sequence[Any]) -> int | None:
    known = [int(one) for one in values if one is not None]
    return sum(known) if known else None


def _new_codes(
    state: _State,
    one: GridOperation,
    shapes: np.ndarray,
    row: Mapping[str, Any],
    profile: CodeProfile | None,
    used: Collection[str],
) -> list[str]:
    """Return codes of new grids: those given, else by the profile; none that was ever used."""
    taken = {*map(code_text, used), *state.rows, *state.gone}
    if one.codes:
        _require_count(one.codes, len(shapes), "代码", "codes")
        bad = [code for code in one.codes if not code.strip() or code in taken or one.codes.count(code) > 1]
        if bad:
            raise BadValue(
                f"代码 {bad[0][:40]} 已用过：停用的代码也不再使用",
                f"code {bad[0][:40]} was used before; none is used twice",
            )
        return list(one.codes)
    level = state.level(one.grids[0])
    profile = profile or profile_named("15+2" if level == 2 else "12+3")
    prefix = one.grids[0][: profile.prefix]
    frame = gpd.GeoDataFrame(
        {name: [row.get(name)] * len(shapes) for name in ("village", "parent", "kind")}, geometry=list(shapes)
    )
    coding = grid_codes(frame, profile, prefix=prefix, used=taken)
    for why in coding.faults.values():
        zh, en = both(why)
        raise BadValue(f"新网格没有代码，请写明：{zh}", f"a new grid gets no code, give one: {en}")
    return [code or "" for code in coding.code]


def _give_parents(state: _State) -> None:
    """Give the microgrids of changed grids the grid that holds them now; one that lies in several keeps its parent."""
    grids = [code for code, change in state.change.items() if change != "border" and state.level(code) == 1]
    old = {*grids, *(code for code, level in state.gone.items() if level == 1)}
    if not grids:
        return
    shapes = np.array([state.shapes[code] for code in grids], object)
    for code, row in state.rows.items():
        if state.level(code) != 2 or code_text(row.get("parent")) not in old:
            continue
        shape = state.shapes[code]
        held = shapely.area(shapely.intersection(shapes, shape))
        at = int(held.argmax())
        if held[at] >= _NEARLY_ALL * shape.area and grids[at] != code_text(row.get("parent")):
            state.rows[code] = {**row, "parent": grids[at]}
            if state.change.get(code, "border") == "border":
                state.change[code] = "parent"


# --- what came of it -------------------------------------------------------------------------------------------------


def _result(grids: gpd.GeoDataFrame, state: _State, buildings: gpd.GeoDataFrame | None) -> GridChanges:
    codes = np.array([code_text(one) for one in grids["code"]], object)
    concerned = {*state.change, *state.gone}
    before = grids[[code in concerned for code in codes]].copy()
    after_codes = sorted(state.change)
    rows = [state.rows[code] for code in after_codes]
    plain = pd.DataFrame(rows, columns=[name for name in grids.columns if name != "geometry"], dtype=object)
    after = gpd.GeoDataFrame(plain, geometry=[state.shapes[code] for code in after_codes], crs=grids.crs)
    after["change"] = [state.change[code] for code in after_codes]
    known = [code_text(one) for one in before["code"]]
    # A grid that was made and unmade on the way has never been.
    closed = tuple(sorted(code for code in state.gone if code in set(known)))
    crs = metric_crs_for(before)
    # A vertex on an edge that is straight in degrees bends it in metres: both sides are measured with the same ones.
    corners = np.unique(shapely.get_coordinates(after.geometry.to_numpy()), axis=0)
    flat = gpd.GeoSeries([with_vertices(one, corners) for one in before.geometry], crs=grids.crs).to_crs(crs)
    flat_after = after.geometry.to_crs(crs)
    real = ~after["change"].isin(["border", "parent"]).to_numpy()
    kept = {code for code, is_real in zip(after_codes, real, strict=True) if not is_real}
    was_real = np.array([code not in kept for code in known], bool)
    moved = moved_parts(before[was_real], after[real], buildings)
    _share_figures(before[was_real], after, real, moved)
    succession = _succession(np.array(known, object)[was_real], after[real], moved)
    was, now = succession["old"].to_numpy(object), succession["new"].to_numpy(object)
    return GridChanges(
        before.reset_index(drop=True),
        after,
        closed,
        moved,
        succession,
        dict(zip(known, shapely.area(flat.to_numpy()).tolist(), strict=True)),
        dict(zip(after_codes, shapely.area(flat_after.to_numpy()).tolist(), strict=True)),
        int(succession.loc[was != now, "buildings"].sum()),
        tuple(state.done),
    )


def _share_figures(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, real: np.ndarray, moved: Moved) -> None:
    for name in SHARED:
        if name not in after:
            continue
        figure = pd.to_numeric(before[name], errors="coerce").to_numpy(float, na_value=np.nan)
        values = after[name].to_numpy(object).copy()
        values[real] = [None if np.isnan(one) else int(one) for one in shared_figure(figure, moved)]
        after[name] = pd.Series(values, index=after.index, dtype=object)


def _succession(old: np.ndarray, after: gpd.GeoDataFrame, moved: Moved) -> pd.DataFrame:
    rows, columns = np.nonzero(moved.area_share)
    new = after["code"].to_numpy(object)
    return pd.DataFrame(
        {
            "old": old[rows],
            "new": new[columns],
            "change": after["change"].to_numpy(object)[columns],
            "area_share": moved.area_share[rows, columns],
            "share": moved.share[rows, columns],
            "buildings": moved.buildings[rows, columns],
            "by": [moved.by[row] for row in rows.tolist()],
        }
    )
