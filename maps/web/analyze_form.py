"""Tell the page which options an analysis has, and what they may be, as the catalogue declares them."""

from __future__ import annotations

from typing import Any

from geo.catalog.editions import DEFAULT_EDITION, DEFAULT_LEVEL, DOMAINS, EDITIONS
from geo.catalog.options import DEFAULT_TARGET_HEIGHT_M
from geo.catalog.results import ZONE_LAYERS


def analyze_form() -> dict[str, Any]:
    """Return editions with their levels and default level, domains, zone layers and the height of the target.

    Examples
    --------
    >>> form = analyze_form()
    >>> form["editions"][0]["levels"], form["editions"][0]["level"], form["domains"][0]
    (['detect', 'observe', 'recognise', 'identify'], 'detect', 'auto')
    """
    names = sorted(EDITIONS, key=lambda name: name != DEFAULT_EDITION)
    return {
        "editions": [{"name": name, "levels": list(EDITIONS[name]), "level": DEFAULT_LEVEL[name]} for name in names],
        "domains": list(DOMAINS),
        "zones": list(ZONE_LAYERS),
        "targetHeight": DEFAULT_TARGET_HEIGHT_M,
    }
