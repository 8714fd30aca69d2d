"""Choose poles and assign cameras to them, with realistic optics, missing fields and offline shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geo.demo import camera_poles, place_names
from geo.demo.camera_poles import PolePositions

FIXED, PTZ, PANORAMIC = "fixed", "ptz", "panoramic"

# By class: share of ptz and panoramic ones.
_KINDS = {1: (0.36, 0.08), 2: (0.17, 0.10), 3: (0.04, 0.05)}
# Horizontal angle (degrees) of lenses of 2.8, 4, 6, 8 and 12 mm, and how common each is by class.
_LENSES = (100.0, 82.0, 53.0, 39.0, 25.0)
_LENS_SHARE = {1: (0.05, 0.37, 0.30, 0.18, 0.10), 2: (0.20, 0.50, 0.22, 0.08, 0.0), 3: (0.45, 0.45, 0.10, 0.0, 0.0)}
_PIXELS = ((1920, 1080), (2560, 1440), (3840, 2160))
_PIXEL_SHARE = {1: (0.35, 0.45, 0.20), 2: (0.50, 0.40, 0.10), 3: (0.75, 0.23, 0.02)}
_HEIGHTS = {1: (5.4, 6.6), 2: (3.5, 5.0), 3: (2.8, 4.0)}
# By class: share of records without azimuth, height, hfov.
_MISSING = {1: (0.05, 0.06, 0.04), 2: (0.08, 0.08, 0.08), 3: (0.14, 0.18, 0.20)}
#: Probability of a second, third and fourth camera on a pole, by class.
_EXTRA_CAMERA_PROBABILITY = {1: 0.62, 2: 0.45, 3: 0.18}
_OFFLINE, _PLANNED = 0.03, 0.006
# Digits 9 and 10 of a 20-digit device id (GB/T 28181), and the network digit, by class.
_INDUSTRY = {1: "00", 2: "02", 3: "80"}
_NETWORK = {1: "5", 2: "6", 3: "8"}


@dataclass(frozen=True)
class CameraRecords:
    """Cameras row by row: pole, class, kind, grid azimuth, optics (NaN where unknown), status."""

    pole: np.ndarray
    class_: np.ndarray
    kind: np.ndarray
    azimuth: np.ndarray
    hfov: np.ndarray
    vfov: np.ndarray
    tilt: np.ndarray
    height: np.ndarray
    width_px: np.ndarray
    height_px: np.ndarray
    max_range: np.ndarray
    status: np.ndarray

    def __len__(self) -> int:
        return len(self.pole)


def place_cameras(poles: PolePositions, wanted: Sequence[int], rng: np.random.Generator) -> CameraRecords:
    """Return exactly the wanted number of cameras of class 1, 2 and 3, on poles chosen by weight.

    Azimuths are degrees clockwise from the grid north of the CRS of the poles.
    """
    pole, turn, class_ = _sampled_poles(poles, wanted, rng)
    n = len(pole)
    first = np.concatenate([[True], pole[1:] != pole[:-1]])
    kind = _kinds(class_, first, rng)
    heading = poles.heading[pole] + poles.relative_headings[pole, turn]
    azimuth = np.round(90.0 - np.degrees(heading), 0) % 360.0
    hfov = _by_class(class_, _LENS_SHARE, rng, np.array(_LENSES)) + np.round(rng.normal(0, 1, n))
    hfov = np.select([kind == PTZ, kind == PANORAMIC], [np.round(rng.uniform(56, 64, n)), 360.0], hfov)
    pixels = _by_class(class_, _PIXEL_SHARE, rng, np.array(_PIXELS))
    pixels = np.where((kind == PANORAMIC)[:, None], [3840, 960], pixels)
    lens = np.degrees(2 * np.arctan(np.tan(np.radians(np.minimum(hfov, 170) / 2)) * pixels[:, 1] / pixels[:, 0]))
    vfov = np.where(kind == PANORAMIC, 90.0, np.round(lens, 1))
    # A panoramic camera covers depression angles from 0 to 90 degrees.
    tilt = np.where(kind == PANORAMIC, 45.0, np.round(rng.uniform(6, 17, n)))
    low, high = (np.array([_HEIGHTS[c][k] for c in (1, 2, 3)])[class_ - 1] for k in (0, 1))
    height = np.where((kind == PTZ) & (class_ == 1), rng.uniform(8, 12, n), rng.uniform(low, high))
    reach = np.where(kind == PTZ, rng.choice([100.0, 150.0, 200.0], n), rng.choice([30.0, 50.0, 80.0], n))
    missing = rng.random((n, 3)) < np.array([_MISSING[c] for c in (1, 2, 3)])[class_ - 1]
    no_azimuth, no_height, no_hfov = missing.T
    # Only the first camera of a pole may lack its azimuth: two without one would look like a duplicate record.
    no_azimuth = first & (no_azimuth | (kind == PTZ) & (rng.random(n) < 0.4)) | (kind == PANORAMIC)
    return CameraRecords(
        pole=pole,
        class_=class_,
        kind=kind,
        azimuth=np.where(no_azimuth, np.nan, azimuth),
        hfov=np.where(no_hfov, np.nan, hfov),
        vfov=np.where(no_hfov | (rng.random(n) < 0.35), np.nan, vfov),
        tilt=np.where(rng.random(n) < 0.25, np.nan, tilt),
        height=np.where(no_height, np.nan, np.round(height, 1)),
        width_px=pixels[:, 0],
        height_px=pixels[:, 1],
        max_range=np.where(rng.random(n) < 0.15, reach, np.nan),
        status=_status(n, rng),
    )


def device_ids(cameras: CameraRecords) -> list[str]:
    """Return 20-digit device ids (GB/T 28181): centre, industry, 132 for a network camera, network, serial."""
    centre = place_names.COUNTY_CODE + "00"
    return [f"{centre}{_INDUSTRY[c]}132{_NETWORK[c]}{k + 1:06d}" for k, c in enumerate(cameras.class_.tolist())]


def camera_names(cameras: CameraRecords, poles: PolePositions, zone_of_pole: Sequence[str]) -> list[str]:
    """Return a name for each camera: zone, type of place, and a running number."""
    seen: dict[str, int] = {}
    out = []
    for pole, place_type in zip(cameras.pole.tolist(), poles.place_type[cameras.pole].tolist(), strict=True):
        stem = zone_of_pole[pole] + camera_poles.PLACE_TYPES[place_type][0]
        seen[stem] = seen.get(stem, 0) + 1
        out.append(f"{stem}{seen[stem]}")
    return out


def _sampled_poles(
    poles: PolePositions, wanted: Sequence[int], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pole, the index on it (0 to 3) and the class of each camera, sorted by class and pole."""
    pole, turn, class_ = [], [], []
    for c, count in enumerate(wanted, start=1):
        mine = np.flatnonzero(poles.class_ == c)
        # Weighted sampling without replacement (Efraimidis and Spirakis 2006, "Weighted random sampling with a
        # reservoir", doi:10.1016/j.ipl.2005.11.003).
        key = rng.exponential(size=len(mine)) / poles.weight[mine]
        order = mine[np.argsort(key, kind="stable")]
        number = 1 + (rng.random((len(order), 3)) < _EXTRA_CAMERA_PROBABILITY[c]).cumprod(axis=1).sum(axis=1)
        number = np.minimum(number, poles.max_cameras[order])
        enough = int(np.searchsorted(np.cumsum(number), count)) + 1
        order, number = order[:enough], number[:enough]
        number[-1] -= int(number.sum()) - count
        by_place = np.argsort(order)
        order, number = order[by_place], number[by_place]
        pole.append(np.repeat(order, number))
        turn.append(np.arange(count) - np.repeat(np.cumsum(number) - number, number))
        class_.append(np.full(count, c))
    return np.concatenate(pole), np.concatenate(turn), np.concatenate(class_)


def _kinds(class_: np.ndarray, first: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    # At most one ptz or panoramic camera per pole, the first; the others are fixed.
    share = np.array([_KINDS[c] for c in (1, 2, 3)])[class_ - 1] * np.array([1.6, 1.3, 1.1])[class_ - 1][:, None]
    chance = rng.random(len(class_))
    kind = np.select([chance < share[:, 0], chance < share.sum(axis=1)], [PTZ, PANORAMIC], FIXED)
    return np.where(first, kind, FIXED)


def _by_class(
    class_: np.ndarray, share: Mapping[int, tuple[float, ...]], rng: np.random.Generator, values: np.ndarray
) -> np.ndarray:
    limits = np.cumsum([share[c] for c in (1, 2, 3)], axis=1)[class_ - 1]
    return np.asarray(values[np.minimum((rng.random(len(class_))[:, None] > limits).sum(axis=1), len(values) - 1)])


def _status(n: int, rng: np.random.Generator) -> np.ndarray:
    status = np.full(n, "online", dtype=object)
    order = rng.permutation(n)
    offline, planned = round(n * _OFFLINE), round(n * _PLANNED)
    status[order[:offline]] = "offline"
    status[order[offline : offline + planned]] = "planned"
    return status
