"""Check what a change of base maps writes to the settings of a store, the same for every kind of store."""

from __future__ import annotations

from collections.abc import Mapping

from geo.catalog.base_maps import MAX_BASE_MAPS, BaseMap, to_text
from geo.errors import BadValue, Conflict, NotAllowed, NotFound
from geo.storage.records import Caller

#: What the keys of base maps begin with, among those of other settings; the name follows.
PREFIX = "base map:"


def added_row(base: BaseMap, stored: Mapping[str, str], caller: Caller) -> tuple[str, str]:
    """Return key and value of a new base map.

    Raises
    ------
    NotAllowed
        The caller is no admin.
    Conflict
        There is one of this name.
    BadValue
        There are as many as a store keeps.
    """
    _require_admin(caller)
    if f"{PREFIX}{base.name}" in stored:
        raise Conflict(
            f"已有名为 {base.name} 的底图；先用 gridsight basemap remove 删除",
            f"there is a base map {base.name} already; remove it first: gridsight basemap remove",
        )
    if len(stored) >= MAX_BASE_MAPS:
        raise BadValue(f"底图已有 {MAX_BASE_MAPS} 个", f"there are {MAX_BASE_MAPS} base maps, as many as there may be")
    return f"{PREFIX}{base.name}", to_text(base)


def removed_row(name: str, stored: Mapping[str, str], caller: Caller) -> str:
    """Return the key of a base map that is to go; raise NotAllowed unless for an admin, NotFound where it is none."""
    _require_admin(caller)
    if f"{PREFIX}{name}" not in stored:
        raise NotFound(f"没有底图 {name[:60]}", f"there is no base map {name[:60]}")
    return f"{PREFIX}{name}"


def _require_admin(caller: Caller) -> None:
    if caller.role != "admin":
        raise NotAllowed("增删底图需要角色 admin", "adding or removing a base map needs the role admin")
