"""Name the URLs of this service in responses."""

from __future__ import annotations

from fastapi import Request


def root_of(request: Request) -> str:
    """Return the absolute URL of the OGC landing page, without a slash at its end.

    The request names the scheme and the host that users know (``api.middleware.RequestGuard``).
    """
    return f"{request.url.scheme}://{request.url.netloc}/ogc"
