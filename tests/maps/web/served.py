"""Serve the page with made-up answers of the API on a free local port, for tests of the page alone."""

from __future__ import annotations

import json
import mimetypes
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from api.representations import downloads, page_rows
from api.representations.json_text import dumps
from api.representations.page_rows import Choice
from api.routes import page
from api.routes.page_counts import box_of, within
from geo.assessment.named_zones import zones_with_units
from maps.map_data import MapData
from maps.tiles.drawn_tiles import DrawnLayer, drawn_layer, drawn_tile
from maps.tiles.ground_tiles import as_ground, ground_tile
from maps.web import assets, pages

#: Faults as the API tells them (geo/places/address/book.py, geo/studies/locate_rows.py).
NEARBY = {
    "code": "nearby",
    "text": "所说的是这个地址旁近的地方（对面） / the text means a place near this address (opposite)",
}
DIFFERS = {
    "code": "address_differs",
    "text": "地址与坐标不一致：地址在网格 g2，坐标在网格 g1"
    " / address and point disagree: the address is in grid g2, the point in grid g1",
}
#: What geo.studies.run_age says of a run that is older than its layers.
CHANGED = (
    "网格在此批次之后改过，答案仍是改动之前的，请重新运行分析"
    " / changed after this run: Grids; its answers are of before that, analyse again"
)


class Answers:
    """Hold one run and answer as the API does (docs/contract.md section 3), and every path that was asked for.

    ``others`` are ids of further runs, which are listed and not had; ``published`` is the id that is published, and
    ``role`` that of the reader.
    """

    def __init__(
        self, data: MapData, *, others: Sequence[str] = (), published: str | None = None, role: str = "admin"
    ) -> None:
        self.data = data
        self.others, self.published, self.role = tuple(others), published, role
        self.asked: list[str] = []
        self._drawn: dict[str, DrawnLayer] = {}
        self.policy = ""

    def run(self, *, whole: bool) -> dict:
        summary, meta = self.data.summary, self.data.meta
        head = self.head(meta.run_id, "2026-08-19T01:02:03.000Z")
        if not whole:
            return {**head, "totals": summary["totals"]}
        layers = {name: len(frame) for name, frame in self.layers().items() if name in self.data.zones}
        described = {"level": meta.level, "edition": meta.edition, "domain": meta.domain, "crs": meta.crs}
        return {**head, **summary, **described, "zones": layers, "layers": dict.fromkeys(self.layers(), 1)}

    def head(self, run_id: str, created: str) -> dict:
        return {"id": run_id, "created": created, "options": {"level": self.data.meta.level, "at": None}}

    def listed(self) -> dict:
        """Return the list of runs, newest first, each a day apart, and which is published."""
        others = [self.head(one, f"2026-09-{k:02}T01:02:03.000Z") for k, one in enumerate(self.others, 1)]
        runs = sorted([self.run(whole=False), *others], key=lambda one: one["id"], reverse=True)
        return {"runs": runs, "published_run": self.published or runs[0]["id"], "stands_in": self.published is None}

    def layers(self) -> dict:
        data = self.data
        named = {"gaps": data.gaps, "views": data.views, "possible": data.possible, "coverage": data.coverage}
        return {**data.zones, **named}

    def stored(self, name: str, query: dict) -> dict:
        frame = {"cameras": self.data.cameras, **self.data.reference}[name]
        if "level" in query:
            frame = frame[frame.level == query["level"][0]]
        return json.loads(downloads.encode_frame(frame, "geojson", layer=name))

    def locate(self, query: dict) -> dict:
        grid = self.data.zones["grids"].iloc[5]
        candidate = {"grid": {"code": grid.code, "name": grid["name"], "kind": None, "level": 1}, "chain": []}
        text = query.get("address", [""])[0]
        point = [float(query["lon"][0]), float(query["lat"][0])] if "lon" in query else None
        if "中心" in text:
            faults = [NEARBY] if "附近" in text else []
            chain = [{"level": "township", "code": "620622101", "name": "镇2"}]
            others = [{"grid": {"code": one.code, "name": one["name"]}, "chain": chain, "score": 0.5,
                       "faults": faults}
                      for _, one in self.data.zones["grids"].iloc[[7, 9]].iterrows()]  # fmt: skip
            return {"status": "ambiguous", "query": text, "point": None, "candidates": others}
        if "对面" in text:
            return {"status": "partial", "query": text, "point": [103.1, 37.6],
                    "candidates": [{**candidate, "faults": [NEARBY, DIFFERS]}]}  # fmt: skip
        found = point is not None or "路" in text
        status = "matched" if found else "not_found"
        return {"status": status, "query": text, "point": point, "candidates": [candidate] if found else []}

    def suggest(self, query: dict) -> list[dict]:
        """Return a county that no run has, a grid of the run and a street, of texts that their pinyin begins with."""
        grid = self.data.zones["grids"].iloc[5]
        known = [
            ("gulangxian", "古浪县", "county", "999999", 103.2, 37.5),
            ("gufeng", f"{grid['name']} (古浪县)", "grid", str(grid.code), 103.1, 37.6),
            ("gujielu", "土门镇古街路 (古浪县)", "address", None, 103.1, 37.6),
        ]
        keys = ("text", "level", "code", "lon", "lat", "why")
        return [dict(zip(keys, (*one, "pinyin"), strict=True)) for typed, *one in known
                if typed.startswith(query["q"][0])]  # fmt: skip

    def answer(self, path: str, query: dict) -> tuple[int, str, bytes]:
        parts = path.strip("/").split("/")
        if path == "/":
            nonce = secrets.token_urlsafe(18)
            self.policy = pages.csp(nonce)
            return (
                200,
                "text/html; charset=utf-8",
                pages.page(nonce=nonce, lang="zh", run=None, role=self.role).encode(),
            )
        if parts == ["static", assets.BUNDLES[".js"]]:
            return 200, "text/javascript", assets.bundle_of(pages.SERVED_SCRIPTS).encode()
        if parts == ["static", assets.BUNDLES[".css"]]:
            return 200, "text/css", assets.bundle_of(pages.STYLES, ".css").encode()
        if parts[0] == "static":
            file = pages.STATIC_DIR.joinpath(*parts[1:])
            return 200, mimetypes.guess_type(file.name)[0] or "application/octet-stream", file.read_bytes()
        if parts == ["runs"]:
            return 200, "application/json", json.dumps(self.listed()).encode()
        if parts[0] == "runs" and len(parts) == 2:
            return 200, "application/json", json.dumps(self.run(whole=True)).encode()
        if parts[0] == "runs" and parts[2:] == ["zones"]:
            frames = {name: frame for name, frame in self.data.zones.items() if name != "all"}
            listed = {"run": self.data.meta.run_id, "zones": zones_with_units(frames)}
            return 200, "application/json", json.dumps(listed).encode()
        if parts[0] == "page":
            return self.page(parts[2:], {name: values[0] for name, values in query.items()})
        if parts[0] == "runs":
            return self.download(parts[-1], query["f"][0])
        if parts[:2] == ["ogc", "collections"]:
            return 200, "application/geo+json", json.dumps(self.stored(parts[2], query)).encode()
        if path == "/basemaps":
            return 200, "application/json", b'{"basemaps": []}'
        if path == "/ogc/jobs":
            return 200, "application/json", b'{"jobs": [], "links": []}'
        if path == "/drafts":
            return 200, "application/json", b'{"drafts": []}'
        if path == "/suggest":
            return 200, "application/json", json.dumps(self.suggest(query)).encode()
        if path == "/locate":
            return 200, "application/json", json.dumps(self.locate(query)).encode()
        return 404, "application/problem+json", b'{"title": "nothing here"}'

    def drawn(self, name: str) -> DrawnLayer:
        """Return a layer as ``api.tiles.drawn`` keeps it."""
        if name not in self._drawn:
            stored = {"cameras": self.data.cameras, **self.data.reference}
            self._drawn[name] = drawn_layer({**stored, **self.layers()}[name])
        return self._drawn[name]

    def page(self, parts: list[str], query: dict[str, str]) -> tuple[int, str, bytes]:
        """Answer what ``api.routes.page`` does, by the same functions."""
        what, name = parts[0], parts[1] if len(parts) > 1 else ""
        names = [one for one in self.data.zones if one != "all"]
        if what == "overview":
            visible = [*names, "gaps", "cameras"] if self.role in ("admin", "planner") else names
            return _json({"layers": {one: page_rows.summary_of(one, self.drawn(one)) for one in visible}})
        if what == "tiles" and name == "ground":
            frame = self.data.reference.get(parts[2])
            if frame is None:
                return 204, "application/vnd.mapbox-vector-tile", b""
            absent = {one: None for one in ("height", "name", "kind") if one not in frame}
            drawn = drawn_layer(as_ground(parts[2], frame.assign(**absent)))
            data = ground_tile(drawn, *map(int, parts[3:]), name=parts[2])
            return 200 if data else 204, "application/vnd.mapbox-vector-tile", data
        if what == "age":
            return _json({"notes": [CHANGED]})
        if what == "counts":
            box = box_of(query["bbox"])
            visible = [one for one in names if one == query.get("zones")]
            visible += ["gaps", "cameras"] if self.role in ("admin", "planner") else []
            return _json({"layers": {one: page_rows.summary_of(one, within(self.drawn(one), box)) for one in visible}})
        if what == "tiles":
            fields = page.fields_of(name, query.get("figure"))
            data = drawn_tile(self.drawn(name), *map(int, parts[2:]), name=name, fields=fields,
                              are_counted=name == "cameras")  # fmt: skip
            return 200 if data else 204, "application/vnd.mapbox-vector-tile", data
        if what == "cuts":
            return _json({"type": "FeatureCollection", "features": []})
        if what == "find":
            found = [(one, page.key_of(one), self.drawn(one)) for one in (*reversed(names), "cameras")]
            return _json(page_rows.matches(found, query["q"]))
        shapes = {one: self.drawn(one) for one in names}
        if len(parts) > 2:
            found_row = page_rows.one_row(self.drawn(name), page.key_of(name), "/".join(parts[2:]))
            if found_row is None:
                return 404, "application/problem+json", b'{"title": "nothing here"}'
            if name == "gaps":
                found_row["properties"]["grid_name"] = page.names_of(shapes).get(found_row["properties"]["grid"])
            return _json(found_row)
        choice = Choice(
            query.get("q", ""), query.get("cause", ""), query.get("sort", ""), "descending" in query,
            int(query.get("offset", 0)), int(query.get("limit", 200)), query.get("zone", ""),
        )  # fmt: skip
        zones = zones_with_units({one: self.data.zones[one] for one in names}) if choice.text or choice.zone else []
        if name == "gaps":
            return _json(page_rows.gap_rows(self.drawn(name), zones, shapes, page.names_of(shapes), choice))
        return _json(page_rows.zone_rows(self.drawn(name), name, zones, shapes, choice))

    def download(self, name: str, fmt: str) -> tuple[int, str, bytes]:
        return (
            200,
            downloads.DOWNLOAD_FORMATS[fmt].media_type,
            downloads.encode_frame(self.layers()[name], fmt, layer=name),
        )


def _json(value: object) -> tuple[int, str, bytes]:
    return 200, "application/json", dumps(value)


@contextmanager
def serving(answers: Answers) -> Iterator[str]:
    """Yield the address of a server that gives these answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            answers.asked.append(self.path)
            status, media, body = answers.answer(unquote(url.path), parse_qs(url.query))
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            if media.startswith("text/html"):
                self.send_header("Content-Security-Policy", answers.policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
