"""Serve the page with made-up answers of the API on a free local port, for tests of the page alone."""

from __future__ import annotations

import json
import mimetypes
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from api.representations import downloads
from geo.assessment.named_zones import zones_with_units
from maps.map_data import MapData
from maps.web import pages


class Answers:
    """Hold one run and answer as the API does (docs/contract.md section 3), and every path that was asked for."""

    def __init__(self, data: MapData) -> None:
        self.data = data
        self.asked: list[str] = []
        self.policy = ""

    def run(self, *, whole: bool) -> dict:
        summary, meta = self.data.summary, self.data.meta
        head = {"id": meta.run_id, "created": "2026-08-19T01:02:03.000Z", "options": {"level": meta.level, "at": None}}
        if not whole:
            return {**head, "totals": summary["totals"]}
        layers = {name: len(frame) for name, frame in self.layers().items() if name in self.data.zones}
        described = {"level": meta.level, "edition": meta.edition, "domain": meta.domain, "crs": meta.crs}
        return {**head, **summary, **described, "zones": layers, "layers": dict.fromkeys(self.layers(), 1)}

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
            chain = [{"level": "township", "code": "620622101", "name": "镇2"}]
            others = [{"grid": {"code": one.code, "name": one["name"]}, "chain": chain, "score": 0.5}
                      for _, one in self.data.zones["grids"].iloc[[7, 9]].iterrows()]  # fmt: skip
            return {"status": "ambiguous", "query": text, "point": None, "candidates": others}
        found = point is not None or "路" in text
        status = "matched" if found else "not_found"
        return {"status": status, "query": text, "point": point, "candidates": [candidate] if found else []}

    def answer(self, path: str, query: dict) -> tuple[int, str, bytes]:
        parts = path.strip("/").split("/")
        if path == "/":
            nonce = secrets.token_urlsafe(18)
            self.policy = pages.csp(nonce)
            return 200, "text/html; charset=utf-8", pages.page(nonce=nonce, lang="zh", run=None).encode()
        if parts[0] == "static":
            file = pages.STATIC_DIR.joinpath(*parts[1:])
            return 200, mimetypes.guess_type(file.name)[0] or "application/octet-stream", file.read_bytes()
        if parts == ["runs"]:
            return 200, "application/json", json.dumps({"runs": [self.run(whole=False)]}).encode()
        if parts[0] == "runs" and len(parts) == 2:
            return 200, "application/json", json.dumps(self.run(whole=True)).encode()
        if parts[0] == "runs" and parts[2:] == ["zones"]:
            frames = {name: frame for name, frame in self.data.zones.items() if name != "all"}
            listed = {"run": self.data.meta.run_id, "zones": zones_with_units(frames)}
            return 200, "application/json", json.dumps(listed).encode()
        if parts[0] == "runs":
            return self.download(parts[-1], query["f"][0])
        if parts[:2] == ["ogc", "collections"]:
            return 200, "application/geo+json", json.dumps(self.stored(parts[2], query)).encode()
        if path == "/locate":
            return 200, "application/json", json.dumps(self.locate(query)).encode()
        return 404, "application/problem+json", b'{"title": "nothing here"}'

    def download(self, name: str, fmt: str) -> tuple[int, str, bytes]:
        return (
            200,
            downloads.DOWNLOAD_FORMATS[fmt].media_type,
            downloads.encode_frame(self.layers()[name], fmt, layer=name),
        )


@contextmanager
def serving(answers: Answers) -> Iterator[str]:
    """Yield the address of a server that gives these answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            answers.asked.append(self.path)
            status, media, body = answers.answer(url.path, parse_qs(url.query))
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
