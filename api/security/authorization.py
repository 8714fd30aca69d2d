"""Hold the table of roles: what each may read and write, and how a route says what it needs (CONTRACT section 5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import Depends, Request
from fastapi.params import Depends as Declared
from fastapi.routing import APIRoute

from api import problems
from api.roles import RANK, Role
from geo.catalog.layers import SCOPED
from geo.errors import NotAllowed
from geo.storage.records import LOCAL, Caller

#: Begins ``Caller.key`` of a person, whom a token or a session names; the issuer's id of the person follows.
PERSON = "person:"


def caller_of(request: Request) -> Caller:
    """Return for whom this request acts, as the middleware found it; whoever came past no middleware is nobody."""
    return request.scope.get("state", {}).get("caller") or Caller("", "public")


class Need:
    """Let a request through when its caller has a role, or a higher one; a route declares one by ``needs``."""

    def __init__(self, role: Role) -> None:
        self.role = role

    def __repr__(self) -> str:
        return f"needs({self.role!r})"

    async def __call__(self, request: Request) -> None:
        """Raise NotSignedIn or NotAllowed where the caller's role is lower."""
        require(caller_of(request), self.role)


def needs(role: Role) -> Any:
    """Return the dependency that declares, for a route or a router, the lowest role that may call it.

    Parameters
    ----------
    role
        ``public``, ``viewer``, ``planner`` or ``admin``. Of several on one route the highest counts.
    """
    if role not in RANK or role == "worker":
        raise ValueError(role)
    return Depends(Need(role))


async def enforce(request: Request) -> None:
    """Check what the route declares, before anything else of the request is looked at.

    A dependency of every router: a route that forgot to declare is the admin's alone, not everybody's.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    request.scope.setdefault("state", {})["route"] = route.path
    require(caller_of(request), max(declared_needs(route), key=RANK.__getitem__, default="admin"))


def declared_needs(route: APIRoute) -> Iterator[Role]:
    """Yield the roles that a route declares, on itself or on its router."""
    for one in route.dependencies:
        if isinstance(one, Declared) and isinstance(one.dependency, Need):
            yield one.dependency.role


def allows(caller: Caller, role: Role) -> bool:
    """Return whether a caller has a role or a higher one."""
    return RANK[caller.role] >= RANK[role]


def require(caller: Caller, role: Role) -> None:
    """Raise NotSignedIn where nobody is signed in, NotAllowed where the role is too low."""
    if allows(caller, role):
        return
    if caller.role == "public":
        raise problems.NotSignedIn("请先登录，或给出密钥", "sign in first, or send a key")
    raise NotAllowed(f"此操作需要角色 {role}", f"this needs the role {role}")


def reads(layer: str) -> Role:
    """Return the lowest role that may read a stored layer."""
    return "planner" if layer in SCOPED else "viewer"


def require_layer(caller: Caller, layer: str, *, write: bool = False) -> None:
    """Raise where a caller may not read a stored layer at all, or write to it; which rows, the store decides.

    A planner writes to every layer, in its townships.
    """
    require(caller, "planner" if write else reads(layer))


def scope_key(caller: Caller) -> str:
    """Return what a cache key or an ETag of a scoped answer must hold: role and townships."""
    if caller.role != "planner" or caller.townships is None:
        return caller.role
    return f"planner:{','.join(sorted(caller.townships))}"


def local(address: str, request: str) -> Caller:
    """Return whoever sits at the desk, for one request."""
    return Caller(LOCAL.name, LOCAL.role, LOCAL.townships, request=request, address=address)
