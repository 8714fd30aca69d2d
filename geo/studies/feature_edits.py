"""Apply an edit to a feature, and refuse impossible values: the same for what is stored and for what is only tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.catalog.fields import Limits
from geo.catalog.layers import Layer
from geo.errors import BadValue, RowFault

#: An azimuth counts modulo 360; one of more than a full turn is a slip of whoever writes it.
_TURNS = {"azimuth": Limits(-360.0, 360.0)}


def merged(before: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return a feature with a merge patch applied (RFC 7396); links are ignored, and a geometry is never removed.

    Examples
    --------
    >>> before = {"type": "Feature", "id": "c1", "geometry": None, "properties": {"height": 4.0, "name": "a"}}
    >>> merged(before, {"properties": {"height": 6.0, "name": None}})["properties"]
    {'height': 6.0, 'name': None}
    """
    changed = {name: value for name, value in patch.items() if name not in ("links", "type")}
    geometry = changed.get("geometry", before["geometry"])
    if isinstance(geometry, Mapping) and isinstance(before["geometry"], Mapping):
        geometry = {**before["geometry"], **geometry}
    properties = {**before["properties"], **(changed.get("properties") or {})}
    return {"type": "Feature", "id": changed.get("id", before["id"]), "geometry": geometry, "properties": properties}


def require_possible(
    layer: Layer, key: str, feature: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> None:
    """Raise BadValue that names each field whose value is impossible (rule U5), unless it is stored so already.

    An analysis would take such a value as missing. What is no number the store refuses.

    Examples
    --------
    >>> from geo.catalog.layers import LAYERS
    >>> require_possible(LAYERS["cameras"], "c1", {"properties": {"azimuth": 400.0}})
    Traceback (most recent call last):
    geo.errors.BadValue: 不可能的值：azimuth / impossible values: azimuth
    """
    stored = before["properties"] if before is not None else {}
    faults = []
    for field in layer.fields:
        limits, value = _TURNS.get(field.name, field.limits), feature["properties"].get(field.name)
        if limits is None or field.is_lenient or isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if not limits.holds(value) and value != stored.get(field.name):
            reason = f"{field.name} 须在 {limits} 之内 / {field.name} must be within {limits}"
            faults.append(RowFault(layer.name, key, field.name, reason, str(value)[:200]))
    if faults:
        names = ", ".join(fault.field for fault in faults)
        raise BadValue(f"不可能的值：{names}", f"impossible values: {names}", rows=faults)
