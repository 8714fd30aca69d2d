"""Believe the headers of proxies: where a request came from, and, by a trust of its own, who sent it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from starlette.datastructures import Headers

from api import problems
from api.roles import GRANTABLE_ROLES
from geo.errors import BadValue
from geo.storage.records import PROXY_KEY, Caller

_USER, _ROLE, _TOWNSHIPS = "x-gridsight-user", "x-gridsight-role", "x-gridsight-townships"
_CODE = re.compile(r"[0-9]{9}\Z")
#: Headers added by proxies: a request with one of them is not from a browser on this machine.
FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "x-real-ip", "via")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustedProxies:
    """Trusted proxies, by address; nothing is believed of anybody else.

    Parameters
    ----------
    identity
        Addresses or networks (CIDR), separated by commas, of proxies that say who the caller is; empty is none. What
        they say of where a request came from is believed too.
    forwarded
        The same of proxies that only say where a request came from: address, scheme and host.
    """

    def __init__(self, identity: str, forwarded: str = "") -> None:
        self._identity = _networks(identity, "GRIDSIGHT_IDENTITY_FROM")
        self._forwarded = [*self._identity, *_networks(forwarded, "GRIDSIGHT_FORWARDED_FROM")]

    def __contains__(self, peer: str) -> bool:
        return _within(peer, self._forwarded)

    def address(self, peer: str, headers: Headers) -> str:
        """Return the client address of a request: the last one that is not a trusted proxy."""
        if not self._forwarded or peer not in self:
            return peer
        hops = [one.strip() for one in ",".join(headers.getlist("x-forwarded-for")).split(",") if one.strip()]
        for hop in reversed(hops):
            if hop not in self:
                return hop if _parsed(hop) is not None else peer
        return peer

    def scheme(self, peer: str, headers: Headers, scheme: str) -> str:
        """Return the scheme that the browser uses, by the header of a trusted proxy."""
        forwarded = _first(headers, "x-forwarded-proto").lower() if peer in self else ""
        return forwarded if forwarded in ("http", "https") else scheme

    def host(self, peer: str, headers: Headers, host: str) -> str:
        """Return the host, with its port, that the browser names, by the header of a trusted proxy."""
        return (_first(headers, "x-forwarded-host") if peer in self else "") or host

    def caller(self, peer: str, headers: Headers, *, request: str, address: str) -> Caller | None:
        """Return the caller in the proxy's headers, None without them; raise NotSignedIn where they are invalid."""
        if not self._identity or _USER not in headers:
            return None
        given = [headers.getlist(name) for name in (_USER, _ROLE, _TOWNSHIPS)]
        if not _within(peer, self._identity) or any(len(values) > 1 for values in given):
            raise problems.NotSignedIn("代理身份头不可信", "the headers of the proxy cannot be trusted")
        name, role, codes = (values[0].strip() if values else "" for values in given)
        role = role or "viewer"
        townships = tuple(dict.fromkeys(code.strip() for code in codes.split(",") if code.strip()))
        fits = name and len(name) <= 100 and name.isprintable() and role in GRANTABLE_ROLES
        if not fits or not all(map(_CODE.match, townships)):
            raise problems.NotSignedIn(
                "代理给出的用户、角色或镇街无效", "the proxy names a user, role or township that cannot be"
            )
        scope = townships if role == "planner" else None
        return Caller(name, role, scope, key=PROXY_KEY, request=request, address=address)  # type: ignore[arg-type]


def is_local_request(peer: str, headers: Headers) -> bool:
    """Return whether a request was sent on this machine, not forwarded by a proxy on it.

    A peer without an address is a Unix socket or a call within the process: both are local.
    """
    if any(name in headers for name in FORWARDED):
        return False
    parsed = _parsed(peer)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return parsed is None or (mapped or parsed).is_loopback


def _first(headers: Headers, name: str) -> str:
    """Return the first value of a header that every proxy on the way may have added to: that of the outermost."""
    return ",".join(headers.getlist(name)).partition(",")[0].strip()


def _networks(addresses: str, setting: str) -> Sequence[Network]:
    found = []
    for part in filter(None, (one.strip() for one in addresses.split(","))):
        try:
            found.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            raise BadValue(f"{setting} 中的 {part[:60]} 不是地址", f"{part[:60]} in {setting} is no address") from None
    return found


def _within(peer: str, networks: Sequence[Network]) -> bool:
    parsed = _parsed(peer) if networks else None
    if parsed is None:
        return False
    plain = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(plain.version == network.version and plain in network for network in networks)


def _parsed(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
