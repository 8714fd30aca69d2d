"""Parse JSON bodies of requests and batch files, within the bounds on input."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Request

from api import problems
from geo.bounds import MAX_JSON_VALUES, check_json_depth, check_json_values
from geo.errors import BadValue


def json_object(request: Request, body: bytes) -> dict[str, Any]:
    """Return the object of a JSON body; raise UnsupportedMedia for another media type, BadBody for no object."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise problems.UnsupportedMedia("请用 application/json", "send application/json")
    value = parse_json(body)
    if not isinstance(value, dict):
        raise problems.BadBody("请求内容须是 JSON 对象", "the body must be a JSON object")
    return value


def parse_json(body: bytes, *, max_values: int | None = MAX_JSON_VALUES) -> Any:
    """Return the value of a JSON body; raise BadBody for NaN, infinity, deep nesting or too many values."""
    try:
        check_json_depth(body)
        check_json_values(body, max_values=max_values)
        return orjson.loads(body)
    except BadValue as error:
        raise problems.BadBody(error.zh, error.en) from None
    except orjson.JSONDecodeError as error:
        raise problems.BadBody("请求内容不是有效的 JSON", f"the body is not valid JSON: {error.msg[:120]}") from None
