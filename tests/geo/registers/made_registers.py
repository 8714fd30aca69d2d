"""Make two registers of one county: what two contractors hand in of the same poles, and which rows are which.

Poles stand at the corners of crossings, along roads and at gates; a pole has one to three cameras. The second register
has its own ids, its own way of naming, places that were taken again, and gaps. Nothing here knows how pairs are scored.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

_WORDS = (
    "和平", "建设", "民主", "解放", "新华", "胜利", "光明", "团结", "幸福", "友谊", "工农", "红旗", "青年", "文化",
    "体育", "健康", "和谐", "永安", "兴盛", "长青",
)  # fmt: skip
_PLACES = (
    "县医院", "第一中学", "实验小学", "汽车站", "人民广场", "农贸市场", "法院", "税务局", "幼儿园", "百货大楼", "粮库",
    "供电所",
)  # fmt: skip
_TOWNS = ("青石镇", "柳河镇", "黄土乡", "白杨镇", "红崖乡", "清水镇", "双塔乡", "石门镇")
_CORNERS = (("东北角", 1, 1), ("东南角", 1, -1), ("西南角", -1, -1), ("西北角", -1, 1))
_SIDES = (("东侧", 1, 0), ("南侧", 0, -1), ("西侧", -1, 0), ("北侧", 0, 1))
_KINDS = {
    "fixed": ("枪机", "高清枪机", "网络摄像机"),
    "ptz": ("球机", "高清球机", "智能球机"),
    "panoramic": ("全景", "全景摄像机", "全景"),
}
_M = 1 / 111_000


@dataclass(frozen=True)
class Settings:
    """How the second register differs; shares from 0 to 1.

    Attributes
    ----------
    count, overlap
        Rows of each register, and the part of them that both have.
    noise_m
        Radius of the disc that a place is moved in, evenly; each row apart.
    changed_ids
        Part of the ids that are of another numbering; the rest are written in another way half of the time.
    other_names, no_names
        Parts of the names that are worded otherwise (the place too), and that are missing.
    no_side
        Part of the names that no longer say the side.
    no_numbers, other_numbers
        Parts of the names without the number of the camera, and with another one: each list counts in its own way.
    azimuths, kinds
        Parts of rows that have them, in each register.
    running_ids
        Whether both registers number their rows from 1, so that equal ids mean nothing.
    """

    count: int = 2_000
    overlap: float = 0.95
    noise_m: float = 30.0
    changed_ids: float = 0.8
    other_names: float = 0.08
    no_names: float = 0.02
    no_side: float = 0.05
    no_numbers: float = 0.3
    other_numbers: float = 0.1
    azimuths: float = 0.7
    kinds: float = 0.9
    running_ids: bool = False


@dataclass(frozen=True)
class Registers:
    """Two registers, and which row of the second is which of the first (-1 for none)."""

    first: gpd.GeoDataFrame
    second: gpd.GeoDataFrame
    truth: np.ndarray


def made_registers(settings: Settings, seed: int = 1) -> Registers:
    """Return two registers of one county."""
    rng = np.random.default_rng(seed)
    both = round(settings.count * settings.overlap)
    world = _cameras(2 * settings.count - both, rng)
    order = rng.permutation(len(world))
    first = world.iloc[np.sort(order[: settings.count])].reset_index(drop=True)
    in_second = np.concatenate([order[:both], order[settings.count :]])
    second = world.iloc[rng.permutation(in_second)].reset_index(drop=True)
    position = {camera: row for row, camera in enumerate(first["camera"])}
    truth = np.array([position.get(camera, -1) for camera in second["camera"]])
    return Registers(_first(first, settings, rng), _second(second, settings, rng), truth)


def figures(registers: Registers, rows: np.ndarray, others: np.ndarray) -> tuple[float, float, float]:
    """Return precision, recall and F1 of pairs (row of the second register, row of the first)."""
    right = int((registers.truth[rows] == others).sum())
    precision, recall = right / max(len(rows), 1), right / max(int((registers.truth >= 0).sum()), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-12)


def _cameras(count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return that many cameras of a county: towns with streets 60 to 120 m apart, and places between them."""
    rows: list[tuple[str, str, str, float, float, float, int]] = []
    town = 0
    while len(rows) < count:
        name = _TOWNS[town % len(_TOWNS)] + ("" if town < len(_TOWNS) else str(town // len(_TOWNS)))
        lon, lat = 102.5 + 0.06 * (town % 12), 37.2 + 0.06 * (town // 12)
        size = int(rng.integers(4, 9))
        along, across = rng.permutation(_WORDS)[:size], rng.permutation(_WORDS)[:size]
        pitch = rng.uniform(60, 120)
        for i in range(size):
            for j in range(size):
                x, y = i * pitch + rng.normal(0, 4), j * pitch + rng.normal(0, 4)
                if rng.random() < 0.75:
                    _poles(rows, name, f"{along[i]}路与{across[j]}街交叉口", x, y, _CORNERS, 12.0, lon, lat, rng)
                elif rng.random() < 0.6:
                    place = (
                        f"{_PLACES[int(rng.integers(len(_PLACES)))]}门口" if rng.random() < 0.7 else f"{along[i]}路中段"
                    )
                    _poles(rows, name, place, x, y, _SIDES, 9.0, lon, lat, rng)
        town += 1
    frame = pd.DataFrame(rows[:count], columns=["town", "place", "side", "lon", "lat", "azimuth", "number"])
    kind = rng.choice(["fixed", "ptz", "panoramic"], count, p=[0.65, 0.28, 0.07])
    return frame.assign(kind=kind, camera=np.arange(count))


def _poles(rows, town, place, x, y, sides, off, lon, lat, rng) -> None:
    number = 0
    for which in rng.permutation(len(sides))[: int(rng.integers(1, len(sides) + 1))]:
        side, east, north = sides[which]
        for azimuth in rng.permutation(8)[: int(rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1]))] * 45.0:
            number += 1
            place_lon = lon + (x + off * east) * _M / np.cos(np.radians(lat))
            rows.append((town, place, side, place_lon, lat + (y + off * north) * _M, float(azimuth), number))


def _first(frame: pd.DataFrame, settings: Settings, rng: np.random.Generator) -> gpd.GeoDataFrame:
    names = [
        f"{one.town}{one.place}{one.side}{_KINDS[one.kind][int(rng.integers(3))]}{one.number}"
        for one in frame.itertuples()
    ]
    ids = np.arange(1, len(frame) + 1) if settings.running_ids else [f"6206{camera:08}" for camera in frame["camera"]]
    return _register(frame, [str(one) for one in ids], names, frame["lon"], frame["lat"], settings, rng)


def _second(frame: pd.DataFrame, settings: Settings, rng: np.random.Generator) -> gpd.GeoDataFrame:
    count = len(frame)
    turn, reach = rng.uniform(0, 2 * np.pi, count), settings.noise_m * np.sqrt(rng.random(count))
    lat = frame["lat"] + reach * np.sin(turn) * _M
    lon = frame["lon"] + reach * np.cos(turn) * _M / np.cos(np.radians(frame["lat"]))
    names = [_second_name(one, settings, rng) for one in frame.itertuples()]
    own = rng.permutation(count)
    ids = []
    for k, camera in enumerate(frame["camera"]):
        if settings.running_ids:
            ids.append(str(k + 1))
        elif rng.random() < settings.changed_ids:
            ids.append(f"SP-{own[k] + 1:05}")
        else:
            ids.append(f"6206{camera:08}" if rng.random() < 0.5 else f"6206-{camera:08}")
    return _register(frame, ids, names, lon, lat, settings, rng)


def _second_name(one, settings: Settings, rng: np.random.Generator) -> str | None:
    if rng.random() < settings.no_names:
        return None
    place = one.place
    if rng.random() < settings.other_names:
        place = f"{_WORDS[int(rng.integers(len(_WORDS)))]}小区{int(rng.integers(1, 30))}号楼旁"
    elif rng.random() < 0.3:
        place = place.replace("交叉口", "路口").replace("门口", "大门")
    town = one.town if rng.random() < 0.5 else ""
    side = "" if rng.random() < settings.no_side else one.side
    if side and rng.random() < 0.3:
        side = side[:-1] + ("侧" if side.endswith("角") else "边")
    kind = _KINDS[one.kind][int(rng.integers(3))] if rng.random() < 0.6 else ""
    number = "" if rng.random() < settings.no_numbers else str(one.number)
    if number and rng.random() < settings.other_numbers:
        number = str(int(rng.integers(1, 6)))
    return (" ".join if rng.random() < 0.3 else "".join)([part for part in (town, place, side, kind, number) if part])


def _register(frame, ids, names, lon, lat, settings, rng) -> gpd.GeoDataFrame:
    azimuth = (frame["azimuth"] + rng.normal(0, 6, len(frame))).round() % 360
    kind = frame["kind"].where(rng.random(len(frame)) < settings.kinds, None)
    wrong = rng.random(len(frame)) < 0.02
    return gpd.GeoDataFrame(
        {
            "id": ids,
            "name": names,
            "azimuth": azimuth.where(rng.random(len(frame)) < settings.azimuths),
            "kind": kind.where(~wrong, "fixed"),
        },
        geometry=shapely.points(np.round(lon, 6), np.round(lat, 6)),
        crs="EPSG:4326",
    )
