"""Fetch from the one host that a base map names: bounded in bytes and time, redirected to no other host.

No proxy of the environment is used and nothing of a caller is passed on but the numbers of a tile, so that the service
is no open proxy: which host is asked is what an admin named.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from geo.basemaps.pictures import MAX_TILE_BYTES, media_type
from geo.errors import BadValue, SourceBroken, SourceSlow

#: Longest time of one answer, redirects and all; and how long a host that did not answer in it is left alone.
SECONDS, REST_SECONDS = 8.0, 10.0
_CONNECT_SECONDS = 4.0
_MAX_REDIRECTS = 3
_BLOCK = 1 << 16
_ABSENT = {204, 404, 410}
_REDIRECTS = {301, 302, 303, 307, 308}
_HEADERS = {"User-Agent": "gridsight", "Accept": "image/*, */*;q=0.5", "Accept-Encoding": "identity"}
_PORTS = {"http": 80, "https": 443}


class _Host(NamedTuple):
    """A host as it is allowed: name in small letters, scheme, port."""

    scheme: str
    name: str
    port: int

    @property
    def shown(self) -> str:
        """Return it as people read it: with a port where that is an unusual one."""
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"

    def secured(self) -> _Host:
        """Return what a plain host may send us on to: itself by TLS, on the port of that."""
        is_plain = (self.scheme, self.port) == ("http", _PORTS["http"])
        return _Host("https", self.name, _PORTS["https"]) if is_plain else self


def host_of(url: str) -> _Host:
    """Return the host of a URL; raise BadValue where the URL is none that a base map can have.

    Examples
    --------
    >>> host_of("http://Tiles.example:8080/{z}/{x}/{y}").shown
    'tiles.example:8080'
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = SplitResult("", "", "", "", ""), None
    clean = url.isprintable() and " " not in url and len(url) <= 2_000
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or not clean or port == 0:
        raise BadValue(
            "底图网址不可用：须以 http:// 或 https:// 开头，写明主机，不含账号",
            "the URL of a base map cannot be used: it begins with http:// or https://, names a host and holds no "
            "account",
        )
    return _Host(parts.scheme, parts.hostname.lower(), port or _PORTS[parts.scheme])


class Relay:
    """What is allowed of one host: answers up to a size within a time.

    Parameters
    ----------
    url
        Any URL of the host, as it was named when the base map was added; it may be a private one.
    seconds
        Longest time of one answer.
    """

    def __init__(self, url: str, *, seconds: float = SECONDS) -> None:
        self.host = host_of(url)
        self._seconds = seconds
        self._resting_until = 0.0

    def picture(self, url: str) -> bytes | None:
        """Return the picture at a URL of the host, None where the host says that there is none.

        Raises
        ------
        SourceSlow
            There was no whole answer in time, now or just before.
        SourceBroken
            The host is unreachable, answers with an error or no picture, too much, or from elsewhere.
        """
        found = self._fetched(url)
        if found is None:
            return None
        data, kind = found
        if kind.startswith("text/") or "html" in kind or "xml" in kind or "json" in kind or media_type(data) is None:
            shown = kind[:40] or "?"
            raise self._broken(f"回答不是图片（{shown}）", f"answered with no picture ({shown})")
        return data

    def document(self, url: str) -> bytes:
        """Return the document at a URL of the host; errors as ``picture``, and where there is none."""
        found = self._fetched(url)
        if found is None:
            raise self._broken("没有这个地址", "has no such address")
        data, kind = found
        if "html" in kind:
            raise self._broken("回答的是网页，不是所要的文件", "answered with a web page, not what was asked for")
        return data

    def _fetched(self, url: str) -> tuple[bytes, str] | None:
        """Return the body and the media type of an answer, None where the host has none."""
        if time.monotonic() < self._resting_until:
            raise self._slow()
        until = time.monotonic() + self._seconds
        try:
            for _ in range(_MAX_REDIRECTS + 1):
                answer = self._asked(url, until)
                if not isinstance(answer, str):
                    return answer
                url = answer
        except TimeoutError:
            self._resting_until = time.monotonic() + REST_SECONDS
            raise self._slow() from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            if isinstance(error, SourceBroken):
                raise
            if time.monotonic() >= until:  # the watch ended the connection
                self._resting_until = time.monotonic() + REST_SECONDS
                raise self._slow() from None
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise self._broken(f"无法读取（{reason}）", f"cannot be read ({reason})") from None
        raise self._broken("转向次数过多", "redirects too often")

    def _asked(self, url: str, until: float) -> tuple[bytes, str] | str | None:
        """Return body and media type of one answer, the URL that it redirects to, or None where there is none."""
        host = self._checked(url)
        parts = urlsplit(url)
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{_query(parts.query)}" if parts.query else "")
        with _connected(host, until) as connection:
            connection.request("GET", path, headers=_HEADERS)
            with connection.getresponse() as answer:
                if answer.status in _ABSENT:
                    return None
                if answer.status in _REDIRECTS:
                    return urljoin(url, answer.headers.get("Location", ""))
                if answer.status != 200:
                    raise self._broken(f"回答 {answer.status}", f"answered {answer.status}")
                if answer.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
                    raise self._broken("回答另有压缩", "answered with a packed body that was not asked for")
                kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                return self._body(answer, until), kind

    def _body(self, answer: http.client.HTTPResponse, until: float) -> bytes:
        """Return the body of an answer; raise SourceBroken as soon as it is over the bound."""
        if (answer.length or 0) > MAX_TILE_BYTES:
            raise self._too_large()
        blocks, count = [], 0
        while block := answer.read1(_BLOCK):
            count += len(block)
            if count > MAX_TILE_BYTES:
                raise self._too_large()
            if time.monotonic() > until:
                raise TimeoutError
            blocks.append(block)
        if time.monotonic() > until:  # the watch ended the connection, which may look like the end of the body
            raise TimeoutError
        if answer.length:  # read1 does not tell that the connection ended early
            raise http.client.IncompleteRead(b"", answer.length)
        return b"".join(blocks)

    def _checked(self, url: str) -> _Host:
        """Return the host of a URL; raise SourceBroken for another one than was named, or for what is no URL."""
        try:
            asked = host_of(url)
        except BadValue:
            raise self._broken("转向不可用的地址", "redirects to an address that cannot be used") from None
        if asked not in (self.host, self.host.secured()):
            raise self._broken("转向别的主机", "redirects to another host")
        return asked

    def _too_large(self) -> SourceBroken:
        most = f"{MAX_TILE_BYTES / 1e6:g} MB"
        return self._broken(f"回答超过 {most}", f"answered with more than {most}")

    def _broken(self, zh: str, en: str) -> SourceBroken:
        return SourceBroken(f"底图所在主机{zh}", f"the host of the base map {en}", for_operator=self.host.shown)

    def _slow(self) -> SourceSlow:
        return SourceSlow(
            f"底图所在主机没有在 {self._seconds:g} 秒内答完",
            f"the host of the base map has not answered within {self._seconds:g} seconds",
            for_operator=self.host.shown,
        )


@contextlib.contextmanager
def _connected(host: _Host, until: float) -> Iterator[http.client.HTTPConnection]:
    """Yield a connection that ends when its time is over, however slowly the other side sends."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    seconds = min(left, _CONNECT_SECONDS)
    if host.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host.name, host.port, timeout=seconds, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(host.name, host.port, timeout=seconds)
    watch: threading.Timer | None = None
    try:
        connection.connect()
        connection.sock.settimeout(max(until - time.monotonic(), 0.01))
        watch = threading.Timer(max(until - time.monotonic(), 0.0), _ended, [connection.sock])
        watch.daemon = True
        watch.start()
        yield connection
    finally:
        if watch is not None:
            watch.cancel()
        connection.close()


def moved_to(url: str, home: str) -> str:
    """Return a URL at the host of another: what a service behind a proxy calls itself inside is not where it is.

    Examples
    --------
    >>> moved_to("http://10.0.0.7:8080/wmts?layer=a", "https://map.example/wmts")
    'https://map.example/wmts?layer=a'
    """
    parts, at = urlsplit(url), urlsplit(home)
    return urlunsplit((at.scheme, at.netloc, parts.path, parts.query, ""))


def _query(text: str) -> str:
    return re.sub(r"[^!-~]", lambda found: quote(found[0]), text)


def _ended(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
