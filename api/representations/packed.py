"""Send what the page asks for compressed and named by its content, so that it is sent once."""

from __future__ import annotations

import gzip
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fastapi import Request, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.kept_answers import KeptAnswers
from maps.web import assets
from maps.web.pages import SERVED_SCRIPTS, STYLES

#: Shorter bodies gain nothing.
_LEAST_BYTES = 1_000
#: Level 6 takes twice as long for a hundredth less.
_LEVEL = 5
_PACKED_TYPES = (".js", ".css", ".html", ".svg", ".json", ".map")
#: A file under an address that names its content never changes.
IMMUTABLE = "public, max-age=31536000, immutable"


def takes_gzip(headers: Headers) -> bool:
    """Return whether a caller takes gzip (RFC 9110, 12.5.3).

    Examples
    --------
    >>> [takes_gzip(Headers({"accept-encoding": one})) for one in ("gzip, br", "br;q=1, GZIP;q=0.5", "gzip;q=0", "br")]
    [True, True, False, False]
    """
    for part in headers.get("accept-encoding", "")[:500].lower().split(","):
        name, _, quality = part.partition(";")
        if name.strip() == "gzip":
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def pack(body: bytes) -> bytes:
    """Return a body as gzip, the same bytes for the same body."""
    return gzip.compress(body, compresslevel=_LEVEL, mtime=0)


def packed_response(
    request: Request,
    body: bytes,
    media: str,
    *,
    headers: Mapping[str, str] | None = None,
    packed: bytes | None = None,
) -> Response:
    """Return a response, compressed where the caller takes that; ``packed`` is the body as gzip where it is known."""
    sent = {**(headers or {}), "Vary": "Accept-Encoding"}
    if len(body) >= _LEAST_BYTES and takes_gzip(request.headers):
        sent["Content-Encoding"] = "gzip"
        body = packed if packed is not None else pack(body)
    return Response(body, headers=sent, media_type=media)


def pack_bundles() -> None:
    """Pack scripts and styles of the page before they are asked for.

    They are some 150 small files. While another thread computes, each read waits for its turn: together for a second.
    """
    for path in assets.BUNDLES.values():
        _packed_bundle(path, assets.bundle_version(path))


@lru_cache(maxsize=4)
def _packed_bundle(path: str, _version: str) -> bytes:
    is_script = path == assets.BUNDLES[".js"]
    text = assets.bundle_of(SERVED_SCRIPTS) if is_script else assets.bundle_of(STYLES, ".css")
    return pack(text.encode())


class PackedFiles(StaticFiles):
    """Files of a folder: compressed once, and kept by browsers for good where their address names their content."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._packed: KeptAnswers[bytes] = KeptAnswers(200)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, or raise the error of Starlette's own class."""
        if path in assets.BUNDLES.values() and scope["method"] in ("GET", "HEAD"):
            return self._bundle(path, scope)
        response = await super().get_response(path, scope)
        if response.status_code not in (200, 304):
            return response
        if b"v=" in scope.get("query_string", b""):
            response.headers["Cache-Control"] = IMMUTABLE
        if path.endswith(_PACKED_TYPES):
            response.headers["Vary"] = "Accept-Encoding"
        wanted = response.status_code == 200 and scope["method"] == "GET" and path.endswith(_PACKED_TYPES)
        if not wanted or not takes_gzip(Headers(scope=scope)):
            return response
        return self._pack(path, response)

    def _bundle(self, path: str, scope: Scope) -> Response:
        """Return the scripts or the styles of the page as one; their version is in the address."""
        is_script = path == assets.BUNDLES[".js"]
        version = scope.get("query_string", b"").decode("latin-1")
        body = _packed_bundle(path, assets.bundle_version(path))
        headers = {"Cache-Control": IMMUTABLE if version else "no-cache", "Vary": "Accept-Encoding"}
        if takes_gzip(Headers(scope=scope)):
            headers["Content-Encoding"] = "gzip"
        else:
            body = gzip.decompress(body)
        return Response(body, headers=headers, media_type="text/javascript" if is_script else "text/css")

    def _pack(self, path: str, response: Response) -> Response:
        full, found = self.lookup_path(path)
        if found is None or found.st_size < _LEAST_BYTES:
            return response
        name = f"{full}\n{found.st_mtime_ns}\n{found.st_size}"
        body = self._packed.get(name)
        if body is None:
            try:
                with open(os.fspath(full), "rb") as file:
                    body = self._packed.put(name, pack(file.read()))
            except OSError as error:
                raise HTTPException(404) from error
        kept = {key: value for key, value in response.headers.items() if key != "content-length"}
        packed = Response(body, headers=kept)
        headers = MutableHeaders(raw=packed.raw_headers)
        headers["Content-Encoding"] = "gzip"
        if (etag := headers.get("etag")) is not None:
            headers["ETag"] = f'{etag[:-1]}-gzip"'
        return packed
