"""Show what a route answers as JSON as a page, to readers whose browser asks for one."""

from __future__ import annotations

import html
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from api.language import from_header
from api.representations import responses
from api.representations.html_frame import html_response
from geo.sentences import in_language

_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;margin:2rem auto;max-width:44rem;padding:0 1rem}code{font-size:1em}"
    "body.wide{max-width:72rem}table{border-collapse:collapse;display:block;overflow-x:auto}"
    "th,td{border:1px solid;padding:.2em .6em;text-align:left;vertical-align:top}dt{font-weight:600}"
)
#: Deeper values are shown as JSON.
_MAX_DEPTH = 4
#: Rows of one table; the page names how many there are, and where the rest is.
_MAX_ROWS = 1000


class PageRoute(APIRoute):
    """Route whose JSON is sent as a page where the caller prefers one: `f=html`, or text/html first in Accept."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route, with pages."""
        handle = super().get_route_handler()

        async def handle_with_page(request: Request) -> Response:
            response = await handle(request)
            response.headers.add_vary_header("Accept")
            is_json = "json" in response.headers.get("content-type", "")
            if response.status_code != 200 or not is_json or not responses.wants_page(request):
                return response
            language = from_header(request.headers.get("accept-language"))
            return page_of(orjson.loads(response.body), request, language)

        return handle_with_page


def page_of(value: Any, request: Request, language: str) -> HTMLResponse:
    """Return a page with all that a JSON value says, shapes left out."""
    path = request.url.path.rstrip("/")
    title = path.rpartition("/")[2]
    if isinstance(value, Mapping):
        title = str(value.get("title") or value.get("id") or title)
    as_json = request.url.include_query_params(f="json")
    crumbs = _crumbs(path)
    body = (
        f'<nav>{crumbs} · <a href="{_escaped(str(as_json.path))}?{_escaped(as_json.query)}">JSON</a></nav>'
        f"{_shown(value, language)}"
    )
    return html_page(in_language(title, language), body, language, is_wide=True)


def html_page(title: str, body: str, language: str, *, is_wide: bool = False) -> HTMLResponse:
    """Return a page that may load nothing; the body is HTML, the title is text."""
    return html_response(title, body, language, style=_STYLE, is_wide=is_wide)


def _crumbs(path: str) -> str:
    """Return links to the path of a page and to those above it."""
    parts = path.strip("/").split("/")
    links = [f'<a href="/{_escaped("/".join(parts[: k + 1]))}">{_escaped(part)}</a>' for k, part in enumerate(parts)]
    return " / ".join(links)


def _shown(value: Any, language: str, depth: int = 0) -> str:
    """Return a value as HTML: objects as lists of terms, lists of objects as tables, the rest as text."""
    if isinstance(value, Mapping):
        return _object(value, language, depth)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _list(value, language, depth)
    if value is None:
        return "–"
    return _escaped(in_language(value, language) if isinstance(value, str) else orjson.dumps(value).decode())


def _object(value: Mapping[str, Any], language: str, depth: int) -> str:
    if depth > _MAX_DEPTH:
        return f"<code>{_escaped(orjson.dumps(value).decode())}</code>"
    if {"href", "rel"} <= value.keys():
        return _link(value, language)
    items = (
        f"<dt>{_escaped(name)}</dt><dd>{_cell(name, one, language, depth + 1)}</dd>" for name, one in value.items()
    )
    return f"<dl>{''.join(items)}</dl>"


def _list(values: Sequence[Any], language: str, depth: int) -> str:
    features = [one for one in values if isinstance(one, Mapping) and one.get("type") == "Feature"]
    if values and len(features) == len(values):
        values = [{"id": one.get("id"), **(one.get("properties") or {})} for one in features]
    rows = [one for one in values if isinstance(one, Mapping) and "href" not in one]
    if not values or len(rows) < len(values):
        return f"<ul>{''.join(f'<li>{_shown(one, language, depth + 1)}</li>' for one in values)}</ul>"
    names = list(dict.fromkeys(name for row in rows for name in row))
    head = "".join(f"<th>{_escaped(name)}</th>" for name in names)
    lines = (
        "<tr>" + "".join(f"<td>{_cell(name, row.get(name), language, depth + 1)}</td>" for name in names) + "</tr>"
        for row in rows[:_MAX_ROWS]
    )
    left = f"<p>… {len(rows) - _MAX_ROWS}</p>" if len(rows) > _MAX_ROWS else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>{left}"


def _cell(name: str, value: Any, language: str, depth: int) -> str:
    if name == "geometry" and isinstance(value, Mapping) and ("coordinates" in value or "geometries" in value):
        return _escaped(value.get("type", ""))
    return _shown(value, language, depth)


def _link(value: Mapping[str, Any], language: str) -> str:
    href, title = str(value["href"]), str(value.get("title") or value["rel"])
    # Only links that a browser follows within the web; a template of tiles is shown as it is.
    if "{" in href or not href.startswith(("http://", "https://", "/")):
        return _escaped(href)
    aside = f"{value['rel']} {value.get('type', '')}"
    return f'<a href="{_escaped(href)}">{_escaped(in_language(title, language))}</a> <small>{_escaped(aside)}</small>'


def _escaped(text: Any) -> str:
    return html.escape(str(text), quote=True)
