"""Name the roles of callers, lowest first (docs/contract.md section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from geo.storage.records import Caller

Role = Literal["public", "viewer", "planner", "admin"]

#: Role -> its place in the order; each has the rights of those below.
#: A worker does not use HTTP: it takes jobs from the queue.
ROLE_ORDER: Mapping[str, int] = {"public": 0, "viewer": 1, "planner": 2, "admin": 3, "worker": 3}
#: Roles that a key, a token or a proxy may grant.
GRANTABLE_ROLES: tuple[Role, ...] = ("viewer", "planner", "admin")


def allows(caller: Caller, role: Role) -> bool:
    """Return whether a caller has a role or a higher one."""
    return ROLE_ORDER[caller.role] >= ROLE_ORDER[role]
