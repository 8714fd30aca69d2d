"""Plan edits of a key whose current row is scheduled: it begins later, and another version is valid until then.

Only the current row of a key is ever written. An edit of the version that is valid today is therefore two writes: that
version as it shall be from today on, then the scheduled one again; the history keeps each until the next begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from geo.errors import NotFound
from geo.storage.protocol import Feature, Store


def begins_later(feature: Feature, today: date) -> bool:
    """Return whether a version is not yet valid.

    Examples
    --------
    >>> begins_later({"properties": {"valid_from": "2027-01-01"}}, date(2026, 3, 1))
    True
    >>> begins_later({"properties": {"valid_from": None}}, date(2026, 3, 1))
    False
    """
    return str(feature["properties"].get("valid_from") or "") > today.isoformat()[:10]


def is_ahead_of(store: Store, layer: str, key: str, version: int | None) -> bool:
    """Return whether the current row of a key begins later than today, and this version, or any, is valid today.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> place = {"type": "Point", "coordinates": [103.0, 37.0]}
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     for version, day in enumerate((None, "2999-01-01")):
    ...         camera = {"type": "Feature", "geometry": place, "properties": {"valid_from": day}}
    ...         _ = store.put("cameras", "c", camera, if_version=version, actor="li")
    ...     is_ahead_of(store, "cameras", "c", 1), is_ahead_of(store, "cameras", "c", 2)
    (True, False)
    >>> folder.cleanup()
    """
    if not begins_later(store.current(layer, key)[0], store.today()):
        return False
    try:
        found = store.get(layer, key)[1]
    except NotFound:
        return False
    return version in (None, found)


def edit_before_scheduled(edited: Feature, before: Feature, scheduled: Feature, today: date) -> list[dict[str, Any]]:
    """Return what to put, one after the other, so that a version is edited which a scheduled one will end.

    An edited version that is to stay valid beyond the day on which the scheduled one begins cancels that.

    Parameters
    ----------
    edited, before
        The version that is valid today, as it shall be, and as it is.
    scheduled
        The current row.
    today
        The day of the edit.

    Examples
    --------
    >>> before = {"properties": {"height": 6.0, "valid_from": None, "valid_to": "2027-01-01"}}
    >>> scheduled = {"properties": {"height": 8.0, "valid_from": "2027-01-01", "valid_to": None}}
    >>> edited = {"properties": {"height": 7.0, "valid_from": None, "valid_to": "2027-01-01"}}
    >>> for one in edit_before_scheduled(edited, before, scheduled, date(2026, 3, 1)):
    ...     one["properties"]
    {'height': 7.0, 'valid_from': '2026-03-01', 'valid_to': '2027-01-01'}
    {'height': 8.0, 'valid_from': '2027-01-01', 'valid_to': None}
    """
    given = edited.get("properties") or {}
    beginning, ending = given.get("valid_from") or None, given.get("valid_to") or None
    starts_anew = beginning is None or beginning == before["properties"].get("valid_from")
    first = _with_days(edited, today.isoformat()[:10] if starts_anew else beginning, ending)
    begin_of_scheduled = str(scheduled["properties"]["valid_from"])
    stays = ending is not None and str(ending) <= begin_of_scheduled
    return [first, dict(scheduled)] if stays else [first]


def without_scheduled(before: Feature, scheduled: Feature, today: date) -> dict[str, Any]:
    """Return what to put so that the version valid today stays, as if none had been scheduled.

    Examples
    --------
    >>> before = {"properties": {"height": 6.0, "valid_from": None, "valid_to": "2027-01-01"}}
    >>> scheduled = {"properties": {"height": 8.0, "valid_from": "2027-01-01", "valid_to": None}}
    >>> without_scheduled(before, scheduled, date(2026, 3, 1))["properties"]
    {'height': 6.0, 'valid_from': '2026-03-01', 'valid_to': None}
    """
    ending = before["properties"].get("valid_to")
    ended_by_it = ending == scheduled["properties"].get("valid_from")
    return _with_days(before, today.isoformat()[:10], None if ended_by_it else ending)


def _with_days(feature: Mapping[str, Any], beginning: Any, ending: Any) -> dict[str, Any]:
    return {**feature, "properties": {**(feature.get("properties") or {}), "valid_from": beginning, "valid_to": ending}}
