"""Write to a small county over HTTP: features, runs, jobs; then close it with keys and ask as each role."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.same_answers import county
from scripts.same_answers.answers import Answers
from scripts.same_answers.program import AskingFailed, Program, Reply, Service

_JSON = {"Content-Type": "application/json"}
_GEO = {"Content-Type": "application/geo+json"}
_PATCH = {"Content-Type": "application/merge-patch+json"}
_LATLON = "<http://www.opengis.net/def/crs/EPSG/0/4326>"
_CAMERAS = "/ogc/collections/cameras/items"
_PLACE = [103.05, 37.59]
_LONGEST_SECONDS = 600


class _Writing:
    """Send requests and write down each answer under its number."""

    def __init__(self, service: Service, answers: Answers) -> None:
        self._service, self._answers, self._count = service, answers, 0

    def send(
        self, what: str, method: str, path: str, value: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request; `value` is a body as bytes, or what becomes JSON."""
        body = value if isinstance(value, bytes) or value is None else json.dumps(value, ensure_ascii=False).encode()
        reply = self._service.ask(method, path, headers=headers, body=body)
        asked = dict(headers or {})
        self._answers.reply(f"http/{self._count:02}-{what}", method, path, reply, asked=asked)
        self._count += 1
        return reply


def ask(program: Program, answers: Answers, folder: Path) -> None:
    """Ask everything that writes, and write down what is left in the store."""
    workspace = folder / county.WORKSPACE
    with program.serve(workspace, folder) as service:
        answers.normalise.know(service.place, "<host>")
        writing = _Writing(service, answers)
        _features(writing)
        _reference(writing)
        _runs(writing)
        _jobs(writing, service)
    county.tables(answers, "workspace", workspace)
    _rights(program, answers, folder)


def _camera(place: list[float] | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": place or _PLACE},
        "properties": fields,
    }


def _features(writing: _Writing) -> None:
    made = writing.send("create", "POST", _CAMERAS, _camera(id="new-1", name="新建", hfov=80, **{"class": 2}), _GEO)
    first = made.headers.get("etag", "")
    where = f"{_CAMERAS}/new-1"
    writing.send("read", "GET", where)
    writing.send("create-taken", "POST", _CAMERAS, _camera(id="new-1"), _GEO)
    writing.send("create-with-feature-id", "POST", _CAMERAS, {**_camera(kind="ptz"), "id": "new-2"}, _GEO)
    writing.send("create-in-latlon", "POST", _CAMERAS, _camera([37.59, 103.06], id="new-3"),
                 {**_GEO, "Content-Crs": _LATLON})  # fmt: skip
    replaced = writing.send("replace", "PUT", where, _camera(name="换", azimuth=725), {**_GEO, "If-Match": first})
    second = replaced.headers.get("etag", "")
    writing.send("replace-stale", "PUT", where, _camera(name="旧"), {**_GEO, "If-Match": first})
    writing.send("replace-without-version", "PUT", where, _camera(name="无"), _GEO)
    writing.send("replace-any", "PUT", where, _camera(name="任"), {**_GEO, "If-Match": "*"})
    writing.send("update-stale", "PATCH", where, {"properties": {"name": "旧"}}, {**_PATCH, "If-Match": second})
    change = {"properties": {"status": "offline", "name": None}}
    writing.send("update", "PATCH", where, change, {**_PATCH, "If-Match": "*"})
    writing.send("update-nothing", "PATCH", where, {}, {**_PATCH, "If-Match": "*"})
    writing.send("update-none", "PATCH", f"{_CAMERAS}/none", change, {**_PATCH, "If-Match": "*"})
    for name, body in {
        "optics": _camera(id="x", hfov=400),
        "word": _camera(id="x", hfov="wide"),
        "choice": _camera(id="x", kind="dome"),
        "field": _camera(id="x", colour="red"),
        "line": {**_camera(id="x"), "geometry": {"type": "LineString", "coordinates": [[103, 37], [103, 38]]}},
        "far": _camera([200, 95], id="x"),
        "no-shape": {**_camera(id="x"), "geometry": None},
        "no-feature": {"type": "Point", "coordinates": _PLACE},
        "list": [],
    }.items():
        for lang in ("zh", "en"):
            writing.send(f"create-{name}-{lang}", "POST", _CAMERAS, body, {**_GEO, "Accept-Language": lang})
    writing.send("delete-optics", "DELETE", f"{_CAMERAS}/x", None, {"If-Match": "*"})
    writing.send("create-text", "POST", _CAMERAS, b"a", {"Content-Type": "text/plain"})
    writing.send("create-broken", "POST", _CAMERAS, b'{"type":', _GEO)
    # What is announced decides: a service that answers before all has come would cut the rest off at some moment.
    writing.send("create-large", "POST", _CAMERAS, b" ", {**_GEO, "Content-Length": "20000001"})
    writing.send("delete-without-version", "DELETE", where)
    writing.send("delete", "DELETE", where, None, {"If-Match": "*"})
    writing.send("read-deleted", "GET", where)
    writing.send("read-ever", "GET", f"{_CAMERAS}?datetime=../..&name=%E6%96%B0%E5%BB%BA")
    writing.send("options", "OPTIONS", _CAMERAS)


def _reference(writing: _Writing) -> None:
    """Write to layers of lines and polygons."""
    west, south = _PLACE
    ring = [[west, south], [west + 0.01, south], [west + 0.01, south + 0.01], [west, south]]
    crossed = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
    for layer, key, shape, fields in (
        ("demand", "d1", {"type": "Polygon", "coordinates": [ring]}, {"weight": 2.5, "kind": "学校"}),
        ("protected", "s1", {"type": "Polygon", "coordinates": [ring]}, {"rule": "never", "name": "院"}),
        ("roads", "r1", {"type": "LineString", "coordinates": ring[:3]}, {"class": "footway", "width": 3}),
        ("obstacles", "b1", {"type": "Polygon", "coordinates": [ring]}, {"height": -2}),
        ("obstacles", "b2", {"type": "Polygon", "coordinates": [crossed]}, {"height": 5}),
        ("grids", "g1", {"type": "MultiPolygon", "coordinates": [[ring]]}, {"kind": "general", "level": 1}),
        ("villages", "v1", {"type": "Point", "coordinates": ring[0]}, {"name": "新村", "households": 12}),
        ("addresses", "a1", {"type": "Point", "coordinates": ring[0]}, {"text": "新村一号"}),
        ("divisions", "990121999", {"type": "Polygon", "coordinates": [ring]}, {"name": "新镇", "level": "township"}),
    ):
        key_name = "code" if layer in ("grids", "villages", "divisions") else "id"
        feature = {"type": "Feature", "geometry": shape, "properties": {key_name: key, **fields}}
        path = f"/ogc/collections/{layer}/items"
        writing.send(f"create-{layer}", "POST", path, feature, _GEO)
        writing.send(f"read-{layer}", "GET", f"{path}/{key}")
    writing.send("locate-new", "GET", "/locate?address=%E6%96%B0%E6%9D%91%E4%B8%80%E5%8F%B7")
    path = "/ogc/collections/grids/items/g1"
    writing.send("delete-grid", "DELETE", path, None, {"If-Match": "*"})


def _runs(writing: _Writing) -> None:
    made = writing.send("run", "POST", "/runs", {"level": "observe", "domain": "demand"}, _JSON)
    writing.send("run-read", "GET", made.headers.get("location", "/runs/latest"))
    writing.send("run-gaps", "GET", "/runs/latest/gaps?f=csv&limit=50")
    writing.send("run-zones", "GET", "/runs/latest/zones/townships?f=geojson")
    inputs = {"inputs": {"level": "recognise", "domain": "streets", "zones": ["villages"]}}
    writing.send("execute", "POST", "/ogc/processes/analyze/execution", inputs, _JSON)
    raw = {**inputs, "response": "raw"}
    writing.send("execute-raw", "POST", "/ogc/processes/analyze/execution", raw, _JSON)
    writing.send("run-delete", "DELETE", "/runs/latest")
    writing.send("runs", "GET", "/runs")


def _jobs(writing: _Writing, service: Service) -> None:
    later = {**_JSON, "Prefer": "respond-async"}
    inputs = {"inputs": {"level": "identify", "domain": "buildings"}}
    path = "/ogc/processes/analyze/execution"
    made = service.ask("POST", path, headers=later, body=json.dumps(inputs).encode())
    job = made.json()["jobID"]
    # How far a job is when it is first looked at depends on the moment; its end does not.
    _wait(service, job)
    writing.send("job", "GET", f"/ogc/jobs/{job}")
    writing.send("job-results", "GET", f"/ogc/jobs/{job}/results")
    writing.send("jobs", "GET", "/ogc/jobs?limit=1&status=successful")
    writing.send("jobs-of-others", "GET", "/ogc/jobs?processID=dream")
    writing.send("job-dismiss", "DELETE", f"/ogc/jobs/{job}")
    writing.send("job-dismissed", "GET", f"/ogc/jobs/{job}/results")


def _wait(service: Service, job: str) -> None:
    end = time.monotonic() + _LONGEST_SECONDS
    while service.ask("GET", f"/ogc/jobs/{job}").json()["status"] in ("accepted", "running"):
        if time.monotonic() > end:
            raise AskingFailed("a job of the small county does not end")
        time.sleep(0.2)


def _rights(program: Program, answers: Answers, folder: Path) -> None:
    """Make a key a role, and ask the same paths with each of them, with none, and with one that does not hold."""
    keys = {"none": {}, "wrong": {"X-API-Key": "gs_wrong"}}
    ids = {}
    for role in ("viewer", "planner", "admin"):
        args = ["keys", "create", "--name", f"the {role}", "--role", role, "--json"]
        done = program.quick(args, folder)
        made = done.json()
        answers.normalise.know(made["key"], f"<key of the {role}>")
        answers.normalise.know(made["id"], f"<id of the {role}>")
        answers.command(f"keys/create-{role}", args, done)
        keys[role], ids[role] = {"X-API-Key": made["key"]}, made["id"]
    for name, args in {
        "list": ["keys", "list"],
        "list-json": ["keys", "list", "--json"],
        "townships": ["keys", "create", "--name", "a", "--role", "planner", "--townships", "990121101"],
        "role": ["keys", "create", "--name", "a", "--role", "king"],
        "revoke-none": ["keys", "revoke", "none"],
        "audit": ["audit", "--json"],
    }.items():
        answers.command(f"keys/{name}", args, program.quick(args, folder))
    with program.serve(folder / county.WORKSPACE, folder) as service:
        answers.normalise.know(service.place, "<host>")
        for who, headers in keys.items():
            # After twenty keys that do not hold an address has to wait: as long as that is no answer.
            for name, path in list(_PATHS.items())[: 10 if who == "wrong" else None]:
                reply = service.ask("GET", path, headers=headers)
                answers.reply(f"rights/{who}/{name}", "GET", path, reply, asked={"as": who})
            reply = service.ask("POST", _CAMERAS, headers={**headers, **_GEO}, body=b"{}")
            answers.reply(f"rights/{who}/write", "POST", _CAMERAS, reply, asked={"as": who})
            reply = service.ask("DELETE", "/runs/none", headers=headers)
            answers.reply(f"rights/{who}/delete", "DELETE", "/runs/none", reply, asked={"as": who})
        args = ["keys", "revoke", ids["viewer"], "--json"]
        answers.command("keys/revoke", args, program.quick(args, folder))


#: What is asked in every role.
_PATHS: Mapping[str, str] = {
    "page": "/",
    "health": "/health",
    "login": "/login",
    "runs": "/runs",
    "run": "/runs/latest",
    "zones": "/runs/latest/zones/townships",
    "gaps": "/runs/latest/gaps?limit=3",
    "views": "/runs/latest/views?f=csv",
    "outage": "/runs/latest/outage?sites=P000002&layer=all",
    "compare": "/runs/latest/compare/latest",
    "locate": "/locate?lon=103.05&lat=37.59&crs=wgs84",
    "landing": "/ogc",
    "conformance": "/ogc/conformance",
    "collections": "/ogc/collections",
    "grids": "/ogc/collections/grids/items?limit=1",
    "cameras": "/ogc/collections/cameras/items?limit=1",
    "demand": "/ogc/collections/demand/items/d1",
    "tilesets": "/ogc/tiles",
    "tiles-of-run": "/runs/latest/tiles",
    "processes": "/ogc/processes",
    "jobs": "/ogc/jobs?limit=1",
    "no-job": "/ogc/jobs/none",
    "no-path": "/moons",
}
