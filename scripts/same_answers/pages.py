"""Ask for runs in every format, pages, descriptions, errors, and sheets over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scripts.same_answers import ZONE_LAYERS
from scripts.same_answers.answers import Answers, body_text
from scripts.same_answers.program import Reply, Service

_FORMS = ("json", "geojson", "csv", "xlsx", "gpkg")
_NO_RUN = "/runs/00000000-0000-7000-8000-000000000000"
#: Slugs of problems, which are a contract.
_SLUGS = (
    "unknown-crs", "crs-mismatch", "too-wide", "bad-geometry", "bad-value", "unknown-name", "unreadable-file",
    "unusable", "bad-query", "bad-body", "job-failed", "not-found", "no-route", "no-such-process", "no-such-job",
    "result-not-ready", "no-method", "conflict", "body-too-large", "too-slow", "unsupported-media", "foreign-host",
    "not-signed-in", "not-allowed", "stale-version", "no-version", "too-many-requests", "store-busy", "store-down",
    "store-broken", "unexpected", "no-such-problem",
)  # fmt: skip
#: Name -> method, path, headers and body of what is refused.
_REFUSED: Mapping[str, tuple[str, str, Mapping[str, str], bytes | None]] = {
    "run": ("GET", _NO_RUN, {}, None),
    "run-word": ("GET", "/runs/first", {}, None),
    "zone-layer": ("GET", "/runs/latest/zones/streets", {}, None),
    "form": ("GET", "/runs/latest/gaps?f=shp", {}, None),
    "accept": ("GET", "/runs/latest/gaps", {"Accept": "image/png"}, None),
    "limit": ("GET", "/runs/latest/gaps?limit=0", {}, None),
    "zone": ("GET", "/runs/latest/gaps?zone=none", {}, None),
    "parameter": ("GET", "/runs/latest?colour=red", {}, None),
    "outage-without-sites": ("GET", "/runs/latest/outage", {}, None),
    "outage-of-none": ("GET", "/runs/latest/outage?sites=nowhere", {}, None),
    "outage-layer": ("GET", "/runs/latest/outage?sites=a&layer=streets", {}, None),
    "compare": ("GET", f"{_NO_RUN}/compare/latest", {}, None),
    "tiles": ("GET", "/runs/latest/tiles/streets/WebMercatorQuad/0/0/0", {}, None),
    "tiles-of-none": ("GET", f"{_NO_RUN}/tiles", {}, None),
    "paper": ("GET", "/prints/sheet.pdf?paper=B7", {}, None),
    "sheet-of-zone": ("GET", "/prints/sheet.pdf?zone=none", {}, None),
    "sheet-of-run": ("GET", f"/prints/sheet.pdf?run={_NO_RUN[6:]}", {}, None),
    "route": ("GET", "/moons", {}, None),
    "method": ("PUT", "/runs", {}, b"{}"),
    "method-locate": ("DELETE", "/locate", {}, None),
    "host": ("GET", "/health", {"Host": "example.org"}, None),
    "origin": ("POST", "/locate", {"Origin": "http://example.org", "Content-Type": "text/csv"}, b"id,address\n"),
    "media": ("POST", "/runs", {"Content-Type": "text/plain"}, b"{}"),
    "no-json": ("POST", "/runs", {"Content-Type": "application/json"}, b"{"),
    "no-object": ("POST", "/runs", {"Content-Type": "application/json"}, b"[]"),
    "option": ("POST", "/runs", {"Content-Type": "application/json"}, b'{"colour": "red"}'),
    "level": ("POST", "/runs", {"Content-Type": "application/json"}, b'{"level": "see"}'),
    "edition": ("POST", "/runs", {"Content-Type": "application/json"}, b'{"edition": "iec"}'),
    "height": ("POST", "/runs", {"Content-Type": "application/json"}, b'{"target_height": -1}'),
    "zones": ("POST", "/runs", {"Content-Type": "application/json"}, b'{"zones": ["moons"]}'),
    "domain": ("POST", "/runs", {"Content-Type": "application/json"}, b'{"domain": "moons"}'),
    "at": ("POST", "/runs", {"Content-Type": "application/json"}, b'{"at": "2001-02-30"}'),
    "delete-none": ("DELETE", _NO_RUN, {}, None),
    "execute-none": ("POST", "/ogc/processes/dream/execution", {"Content-Type": "application/json"}, b"{}"),
    "execute-input": (
        "POST", "/ogc/processes/analyze/execution", {"Content-Type": "application/json"},
        b'{"inputs": {"level": {"href": "http://127.0.0.1/"}}}',
    ),
    "static": ("GET", "/static/none.js", {}, None),
    "problem": ("GET", "/problems/none", {}, None),
    "key": ("GET", "/runs", {"X-API-Key": "none"}, None),
}  # fmt: skip


def ask_runs(service: Service, answers: Answers, sites: list[str], *, whole: bool) -> None:
    """Ask everything about the first run; of a large county the shapes of views only as a table."""
    listed = service.ask("GET", "/runs").json()["runs"]
    run = listed[-1]["id"]
    grid = service.ask("GET", f"/runs/{run}/gaps?limit=1").json()["gaps"][0]["grid"]
    paths = {
        "list": "/runs",
        "one": f"/runs/{run}",
        "latest": "/runs/latest",
        "gaps-some": f"/runs/{run}/gaps?limit=7",
        "gaps-of-zone": f"/runs/{run}/gaps?zone={grid}",
        "sheet": f"/prints/sheet.pdf?run={run}&paper=a4&zone={grid[:9]}",
    }
    sites_query = f"sites={','.join(sites)}"
    for form in _FORMS:
        for layer in ZONE_LAYERS:
            paths[f"zones-{layer}-{form}"] = f"/runs/{run}/zones/{layer}?f={form}"
        paths[f"gaps-{form}"] = f"/runs/{run}/gaps?f={form}"
        paths[f"outage-{form}"] = f"/runs/{run}/outage?{sites_query}&f={form}"
        for layer in ("views", "possible", "coverage"):
            if whole or form == "csv":
                paths[f"{layer}-{form}"] = f"/runs/{run}/{layer}?f={form}"
        if len(listed) > 1:
            paths[f"compare-{form}"] = f"/runs/{run}/compare/{listed[0]['id']}?f={form}"
    for layer in ZONE_LAYERS:
        paths[f"outage-{layer}"] = f"/runs/{run}/outage?{sites_query}&layer={layer}"
        if len(listed) > 1:
            paths[f"compare-{layer}"] = f"/runs/{run}/compare/{listed[1]['id']}?f=csv&layer={layer}"
    for name, path in paths.items():
        answers.reply(f"runs/{name}", "GET", path, service.ask("GET", path))
    for media in ("text/csv", "application/geo+json;q=0.5, text/csv;q=0.1", "*/*"):
        path, headers = f"/runs/{run}/zones/villages", {"Accept": media}
        name = f"runs/accept-{media.partition('/')[2][:7].strip('*') or 'any'}"
        answers.reply(name, "GET", path, service.ask("GET", path, headers=headers), asked=headers)


def ask_pages(service: Service, answers: Answers) -> None:
    """Ask for pages, problems, descriptions and what is refused, in both languages."""
    for lang in ("zh", "en"):
        for name, path, media in (
            ("page", "/", "text/html"),
            ("page-of-run", "/?run=latest", "text/html"),
            ("login", "/login", "text/html"),
            ("docs", "/docs", "text/html"),
            ("health", "/health", "*/*"),
            ("ready", "/health?ready=1", "*/*"),
            ("problems", "/problems", "application/json"),
            ("problems-page", "/problems", "text/html"),
            *((f"problems/{slug}", f"/problems/{slug}", "application/json") for slug in _SLUGS),
            *((f"problems/{slug}-page", f"/problems/{slug}", "text/html") for slug in _SLUGS[:6]),
        ):
            headers = {"Accept-Language": lang, "Accept": media}
            answers.reply(f"pages/{lang}/{name}", "GET", path, service.ask("GET", path, headers=headers), asked=headers)
        for name, (method, path, given, body) in _REFUSED.items():
            headers = {"Accept-Language": lang, **given}
            reply = service.ask(method, path, headers=headers, body=body)
            answers.reply(f"refused/{lang}/{name}", method, path, reply, asked=headers)
    _describe(service, answers)


def _describe(service: Service, answers: Answers) -> None:
    """Write the OpenAPI description without its words among the answers, with them among the words."""
    reply = service.ask("GET", "/openapi.json")
    whole = reply.json()
    answers.write("openapi.json", json.dumps(whole, indent=1, ensure_ascii=False), group="words")
    plain = json.dumps(without_words(whole), indent=1, ensure_ascii=False)
    answers.reply("openapi", "GET", "/openapi.json", Reply(reply.status, reply.headers, plain.encode()))
    metrics = body_text(service.ask("GET", "/metrics"))
    named = [line for line in metrics.split("\n") if line.startswith(("# HELP gridsight", "# TYPE gridsight"))]
    answers.write("metrics.txt", "\n".join(named), group="words")


def without_words(value: Any) -> Any:
    """Return an OpenAPI description without titles, summaries and descriptions."""
    if isinstance(value, dict):
        return {
            name: without_words(one)
            for name, one in value.items()
            if not (name in ("title", "summary", "description") and isinstance(one, str))
        }
    return [without_words(one) for one in value] if isinstance(value, list) else value
