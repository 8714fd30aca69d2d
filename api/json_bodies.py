"""Parse JSON bodies of requests and batch files, within the bounds on input."""

from __future__ import annotations

import json
from typing import Any

import orjson
from fastapi import Request

from api import problems
from geo.bounds import MAX_JSON_VALUES, check_json_depth, check_json_values
from geo.errors import BadValue

_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


def as_utf8(body: bytes, encoding: str | None = None) -> bytes:
    """Return the text of a JSON file as UTF-8: of the encoding given, else of its mark, else UTF-8, else GB 18030.

    What is none of these stays as it is, for the parser to refuse. Bodies of requests are UTF-8 (RFC 8259, 8.1).
    """
    if encoding is None and body.startswith(_BYTE_ORDER_MARKS):
        encoding = "utf-16"
    for name in (encoding,) if encoding is not None else ("utf-8", "gb18030"):
        try:
            return body.decode(name).removeprefix("\ufeff").encode()
        except (UnicodeError, LookupError):
            continue
    return body


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
    _check_bounds(body, max_values)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise problems.BadBody("请求内容不是有效的 JSON", f"the body is not valid JSON: {error.msg[:120]}") from None


def parse_json_rows(body: bytes, *, max_values: int | None = MAX_JSON_VALUES) -> Any:
    """Return the value of a JSON body as `parse_json` does, with what spoils a value and not the form of the whole.

    Halves of surrogate pairs are kept as they are, NaN and numbers beyond a double as NaN and infinity: who reads the
    rows tells those that have them.
    """
    _check_bounds(body, max_values)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        try:
            return json.loads(body.decode("utf-8"))
        except (ValueError, RecursionError):
            raise problems.BadBody(
                "请求内容不是有效的 JSON", f"the body is not valid JSON: {error.msg[:120]}"
            ) from None


def _check_bounds(body: bytes, max_values: int | None) -> None:
    try:
        check_json_depth(body)
        check_json_values(body, max_values=max_values)
    except BadValue as error:
        raise problems.BadBody(error.zh, error.en) from None
