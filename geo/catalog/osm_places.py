"""Map tags of OpenStreetMap to kinds of places and of facilities."""

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

#: The same for facilities.
OSM_FACILITIES: Mapping[str, Mapping[str, str]] = {
    "amenity": {
        "police": "police_station", "fire_station": "fire_station", "courthouse": "court", "clinic": "clinic",
        "hospital": "clinic", "doctors": "clinic",
    },
    "emergency": {"assembly_point": "shelter"},
}  # fmt: skip
#: Layer whose features have kinds -> its table.
OSM_KINDS = {"places": OSM_PLACES, "facilities": OSM_FACILITIES}


def osm_kind(layer: str, tags: Mapping[str, object]) -> tuple[str, str] | None:
    """Return the kind of place or facility that tags tell and the key that tells it; None for what is none.

    Examples
    --------
    >>> osm_kind("places", {"amenity": "school", "name": "x"}), osm_kind("places", {"highway": "residential"})
    (('school', 'amenity'), None)
    >>> osm_kind("facilities", {"amenity": "police"})
    ('police_station', 'amenity')
    """
    for key, kinds in OSM_KINDS[layer].items():
        kind = kinds.get(str(tags.get(key)))
        if kind is not None:
            return kind, key
    return None
