"""Describe the errors of a route, as problems (RFC 9457), for the API documentation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.problems import BY_SLUG

_FAULT = {
    "type": "object",
    "required": ["where", "row", "reason"],
    "properties": {"where": {"type": "string"}, "row": {"type": "string"}, "reason": {"type": "string"}},
}
_TEXTS = ("type", "title", "detail", "instance", "code")
#: What every problem is.
PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code", "errors"],
    "properties": {
        **{name: {"type": "string"} for name in _TEXTS},
        "status": {"type": "integer"},
        "errors": {"type": "array", "items": _FAULT},
    },
}
#: Slugs that any route may answer with where a caller must be known: by query, sign-in, host, rights and rate.
_EVERYWHERE = ("bad-query", "not-signed-in", "foreign-host", "not-allowed", "too-many-requests")
_RETRIED = (429, 503, 507)
_RETRY_AFTER = {"Retry-After": {"description": "seconds", "schema": {"type": "integer", "minimum": 1}}}


def problem_responses(*slugs: str, more: Mapping[int, Mapping[str, Any]] | None = None) -> dict[int | str, Any]:
    """Return the errors of a route by status, and ``default`` for any other, in the form of FastAPI's ``responses``.

    Parameters
    ----------
    slugs
        Kinds of errors of this route, besides those of every route for callers that are known.
    more
        Status -> further members of its problem, each with its schema.

    Examples
    --------
    >>> found = problem_responses("conflict", "not-found")
    >>> [*found], found[409]["description"]
    ([400, 401, 403, 404, 409, 429, 'default'], '版本冲突 / Conflict (conflict)')
    """
    problems = [BY_SLUG[slug] for slug in dict.fromkeys((*_EVERYWHERE, *slugs))]
    found: dict[int | str, Any] = {}
    for status in sorted({problem.status for problem in problems}):
        here = [problem for problem in problems if problem.status == status]
        schema = {**PROBLEM, "properties": {**PROBLEM["properties"], **(more or {}).get(status, {})}}
        said = "；".join(f"{one.title_zh} / {one.title_en} ({one.slug})" for one in here)
        found[status] = {"description": said, "content": {"application/problem+json": {"schema": schema}}}
        if status in _RETRIED:
            found[status]["headers"] = _RETRY_AFTER
    # Without it FastAPI would name a 422 of its own, which no route answers with.
    any_other = {
        "description": "其他错误 / Any other error",
        "content": {"application/problem+json": {"schema": PROBLEM}},
    }
    return {**found, "default": any_other}
