"""Name the roles of callers, lowest first (CONTRACT section 5)."""

from __future__ import annotations

from typing import Literal

Role = Literal["public", "viewer", "planner", "admin"]

#: Role -> its rank; each may do what those below it may. A worker has no door: it takes jobs from the queue.
RANK = {"public": 0, "viewer": 1, "planner": 2, "admin": 3, "worker": 3}
#: Roles that a key, a token or a proxy may give.
GIVEN: tuple[Role, ...] = ("viewer", "planner", "admin")
