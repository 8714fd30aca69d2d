"""Let pages of listed origins call this service (the CORS protocol of the Fetch standard), without credentials."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

#: Sent by clients of this service besides those that need no permission.
_REQUEST_HEADERS = (
    "Accept, Accept-Language, Authorization, Content-Crs, Content-Type, If-Match, If-None-Match, Prefer, X-API-Key"
)
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
#: What a page may read of an answer besides its body.
_EXPOSED = "Content-Crs, ETag, Link, Location, OGC-NumberMatched, OGC-NumberReturned, Retry-After, X-Request-ID"
#: How long a browser may remember a permission, in seconds: a change of the setting counts after that.
_MAX_AGE = "600"


def with_cors(send: Send, origin: str | None) -> Send:
    """Return a channel whose responses may be read by pages of an origin; None is an origin that is not listed."""

    async def send_with_cors(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Origin")
            if origin is not None:
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Expose-Headers"] = _EXPOSED
                headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        await send(message)

    return send_with_cors


async def send_preflight(send: Send) -> None:
    """Answer a browser that asks for a listed page whether it may send a request."""
    headers = [
        (b"access-control-allow-methods", _METHODS.encode()),
        (b"access-control-allow-headers", _REQUEST_HEADERS.encode()),
        (b"access-control-max-age", _MAX_AGE.encode()),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
