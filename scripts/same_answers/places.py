"""Ask which grid owns a place: points in, on and outside borders, in every CRS, and addresses whole and torn."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import urlencode

import pyproj
import shapely
import shapely.geometry

from scripts.same_answers.answers import Answers, safe
from scripts.same_answers.program import Service

_SEED = 8
_PROJECTED = ("EPSG:4543", "EPSG:3857", "EPSG:32648")
_DEGREES = ("wgs84", "cgcs2000", "gcj02", "bd09", "EPSG:4326", "EPSG:4490", "epsg:4326")
Point = tuple[float, float]
#: Name -> the query of a request that gets no answer.
_WRONG = {
    "nothing": {},
    "no-crs": {"lon": 103, "lat": 37.5},
    "no-lat": {"lon": 103, "crs": "wgs84"},
    "unknown-crs": {"lon": 103, "lat": 37.5, "crs": "moon"},
    "unknown-epsg": {"lon": 103, "lat": 37.5, "crs": "EPSG:999999"},
    "out-of-range": {"lon": 103, "lat": 97.5, "crs": "wgs84"},
    "not-a-number": {"lon": "east", "lat": 37.5, "crs": "wgs84"},
    "nan": {"lon": "nan", "lat": 37.5, "crs": "wgs84"},
    "both": {"address": "一号", "lon": 103, "lat": 37.5, "crs": "wgs84"},
    "address-with-crs": {"address": "一号", "crs": "wgs84"},
    "empty-address": {"address": ""},
    "long-address": {"address": "长" * 300},
    "control-characters": {"address": "a\u0000b\u200b"},
    "accuracy-below-zero": {"address": "一号", "accuracy": -1},
    "accuracy-too-large": {"address": "一号", "accuracy": 1e9},
    "no-day": {"address": "一号", "at": "2001-02-30"},
    "unknown-parameter": {"address": "一号", "colour": "red"},
}


def rows(service: Service) -> list[dict[str, Any]]:
    """Return 220 questions about the county of a service, the same for the same county."""
    chance = random.Random(_SEED)
    grids = _features(service, "grids")
    addresses = sorted({one["properties"]["text"] for one in _features(service, "addresses")})
    divisions = sorted({one["properties"]["name"] for one in _features(service, "divisions")})
    shapes = [shapely.geometry.shape(one["geometry"]) for one in grids]
    return [*_points(chance, shapes), *_texts(chance, addresses, divisions)]


def ask(service: Service, answers: Answers, questions: list[dict[str, Any]]) -> None:
    """Ask over HTTP, one at a time and as batches."""
    for number, row in enumerate(questions):
        given = {name: value for name, value in row.items() if name not in ("id", "what")}
        _get(service, answers, f"locate/{number:03}-{row['what']}", given)
    for lang in ("zh", "en"):
        for name, given in _WRONG.items():
            _get(service, answers, f"locate-wrong/{lang}/{name}", given, lang=lang)
    _batches(service, answers, questions)


def for_batch(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return questions as rows of a batch, with some among them that cannot be answered."""
    asked = [
        {name: row[name] for name in ("id", "address", "lon", "lat", "crs") if name in row} for row in questions[::3]
    ]
    bad: list[dict[str, Any]] = [
        {"id": "none"},
        {"id": "both", "address": "一号", "lon": 103, "lat": 37.5, "crs": "wgs84"},
        {"id": "no-crs", "lon": 103, "lat": 37.5},
        {"id": "moon", "lon": 103, "lat": 37.5, "crs": "moon"},
        {"id": "text", "lon": "east", "lat": 37.5, "crs": "wgs84"},
    ]
    return [*asked[:20], *bad, *asked[20:]]


def _features(service: Service, layer: str) -> list[dict[str, Any]]:
    return service.ask("GET", f"/ogc/collections/{layer}/items?limit=10000").json()["features"]


class _Chosen:
    """Choose places of a county by chance."""

    def __init__(self, chance: random.Random, shapes: list[shapely.Polygon]) -> None:
        self._chance, self._shapes = chance, shapes
        self._box = shapely.union_all(shapes).bounds

    def inside(self) -> Point:
        point = self._chance.choice(self._shapes).representative_point()
        return point.x, point.y

    def corner(self) -> Point:
        x, y = self._chance.choice(shapely.get_coordinates(self._chance.choice(self._shapes)).tolist())
        return x, y

    def border(self) -> Point:
        ring = shapely.get_coordinates(self._chance.choice(self._shapes))
        place = self._chance.randrange(len(ring) - 1)
        x, y = ((ring[place] + ring[place + 1]) / 2).tolist()
        return x, y

    def anywhere(self) -> Point:
        west, south, east, north = self._box
        wide, high = (east - west) / 5, (north - south) / 5
        return self._chance.uniform(west - wide, east + wide), self._chance.uniform(south - high, north + high)


def _points(chance: random.Random, shapes: list[shapely.Polygon]) -> list[dict[str, Any]]:
    chosen = _Chosen(chance, shapes)
    found: list[dict[str, Any]] = []

    def add(what: str, point: Point, **more: Any) -> None:
        found.append({"what": what, "lon": point[0], "lat": point[1], "crs": "wgs84", **more})

    for what, choose, count in (
        ("inside", chosen.inside, 30),
        ("corner", chosen.corner, 20),
        ("border", chosen.border, 15),
        ("anywhere", chosen.anywhere, 20),
    ):
        for _ in range(count):
            add(what, choose())
    for point in ((0.0, 0.0), (180.0, 90.0), (-180.0, -90.0), (116.4, 39.9)):
        add("far", point)
    for crs in _DEGREES:
        for choose in (chosen.inside, chosen.border, chosen.anywhere):
            add(safe(crs), choose(), crs=crs)
    for crs in _PROJECTED:
        x, y = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*chosen.inside())
        add(safe(crs), (round(x, 3), round(y, 3)), crs=crs)
    for accuracy in (0, 1, 20, 150, 1000, 5000):
        for choose in (chosen.inside, chosen.corner):
            add("accuracy", choose(), accuracy=accuracy)
    for day in ("2001-02-03", "2099-01-01"):
        add("at", chosen.inside(), at=day)
    return [{"id": f"p{number}", **row} for number, row in enumerate(found)]


def _texts(chance: random.Random, addresses: list[str], divisions: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def add(what: str, text: str, **more: Any) -> None:
        found.append({"what": what, "address": text, **more})

    def wide(text: str) -> str:
        return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)

    for text in chance.sample(addresses, 30):
        add("exact", text)
    for text in chance.sample(addresses, 20):
        add("prefix", text[: chance.randrange(3, max(len(text), 4))])
    for text in chance.sample(addresses, 8):
        add("longer", f"{text}二楼东户")
        add("wide", wide(text))
    for text in chance.sample(addresses, 8):
        add("spaced", f" {' '.join(text)}\t")
        add("end", text[-chance.randrange(2, 8) :])
    for text in divisions[:: max(len(divisions) // 10, 1)][:10]:
        add("division", text)
    for text in ("不存在的路1号", "一", "12号", "gridsight", "东", "🏠", "县", "社区", "%", "' OR 1=1 --"):
        add("unknown", text)
    for text in chance.sample(addresses, 6):
        add("accuracy", text, accuracy=chance.choice((0, 100, 2000)))
        add("at", text, at="2001-02-03")
    return [{"id": f"a{number}", **row} for number, row in enumerate(found)]


def _get(service: Service, answers: Answers, name: str, given: dict[str, Any], *, lang: str = "zh") -> None:
    path = f"/locate?{urlencode(given)}" if given else "/locate"
    headers = {"Accept-Language": lang}
    answers.reply(name, "GET", path, service.ask("GET", path, headers=headers), asked=headers)


def _batches(service: Service, answers: Answers, questions: list[dict[str, Any]]) -> None:
    whole = json.dumps(for_batch(questions), ensure_ascii=False).encode()
    table = "id,address\r\n1,一号\r\n2,\r\n".encode("utf-8-sig")
    for name, path, media, body in (
        ("json", "/locate?accuracy=50", "application/json", whole),
        ("json-to-csv", "/locate?f=csv", "application/json", whole),
        ("csv", "/locate", "text/csv", table),
        ("csv-to-json", "/locate?f=json&at=2001-02-03", "text/csv", table),
        ("csv-gbk", "/locate", "text/csv", "id,address\r\n1,一号\r\n".encode("gbk")),
        ("csv-without-columns", "/locate", "text/csv", b"a,b\r\n1,2\r\n"),
        ("empty", "/locate", "text/csv", b""),
        ("no-json", "/locate", "application/json", b"{"),
        ("no-list", "/locate", "application/json", b"{}"),
        ("no-rows", "/locate", "application/json", b"[]"),
        ("rows-of-text", "/locate", "application/json", b'["a", 1, null, {}]'),
        ("too-deep", "/locate", "application/json", b"[" * 100 + b"]" * 100),
        ("other-media", "/locate", "text/plain", b"a"),
        ("other-form", "/locate?f=xlsx", "text/csv", table),
        ("wrong-accuracy", "/locate?accuracy=x", "text/csv", table),
    ):
        for lang in ("zh", "en"):
            headers = {"Accept-Language": lang, "Content-Type": media}
            reply = service.ask("POST", path, headers=headers, body=body)
            answers.reply(f"locate-batch-http/{lang}/{name}", "POST", path, reply, asked=headers)
