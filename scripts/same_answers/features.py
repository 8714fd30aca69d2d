"""Ask for layers as OGC API Features, Tiles and Processes give them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pyproj

from scripts.same_answers import ZONE_LAYERS
from scripts.same_answers.answers import Answers, safe
from scripts.same_answers.program import Service

LAYERS = ("divisions", "grids", "villages", "cameras", "obstacles", "roads", "demand", "protected", "addresses")
RUN_LAYERS = (*ZONE_LAYERS, "views", "possible", "coverage", "gaps")
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
#: Filters in CQL2 text, by layer; {box} and {ring} are places in the middle of the county.
_TEXT: dict[str, tuple[str, ...]] = {
    "cameras": (
        "kind = 'ptz' AND NOT (status = 'offline' OR height IS NULL)",
        "name LIKE '%路口_' AND class IN (1, 2) AND hfov BETWEEN 40 AND 60",
        "azimuth < 90 OR azimuth >= 270",
        "class <> 3 AND width_px > height_px",
        "S_INTERSECTS(geometry, POLYGON(({ring})))",
        "S_WITHIN(geometry, BBOX({box}))",
        "T_INTERSECTS(INTERVAL(valid_from, valid_to), INTERVAL('2001-02-03', '..'))",
        "valid_from IS NULL AND owner IS NOT NULL",
        "name LIKE '杏%' AND NOT name LIKE '%1'",
        "kind NOT IN ('fixed', 'ptz')",
        "hfov NOT BETWEEN 10 AND 100",
    ),
    "grids": (
        "kind = 'dedicated'",
        "households > 300 AND (level = 1 OR level = 2)",
        "S_TOUCHES(geometry, POLYGON(({ring}))) OR S_OVERLAPS(geometry, POLYGON(({ring})))",
        "S_DISJOINT(geometry, POLYGON(({ring})))",
        "S_CONTAINS(geometry, POINT({centre}))",
        "code > '9901211' AND code <= '9901212'",
    ),
    "roads": (
        "class = 'residential' OR width > 8",
        "S_CROSSES(geometry, LINESTRING({line}))",
        "S_INTERSECTS(geometry, BBOX({box}))",
        "name IS NULL",
    ),
    "obstacles": ("height BETWEEN 10 AND 20", "height IS NULL AND S_INTERSECTS(geometry, BBOX({box}))"),
    "addresses": ("text LIKE '%12号'", "aliases IS NOT NULL"),
    "divisions": ("level = 'township'", "parent = '990121'"),
    "villages": ("households >= 100", "S_EQUALS(geometry, POINT({centre}))"),
    "demand": ("weight > 1",),
}
_TREES: dict[str, dict[str, Any]] = {
    "equal": {"op": "=", "args": [{"property": "kind"}, "ptz"]},
    "and-not": {
        "op": "and",
        "args": [
            {"op": "not", "args": [{"op": "isNull", "args": [{"property": "height"}]}]},
            {"op": "in", "args": [{"property": "class"}, [1, 3]]},
        ],
    },
    "like": {"op": "like", "args": [{"property": "name"}, "%社区%"]},
    "between": {"op": "between", "args": [{"property": "hfov"}, 50, 70]},
    "property-property": {"op": "<", "args": [{"property": "height_px"}, {"property": "width_px"}]},
}
#: Name -> path and query of a request that is refused.
_REFUSED = {
    "no-collection": "/collections/moons",
    "no-collection-items": "/collections/moons/items",
    "no-feature": "/collections/cameras/items/none",
    "feature-form": "/collections/cameras/items/none?f=csv",
    "bbox-of-three": "/collections/cameras/items?bbox=1,2,3",
    "bbox-of-words": "/collections/cameras/items?bbox=a,b,c,d",
    "bbox-upside-down": "/collections/cameras/items?bbox=103,38,104,37",
    "bbox-off-the-globe": "/collections/cameras/items?bbox=-190,0,10,10",
    "bbox-crs": "/collections/cameras/items?bbox=1,2,3,4&bbox-crs=EPSG:4326",
    "crs": "/collections/cameras/items?crs=http://www.opengis.net/def/crs/EPSG/0/27700",
    "crs-too-far": f"/collections/divisions/items?crs={_EPSG.format(32643)}&limit=1&bbox=0,0,1,1",
    "limit-zero": "/collections/cameras/items?limit=0",
    "limit-word": "/collections/cameras/items?limit=ten",
    "limit-twice": "/collections/cameras/items?limit=1&limit=2",
    "token": "/collections/cameras/items?token=%21",
    "datetime": "/collections/cameras/items?datetime=yesterday",
    "datetime-backwards": "/collections/cameras/items?datetime=2002-01-01/2001-01-01",
    "datetime-of-three": "/collections/cameras/items?datetime=../2001-01-01/..",
    "field-unknown": "/collections/cameras/items?colour=red",
    "field-no-number": "/collections/cameras/items?hfov=wide",
    "field-no-integer": "/collections/cameras/items?class=1.5",
    "form": "/collections/cameras/items?f=shp",
    "filter-lang": "/collections/cameras/items?filter=class%3D1&filter-lang=sql",
    "filter-crs": "/collections/cameras/items?filter=class%3D1&filter-crs=EPSG:1",
    "filter-broken": "/collections/cameras/items?filter=class%20%3D",
    "filter-field": "/collections/cameras/items?filter=colour%20%3D%20%27red%27",
    "filter-type": "/collections/cameras/items?filter=name%20%3E%203",
    "filter-function": "/collections/cameras/items?filter=lower(name)%20%3D%20%27a%27",
    "filter-injected": "/collections/cameras/items?filter=class%20%3D%201%3B%20drop%20table%20cameras",
    "filter-deep": f"/collections/cameras/items?filter={'(' * 40}class%3D1{')' * 40}",
    "filter-json-broken": "/collections/cameras/items?filter-lang=cql2-json&filter=%7B",
    "filter-json-list": "/collections/cameras/items?filter-lang=cql2-json&filter=%5B%5D",
    "filter-shape": "/collections/cameras/items?filter=S_WITHIN(geometry%2CPOLYGON((0 0%2C1 1%2C1 0%2C0 1%2C0 0)))",
    "queryables-of-none": "/collections/moons/queryables",
    "queryables-parameter": "/collections/cameras/queryables?limit=2",
    "tile-set": "/tileMatrixSets/Mercator",
    "tile-far": "/collections/cameras/tiles/WebMercatorQuad/3/9/9",
    "tile-level": "/collections/cameras/tiles/WebMercatorQuad/40/0/0",
    "tile-word": "/collections/cameras/tiles/WebMercatorQuad/a/0/0",
    "tile-parameter": "/collections/cameras/tiles/WebMercatorQuad/0/0/0?colour=red",
    "tile-form": "/collections/cameras/tiles/WebMercatorQuad/0/0/0?f=png",
    "tile-of-none": "/collections/moons/tiles/WebMercatorQuad/0/0/0",
    "process": "/processes/dream",
    "job": "/jobs/00000000-0000-7000-8000-000000000000",
    "job-word": "/jobs/none",
    "job-results": "/jobs/00000000-0000-7000-8000-000000000000/results",
    "jobs-status": "/jobs?status=happy",
    "jobs-limit": "/jobs?limit=0",
    "jobs-datetime": "/jobs?datetime=soon",
    "no-path": "/moons",
}


def ask(service: Service, answers: Answers, *, whole: bool) -> None:
    """Ask every resource, each layer's items in many ways, single features, tiles, and what is refused."""
    place = _Middle(service)
    for name, path in [*_documents(), *_pages(place), *_filters(place)]:
        _get(service, answers, f"ogc/{name}", path)
    for layer in LAYERS:
        _features(service, answers, layer)
        _follow(service, answers, layer)
    for lang in ("zh", "en"):
        for name, path in _REFUSED.items():
            _get(service, answers, f"ogc-refused/{lang}/{name}", f"/ogc{path}", lang=lang)
    _tiles(service, answers, place, (0, 9, 11, 13, 15, 18) if whole else (9, 13, 15))


class _Middle:
    """Hold a box of a few kilometres in the middle of the county's grids, from a feature that is there."""

    def __init__(self, service: Service) -> None:
        found = service.ask("GET", "/ogc/collections/cameras/items?limit=10000").json()["features"]
        chosen = found[len(found) // 3]
        self.feature = chosen["id"]
        x, y = (round(number, 4) for number in chosen["geometry"]["coordinates"])
        self.x, self.y = x, y
        self.box = tuple(round(number, 4) for number in (x - 0.02, y - 0.015, x + 0.02, y + 0.015))
        west, south, east, north = self.box
        self.words = {
            "box": f"{west}, {south}, {east}, {north}",
            "ring": f"{west} {south}, {east} {south}, {east} {north}, {x} {y}, {west} {south}",
            "line": f"{west} {south}, {east} {north}",
            "centre": f"{x} {y}",
        }

    def box_in(self, epsg: int) -> str:
        """Return the box in a CRS, in the order of axes of its authority."""
        moved = pyproj.Transformer.from_crs("OGC:CRS84", f"EPSG:{epsg}")
        west, south, east, north = self.box
        low, high = moved.transform(west, south), moved.transform(east, north)
        return ",".join(str(round(number, 6)) for number in (*low, *high))


def _documents() -> Iterator[tuple[str, str]]:
    for name in ("", "conformance", "api", "collections", "tileMatrixSets", "tiles", "processes", "jobs"):
        yield name or "landing", f"/ogc/{name}".rstrip("/")
    for grid in ("WebMercatorQuad", "WorldCRS84Quad"):
        yield f"tileMatrixSets-{grid}", f"/ogc/tileMatrixSets/{grid}"
    yield "processes-analyze", "/ogc/processes/analyze"
    for layer in LAYERS:
        base = f"/ogc/collections/{layer}"
        yield f"{layer}/collection", base
        yield f"{layer}/queryables", f"{base}/queryables"
        yield f"{layer}/tilesets", f"{base}/tiles"
        yield f"{layer}/tileset", f"{base}/tiles/WebMercatorQuad"


def _pages(place: _Middle) -> Iterator[tuple[str, str]]:
    box = ",".join(map(str, place.box))
    for layer in LAYERS:
        queries: dict[str, dict[str, Any]] = {
            "first": {"limit": 5},
            "box": {"bbox": box, "limit": 20},
            "box-of-six": {"bbox": f"{place.box[0]},{place.box[1]},0,{place.box[2]},{place.box[3]},9", "limit": 3},
            "long-ago": {"datetime": "2001-02-03", "limit": 3},
            "ever": {"datetime": "../2099-01-01", "limit": 3},
            "csv": {"f": "csv", "limit": 25},
            "xlsx": {"f": "xlsx", "limit": 25},
            "gpkg": {"f": "gpkg", "limit": 25},
            "geojson": {"f": "geojson", "limit": 3},
        }
        for epsg in (4326, 4490, 3857, 32648, 4543, 4522):
            queries[f"crs-{epsg}"] = {"crs": _EPSG.format(epsg), "limit": 3}
        yield from (
            (f"{layer}/{name}", f"/ogc/collections/{layer}/items?{urlencode(q)}") for name, q in queries.items()
        )
    more: dict[str, dict[str, Any]] = {
        f"box-in-{epsg}": {"bbox": place.box_in(epsg), "bbox-crs": _EPSG.format(epsg), "limit": 30}
        for epsg in (4326, 4490, 3857, 4543)
    }
    more["all"] = {"limit": 100_000}
    more["fields"] = {"kind": "ptz", "class": 1}
    more["crs84"] = {"crs": _CRS84, "limit": 1}
    more["field-of-day"] = {"valid_from": "2001-02-03"}
    yield from ((f"cameras/{name}", f"/ogc/collections/cameras/items?{urlencode(q)}") for name, q in more.items())
    yield "grids/all", "/ogc/collections/grids/items?limit=10000"


def _filters(place: _Middle) -> Iterator[tuple[str, str]]:
    for layer, texts in _TEXT.items():
        for number, text in enumerate(texts):
            query = urlencode({"filter": text.format(**place.words), "limit": 30})
            yield f"{layer}/filter-{number:02}", f"/ogc/collections/{layer}/items?{query}"
    for name, tree in _TREES.items():
        query = urlencode({"filter-lang": "cql2-json", "filter": json.dumps(tree), "limit": 10, "f": "csv"})
        yield f"cameras/filter-json-{name}", f"/ogc/collections/cameras/items?{query}"
    ring = ", ".join(f"{y} {x}" for x, y in (place.box[0:2], place.box[2:4], (place.box[2], place.box[1])))
    shape = f"S_INTERSECTS(geometry, POLYGON(({ring}, {place.box[1]} {place.box[0]})))"
    query = urlencode({"filter": shape, "filter-crs": _EPSG.format(4326), "filter-lang": "cql-text", "limit": 30})
    yield "cameras/filter-crs", f"/ogc/collections/cameras/items?{query}"


def _features(service: Service, answers: Answers, layer: str) -> None:
    """Ask for single features, also with the version that is known already."""
    found = service.ask("GET", f"/ogc/collections/{layer}/items?limit=400").json()["features"]
    for number, one in enumerate(found[:: max(len(found) // 3, 1)][:3]):
        path = f"/ogc/collections/{layer}/items/{one['id']}"
        _get(service, answers, f"ogc/{layer}/feature-{number}", path)
        _get(service, answers, f"ogc/{layer}/feature-{number}-3857", f"{path}?crs={_EPSG.format(3857)}")
        etag = service.ask("GET", path).headers["etag"]
        headers = {"If-None-Match": etag}
        answers.reply(f"ogc/{layer}/feature-{number}-known", "GET", path, service.ask("GET", path, headers=headers))
        reply = service.ask("OPTIONS", path)
        answers.reply(f"ogc/{layer}/feature-{number}-options", "OPTIONS", path, reply)


def _follow(service: Service, answers: Answers, layer: str) -> None:
    """Follow the links to the next page three times."""
    path = f"/ogc/collections/{layer}/items?limit=7"
    for number in range(4):
        reply = service.ask("GET", path)
        answers.reply(f"ogc/{layer}/page-{number}", "GET", path, reply)
        following = [link["href"] for link in reply.json()["links"] if link["rel"] == "next"]
        if not following:
            return
        parts = urlsplit(following[0])
        path = f"{parts.path}?{parts.query}"


def _tiles(service: Service, answers: Answers, place: _Middle, levels: tuple[int, ...]) -> None:
    """Ask for tiles of layers and of the first run, from the county's down to a street's."""
    run = service.ask("GET", "/runs").json()["runs"][-1]["id"]
    _get(service, answers, "tiles/run", f"/runs/{run}/tiles")
    for level in levels:
        row, col = _mercator(place.x, place.y, level)
        for layer in LAYERS:
            path = f"/ogc/collections/{layer}/tiles/WebMercatorQuad/{level}/{row}/{col}"
            _get(service, answers, f"tiles/{layer}-{level}", path)
        for layer in RUN_LAYERS if level in (9, 13, 15) else ():
            path = f"/runs/{run}/tiles/{layer}/WebMercatorQuad/{level}/{row}/{col}"
            _get(service, answers, f"tiles/run-{layer}-{level}", path)
    for level in (8, 13):
        side = 180 / 2**level
        row, col = int((90 - place.y) / side), int((place.x + 180) / side)
        path = f"/ogc/collections/cameras/tiles/WorldCRS84Quad/{level}/{row}/{col}?datetime=2001-02-03"
        _get(service, answers, f"tiles/cameras-degrees-{level}", path)


def _mercator(lon: float, lat: float, level: int) -> tuple[int, int]:
    """Return row and column of the tile with a place."""
    col = (lon + 180) / 360 * 2**level
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**level
    return int(row), int(col)


def _get(service: Service, answers: Answers, name: str, path: str, *, lang: str = "zh") -> None:
    headers = {"Accept-Language": lang}
    name = "/".join(safe(part) for part in name.split("/"))
    answers.reply(name, "GET", path, service.ask("GET", path, headers=headers), asked=headers)
