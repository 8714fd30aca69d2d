"""Compare the zones of two offices: stored layers, or files of another office (rule V14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.catalog.results import GRID_ZONES, OWN_ZONES, ZONE_LAYERS
from geo.errors import NotFound
from geo.planning.loads import with_floors
from geo.planning.zone_overlay import ZoneOverlay, overlay_zones
from geo.readers.reading import read_layer
from geo.sentences import both, sentence
from geo.storage.protocol import Store


@dataclass(frozen=True)
class OfficesZones:
    """Hold two layers of zones that were compared.

    Attributes
    ----------
    overlay
        What they have in common.
    names
        What the two are called.
    notes
        Sentences ``中文 / English`` on rows of files that were not read.
    """

    overlay: ZoneOverlay
    names: tuple[str, str]
    notes: tuple[str, ...]


def compare_zones(store: Store, a: str, b: str, *, crs: str | None = None, at: date | None = None) -> OfficesZones:
    """Return what two layers of zones share on a day.

    Parameters
    ----------
    a, b
        ``grids``, ``microgrids``, ``villages``, ``townships``, ``areas:KIND``, or the path of a file of zones.
    crs
        The CRS of files that name none.

    Raises
    ------
    NotFound
        A layer has no zones, or is neither stored nor a file.
    UnreadableFile
        A file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> import shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> square = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(103.0, 37.0, 103.01, 37.01)], crs=4326)
    >>> _ = store.write("grids", square, "upsert", actor="li")
    >>> square.to_file(Path(folder.name) / "police.geojson")
    >>> found = compare_zones(store, "grids", str(Path(folder.name) / "police.geojson"))
    >>> found.overlay.pairs["is_same"].tolist(), found.names
    ([True], ('grids', 'police.geojson'))
    >>> store.close()
    >>> folder.cleanup()
    """
    day = at or store.today()
    first, name, notes = _zones(store, a, crs, day)
    second, other, more = _zones(store, b, crs, day)
    buildings = store.read("obstacles", at=day)
    overlay = overlay_zones(first, second, with_floors(buildings) if len(buildings) else None)
    return OfficesZones(overlay, (name, other), (*notes, *more))


def _zones(store: Store, name: str, crs: str | None, day: date) -> tuple[gpd.GeoDataFrame, str, tuple[str, ...]]:
    if name in ZONE_LAYERS or name.startswith(OWN_ZONES):
        frame = _stored(store, name, day)
        frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
        frame = frame[frame.geom_type.isin(["Polygon", "MultiPolygon"])]
        if not len(frame):
            raise NotFound(f"库里没有 {name} 的面", f"the store has no polygons of {name}")
        return frame, name, ()
    path = Path(name)
    if not path.exists():
        known = ", ".join((*ZONE_LAYERS, f"{OWN_ZONES}KIND"))
        raise NotFound(f"{name} 不是文件，也不是 {known}", f"{name} is no file, and none of {known}")
    found = read_layer(path, "grids", crs=crs)
    if not len(found.frame):
        raise NotFound(f"{path.name} 没有一行可用", f"{path.name} has no usable row")
    notes = []
    for one in found.rejects:
        zh, en = both(one.reason)
        notes.append(
            sentence(f"{path.name} 第 {one.row} 行没有读：{zh}", f"{path.name} row {one.row} is not read: {en}")
        )
    return found.frame, path.name, tuple(notes)


def _stored(store: Store, name: str, day: date) -> gpd.GeoDataFrame:
    if name in GRID_ZONES:
        grids = store.read("grids", at=day)
        level = 1 if name == "grids" else 2
        return grids[pd.to_numeric(grids["level"], errors="coerce").fillna(1) == level]
    if name == "townships":
        divisions = store.read("divisions", at=day)
        return divisions[divisions["level"] == "township"]
    if name == "villages":
        return store.read("villages", at=day)
    areas = store.read("areas", at=day)
    return areas[areas["kind"] == name.removeprefix(OWN_ZONES)]
