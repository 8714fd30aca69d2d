"""Tell the page which fields of a camera its form has, and what they may hold, as the catalogue declares them."""

from __future__ import annotations

import math
from typing import Any

from geo.catalog.fields import Field
from geo.catalog.layers import LAYERS

#: Those that decide what a camera sees and what it counts as, and by which people know it, in the order of the form.
FORM_FIELDS = (
    *("azimuth", "tilt", "hfov", "vfov", "height", "max_range", "width_px", "height_px"),
    *("kind", "status", "class", "site", "name"),
)


def camera_form() -> list[dict[str, Any]]:
    """Return the fields: name, kind, unit, values, limits, and what stands for a missing value (rule U4).

    Examples
    --------
    >>> height = next(one for one in camera_form() if one["name"] == "height")
    >>> height["low"], height["has_low"], height["default"]["ptz"]
    (0.0, False, 6.0)
    """
    return [described(LAYERS["cameras"].field(name)) for name in FORM_FIELDS]


def described(field: Field) -> dict[str, Any]:
    """Return what a form shows of a field."""
    limits = field.limits
    return {
        "name": field.name,
        "kind": field.kind,
        "unit": {"deg": "°"}.get(field.unit, field.unit),
        "choices": [one.name for one in field.values],
        "low": limits.low if limits is not None and math.isfinite(limits.low) else None,
        "has_low": limits is None or limits.has_low,
        "high": limits.high if limits is not None and math.isfinite(limits.high) else None,
        "default": field.default if isinstance(field.default, str) else dict(field.default or {}),  # type: ignore[arg-type]
    }
