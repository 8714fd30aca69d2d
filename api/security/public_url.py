"""Decide the scheme and the host under which the caller of a request knows the service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from api.middleware import host_name
from api.security.proxy import TrustedProxies
from api.settings import Settings
from geo.errors import BadValue

#: Scheme, host and port of a public URL; a name that is not ASCII is written as its A-label (``xn--``).
_URL = re.compile(r"(https?)://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?/?", re.I)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True)
class PublicUrl:
    """The public URL of the service where it is set; else what a trusted proxy says; else what the request names.

    Attributes
    ----------
    proxies
        Whose forwarding headers are believed.
    url
        ``https://HOST[:PORT]``, or None.
    """

    proxies: TrustedProxies
    url: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> PublicUrl:
        """Return that of the settings; raise BadValue for addresses that are none."""
        proxies = TrustedProxies(settings.identity_addresses(), settings.forwarded_from)
        return cls(proxies, None if settings.public_url is None else checked_url(settings.public_url))

    def hosts(self) -> frozenset[str]:
        """Return the host name of the URL: requests may name it."""
        return frozenset() if self.url is None else frozenset({host_name(urlsplit(self.url).netloc)})

    def hosts_named(self, scope: Scope, headers: Headers) -> tuple[str, ...]:
        """Return the hosts, with ports, that a request names: in its own header, and in that of a trusted proxy."""
        own = headers.get("host", "")
        return tuple(dict.fromkeys((own, self.proxies.host(_peer(scope), headers, own))))

    def origin(self, scope: Scope, headers: Headers) -> tuple[str, str]:
        """Return scheme and host, with its port, for links, cookies and the check of writes."""
        if self.url is not None:
            parts = urlsplit(self.url)
            return parts.scheme, parts.netloc
        scheme = self.proxies.scheme(_peer(scope), headers, scope["scheme"])
        return scheme, without_default_port(scheme, self.hosts_named(scope, headers)[-1])

    def applied(self, scope: Scope, headers: Headers) -> Scope:
        """Return the scope with this scheme and host, so that every URL made of the request has them."""
        scheme, host = self.origin(scope, headers)
        if (scheme, host) == (scope["scheme"], headers.get("host")):
            return scope
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        return {**scope, "scheme": scheme, "headers": [(b"host", host.encode("latin-1")), *others]}


def without_default_port(scheme: str, host: str) -> str:
    """Return a host without the port that its scheme has anyway, as browsers write an origin."""
    return host.removesuffix(_DEFAULT_PORTS.get(scheme, ":"))


def checked_url(text: str) -> str:
    """Return a public URL as browsers write an origin; raise BadValue where it is none or has a path."""
    found = _URL.fullmatch(text.strip())
    port = int(found[4][1:]) if found and found[4] else 1
    if found is None or not 0 < port < 65_536:
        raise BadValue(
            f"GRIDSIGHT_PUBLIC_URL 须形如 https://主机名[:端口]，不含路径：{text[:100]}",
            f"GRIDSIGHT_PUBLIC_URL must be like https://HOST[:PORT], without a path: {text[:100]}",
        )
    scheme, host = found[1].lower(), f"{found[2]}{found[4] or ''}".lower()
    return f"{scheme}://{without_default_port(scheme, host)}"


def _peer(scope: Scope) -> str:
    return (scope.get("client") or ("",))[0] or ""
