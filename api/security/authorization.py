"""Roles: what each may read and write, and how a route declares the role it requires (docs/contract.md section 5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import Depends, Request
from fastapi.params import Depends as Declared
from fastapi.routing import APIRoute

from api import problems
from api.roles import GRANTABLE_ROLES, ROLE_ORDER, Role, allows
from geo.catalog.layers import SCOPED
from geo.errors import NotAllowed
from geo.storage.records import LOCAL, Caller

#: Prefix of ``Caller.key`` of a person from a token or a session; the issuer's id of the person follows.
PERSON_KEY_PREFIX = "person:"


def caller_of(request: Request) -> Caller:
    """Return the caller of this request, set by the middleware; without the middleware it is public."""
    return request.scope.get("state", {}).get("caller") or Caller("", "public")


class RequiredRole:
    """Dependency that checks that the caller has a role or a higher one; declared by ``requires``."""

    def __init__(self, role: Role) -> None:
        self.role = role

    def __repr__(self) -> str:
        return f"requires({self.role!r})"

    async def __call__(self, request: Request) -> None:
        """Raise NotSignedIn or NotAllowed where the caller's role is lower."""
        require(caller_of(request), self.role)


def requires(role: Role) -> Any:
    """Return the dependency that declares the lowest role that may call a route or the routes of a router.

    Parameters
    ----------
    role
        ``public``, ``viewer``, ``planner`` or ``admin``. Of several on one route the highest is required.
    """
    if role not in ("public", *GRANTABLE_ROLES):
        raise ValueError(role)
    return Depends(RequiredRole(role))


async def enforce(request: Request) -> None:
    """Check the role that the route declares, before other parts of the request are read.

    It is a dependency of every router: a route without a declaration requires an admin.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    request.scope.setdefault("state", {})["route"] = route.path
    require(caller_of(request), max(declared_roles(route), key=ROLE_ORDER.__getitem__, default="admin"))


def declared_roles(route: APIRoute) -> Iterator[Role]:
    """Yield the roles that a route declares, on itself or on its router."""
    for one in route.dependencies:
        if isinstance(one, Declared) and isinstance(one.dependency, RequiredRole):
            yield one.dependency.role


def require(caller: Caller, role: Role) -> None:
    """Raise NotSignedIn for a public caller, NotAllowed where the role is too low."""
    if allows(caller, role):
        return
    if caller.role == "public":
        raise problems.NotSignedIn("请先登录，或给出密钥", "sign in first, or send a key")
    raise NotAllowed(f"此操作需要角色 {role}", f"this needs the role {role}")


def reads(layer: str) -> Role:
    """Return the lowest role that may read a stored layer."""
    return "planner" if layer in SCOPED else "viewer"


def require_layer(caller: Caller, layer: str, *, write: bool = False) -> None:
    """Raise where a caller may not read or write a stored layer at all; the store decides which rows.

    A planner may write to every layer, in its townships.
    """
    require(caller, "planner" if write else reads(layer))


def scope_key(caller: Caller) -> str:
    """Return the part of a cache key or an ETag that identifies the caller's scope: role and townships."""
    if caller.role != "planner" or caller.townships is None:
        return caller.role
    return f"planner:{','.join(sorted(caller.townships))}"


def local_caller(address: str, request: str) -> Caller:
    """Return the caller of a local request in embedded mode."""
    return Caller(LOCAL.name, LOCAL.role, LOCAL.townships, request=request, address=address)
