"""Map tags of OpenStreetMap to kinds of places."""

from __future__ import annotations

from collections.abc import Mapping

#: Key -> value of the tag -> kind of place (``geo.catalog.kinds``); the first key in this order that fits tells.
OSM_PLACES: Mapping[str, Mapping[str, str]] = {
    "amenity": {
        "school": "school", "college": "school", "university": "school", "kindergarten": "kindergarten",
        "childcare": "kindergarten", "hospital": "hospital", "clinic": "hospital", "marketplace": "market",
        "bus_station": "station", "townhall": "office", "place_of_worship": "worship", "theatre": "venue",
        "library": "venue", "fuel": "fuel", "bank": "bank",
    },
    "railway": {"station": "station", "halt": "station"},
    "place": {"square": "square", "town": "town", "village": "village", "hamlet": "village"},
    "leisure": {"park": "park", "garden": "park", "stadium": "venue", "sports_centre": "venue"},
    "landuse": {"residential": "estate"},
    "highway": {"crossing": "crossing", "traffic_signals": "crossing", "mini_roundabout": "crossing"},
    "man_made": {"bridge": "bridge"},
    "shop": {"mall": "mall", "supermarket": "mall"},
    "tourism": {"attraction": "scenic", "museum": "venue"},
}  # fmt: skip


def place_kind(tags: Mapping[str, object]) -> tuple[str, str] | None:
    """Return the kind of place that tags tell and the key that tells it; None for what is no place.

    Examples
    --------
    >>> place_kind({"amenity": "school", "name": "x"}), place_kind({"highway": "residential"})
    (('school', 'amenity'), None)
    """
    for key, kinds in OSM_PLACES.items():
        kind = kinds.get(str(tags.get(key)))
        if kind is not None:
            return kind, key
    return None
