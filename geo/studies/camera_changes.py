"""Read changes of cameras, apply them to the stored rows that the caller may see, refuse what could not be saved."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uuid6

from geo.bounds import MAX_KEY, check_geometry, check_text
from geo.catalog.layers import LAYERS
from geo.errors import BadValue, Conflict, NotFound
from geo.studies.feature_edits import merged, require_possible

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd

    from geo.storage.protocol import Store

#: Cameras that one request may change: some hundred are a district's; more are an import and an analysis.
MAX_CHANGES = 500
_LAYER = LAYERS["cameras"]
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MEMBERS = ("changed", "added", "removed", "outage")


@dataclass(frozen=True)
class CameraChanges:
    """What shall be tried.

    Attributes
    ----------
    changed
        GeoJSON features with ``id``, each a merge patch of the stored camera (RFC 7396).
    added
        GeoJSON features of new cameras; ``id`` is a UUID as an earlier answer gave it, or absent: then one is given.
    removed
        Ids of cameras to take away.
    outage
        Names of sites, or ids of cameras, that fail: their rows count as offline.
    """

    changed: tuple[Mapping[str, Any], ...] = ()
    added: tuple[Mapping[str, Any], ...] = ()
    removed: tuple[str, ...] = ()
    outage: tuple[str, ...] = ()

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> CameraChanges:
        """Return the changes in a JSON object, checked for form and bounds; raise BadValue where it is wrong.

        Examples
        --------
        >>> CameraChanges.of({"removed": ["c1"]}).removed
        ('c1',)
        >>> CameraChanges.of({"removed": "c1"})
        Traceback (most recent call last):
        geo.errors.BadValue: removed 须是列表 / removed must be a list
        """
        lists = {name: [] if value.get(name) is None else value[name] for name in _MEMBERS}
        for name, items in lists.items():
            if not isinstance(items, list):
                raise BadValue(f"{name} 须是列表", f"{name} must be a list")
        count = sum(map(len, lists.values()))
        if count > MAX_CHANGES:
            raise BadValue(
                f"一次最多试算 {MAX_CHANGES} 处改动，收到 {count} 处；更多的请导入后分析",
                f"at most {MAX_CHANGES} changes are previewed at once, {count} were sent; import more, and analyse",
            )
        for name in ("removed", "outage"):
            for one in lists[name]:
                if not isinstance(one, str) or not one.strip():
                    raise BadValue(f"{name} 里须是编号", f"{name} must hold ids")
                check_text(one, max_characters=MAX_KEY, what=(name, name))
        for name in ("changed", "added"):
            for one in lists[name]:
                _check_feature(one, name)
        known = [one["id"] for name in ("changed", "added") for one in lists[name] if one.get("id")] + lists["removed"]
        for one in known:
            if known.count(one) > 1:
                raise BadValue(f"摄像机 {one} 给了两次", f"camera {one} is given twice")
        return cls(*(tuple(lists[name]) for name in _MEMBERS))

    @property
    def count(self) -> int:
        """Return how many there are."""
        return len(self.changed) + len(self.added) + len(self.removed) + len(self.outage)


def _check_feature(one: Any, name: str) -> None:
    if not isinstance(one, Mapping) or not isinstance(one.get("properties"), Mapping | None):
        raise BadValue(f"{name} 里须是 GeoJSON Feature", f"{name} must hold GeoJSON Features")
    key, geometry = one.get("id"), one.get("geometry")
    if name == "changed" and not (isinstance(key, str) and key.strip()):
        raise BadValue("每台改动的摄像机都须有 id", "every changed camera needs an id")
    if key is not None:
        if not isinstance(key, str):
            raise BadValue("id 须是文本", "id must be a text")
        check_text(key, max_characters=MAX_KEY, what=("id", "id"))
        if name == "added" and not _UUID.fullmatch(key):
            raise BadValue("新摄像机的 id 由本服务给出", "the id of a new camera is given by this service")
    if name == "added" and geometry is None:
        raise BadValue("新摄像机须有位置", "a new camera needs a place")
    if geometry is not None:
        check_geometry(geometry)


@dataclass(frozen=True)
class ResolvedChanges:
    """Changes as rows of the layer: what a save would store, what it would take away, and what is stored now."""

    frame: gpd.GeoDataFrame
    removed: tuple[str, ...]
    added: tuple[str, ...]
    stored: Mapping[str, Mapping[str, Any]]

    def places(self) -> list[tuple[float, float]]:
        """Return the positions (lon, lat) of all cameras, before and after."""
        before = [one["geometry"]["coordinates"] for one in self.stored.values() if one["geometry"]]
        after = [(point.x, point.y) for point in self.frame.geometry if point is not None]
        return list(dict.fromkeys((float(lon), float(lat)) for lon, lat in [*before, *after]))


def resolved(store: Store, changes: CameraChanges, at: date, known: Collection[str]) -> ResolvedChanges:
    """Return the rows as they would be stored.

    Parameters
    ----------
    store
        With the rights of the caller: a camera that it may not see does not exist.
    changes
        As ``CameraChanges.of`` read them.
    at
        The day whose rows are changed.
    known
        Ids of all cameras of that day.

    Raises
    ------
    NotFound
        A camera or a site does not exist for the caller.
    BadValue, BadGeometry, UnknownName
        A value cannot be stored, or is impossible (rule U5).
    Conflict
        The id of a new camera is taken.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> camera = gpd.GeoDataFrame({"id": ["c1"]}, geometry=[shapely.Point(103.1, 37.6)], crs="EPSG:4326")
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     _ = store.write("cameras", camera, "upsert", actor="li")
    ...     changes = CameraChanges.of({"changed": [{"id": "c1", "properties": {"azimuth": 90}}]})
    ...     found = resolved(store, changes, store.today(), ["c1"])
    >>> found.frame[["id", "azimuth"]].values.tolist()
    [['c1', 90.0]]
    >>> folder.cleanup()
    """
    from geo.storage.codec.frames import frame_from_rows  # noqa: PLC0415 (the form of a draft needs no frames)
    from geo.storage.codec.rows import row_from_feature  # noqa: PLC0415

    features = _stored_features(store, [*(one["id"] for one in changes.changed), *changes.removed], at)
    out: dict[str, dict[str, Any]] = {}
    for patch in changes.changed:
        before = features[patch["id"]]
        out[patch["id"]] = merged(before, {**patch, "id": patch["id"]})
        require_possible(_LAYER, patch["id"], out[patch["id"]], before)
    added = []
    for one in changes.added:
        key = one.get("id") or str(uuid6.uuid7())
        if key in known:
            raise Conflict("这个编号已被占用", "this key is taken")
        properties = {**(one.get("properties") or {}), "id": key}
        out[key] = {"type": "Feature", "id": key, "geometry": one["geometry"], "properties": properties}
        require_possible(_LAYER, key, out[key])
        added.append(key)
    failing = _failing(store, changes.outage, at)
    for key, feature in failing.items():
        if key not in changes.removed:
            chosen = out.get(key, feature)
            if chosen["properties"].get("status") in (None, "online", "unknown"):
                out[key] = merged(chosen, {"properties": {"status": "offline"}})
    rows = [next(iter(row_from_feature(feature, _LAYER, key).tuples())) for key, feature in out.items()]
    return ResolvedChanges(frame_from_rows(rows, _LAYER), changes.removed, tuple(added), {**features, **failing})


def _stored_features(store: Store, ids: Sequence[str], at: date) -> dict[str, dict[str, Any]]:
    if not ids:
        return {}
    found = _features(store, {"op": "in", "args": [{"property": "id"}, list(ids)]}, at)
    for one in ids:
        if one not in found:
            raise NotFound(f"没有摄像机 {one[:64]}", f"there is no camera {one[:64]}")
    return found


def _failing(store: Store, names: Sequence[str], at: date) -> dict[str, dict[str, Any]]:
    """Return the rows of sites of these names, and where none is called so the camera of that id."""
    if not names:
        return {}
    of_sites = _features(store, {"op": "in", "args": [{"property": "site"}, list(names)]}, at)
    named = {one["properties"].get("site") for one in of_sites.values()}
    ids = [one for one in dict.fromkeys(names) if one not in named]
    found = _features(store, {"op": "in", "args": [{"property": "id"}, ids]}, at) if ids else {}
    for one in ids:
        if one not in found:
            raise NotFound(f"没有点位或摄像机 {one[:64]}", f"there is no site or camera {one[:64]}")
    return {**of_sites, **found}


def _features(store: Store, where: Mapping[str, Any], at: date) -> dict[str, dict[str, Any]]:
    import shapely.geometry  # noqa: PLC0415 (as above)

    shapes, rows = store.rows("cameras", where=where, at=at)
    out = {}
    for shape, row in zip(shapes, rows, strict=True):
        properties = dict(zip(_LAYER.names, row, strict=True))
        geometry = None if shape is None else shapely.geometry.mapping(shape)
        out[properties["id"]] = {
            "type": "Feature",
            "id": properties["id"],
            "geometry": geometry,
            "properties": properties,
        }
    return out
