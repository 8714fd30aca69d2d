"""Approve drafts of changes of grids for a day, withdraw them, and tell which grid became which (rule V12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from geo.errors import BadValue, ChangedSince, Conflict, NotAllowed, RowFault
from geo.storage.records import GridDraft
from geo.studies.grid_drafts import changed_since, checked_draft, draft_state, no_draft_error

if TYPE_CHECKING:
    from geo.storage.protocol import Store
    from geo.storage.records import Caller

_NAMED = 5


def approve_draft(store: Store, draft: GridDraft, day: date, caller: Caller) -> GridDraft:
    """Approve a draft for a day and write what it makes, all in one transaction; return it as saved.

    The grids that go end on that day, those that come begin on it: until then readers see what was.

    Raises
    ------
    NotAllowed
        The caller is no admin.
    BadValue
        The day is past, or the checks have errors.
    Conflict
        It is no draft any more.
    ChangedSince
        A grid of it was changed since.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.storage.records import LOCAL, Caller
    >>> from geo.studies.grid_drafts import made_grid_draft
    >>> folder = tempfile.TemporaryDirectory()
    >>> codes = ["990101101201001", "990101101201002"]
    >>> grids = gpd.GeoDataFrame({"code": codes, "name": ["东", "西"], "village": "990101101201"},
    ...     geometry=shapely.box([103.01, 103.0], 37.0, [103.02, 103.01], 37.01), crs="EPSG:4326")
    >>> store = open_store(Path(folder.name) / "workspace.gpkg", today=lambda: date(2026, 3, 1))
    >>> _ = store.write("grids", grids, "upsert", actor="li")
    >>> asked = {"name": "并", "operations": [{"change": "merge", "grids": codes, "name": "全"}]}
    >>> draft = made_grid_draft(store, asked, LOCAL)
    >>> store.save_grid_draft(draft, if_version=0)
    >>> approved = approve_draft(store, draft, date(2026, 4, 1), LOCAL)
    >>> [store.read("grids", at=day)["code"].tolist() for day in (date(2026, 3, 31), date(2026, 4, 1))]
    [['990101101201001', '990101101201002'], ['990101101201003']]
    >>> [(one["old"], one["new"], one["effective"]) for one in successions(store)]
    [('990101101201001', '990101101201003', '2026-04-01'), ('990101101201002', '990101101201003', '2026-04-01')]
    >>> _ = withdraw_draft(store, approved, LOCAL)
    >>> store.read("grids", at=date(2026, 4, 1))["code"].tolist()
    ['990101101201001', '990101101201002']
    >>> store.close()
    >>> folder.cleanup()
    >>> approve_draft(None, None, date(2026, 4, 1), Caller("anna", "planner"))
    Traceback (most recent call last):
    geo.errors.NotAllowed: 批准网格变动需要角色 admin / approving a change of grids needs the role admin
    """
    if caller.role != "admin":
        raise NotAllowed("批准网格变动需要角色 admin", "approving a change of grids needs the role admin")
    with store.transaction():
        if draft.state != "draft":
            raise no_draft_error(draft)
        if day < store.today():
            raise BadValue(f"生效日期 {day} 已过去：过去不能改", f"{day} is past: a change begins today or later")
        checked = checked_draft(store, draft)
        if checked.changed:
            raise _changed_error(checked.changed)
        if checked.differs:
            raise ChangedSince(
                "邻近的网格或建筑在拟定之后改过，变动已不是所拟的：请重新拟定",
                "a neighbour or the buildings were changed since: the changes are no longer those drafted, draft again",
            )
        errors = [one for one in checked.findings if one["severity"] == "error"]
        if errors:
            rows = [
                RowFault("grids", one["grids"][0] if one["grids"] else "", one["code"], one["text"]) for one in errors
            ]
            raise BadValue(
                f"草案有 {len(errors)} 处错误，不能批准",
                f"the draft has {len(errors)} errors and cannot be approved",
                rows=rows,
            )
        applied = _carry_out(store, draft, day, caller)
        approved = _decided(draft, "approved", caller, effective=day.isoformat(), applied=applied)
        store.save_grid_draft(approved, if_version=draft.version)
    return approved


def withdraw_draft(store: Store, draft: GridDraft, caller: Caller) -> GridDraft:
    """Withdraw a draft, or before its day an approved change; return it as saved.

    Of an approved one the grids are as if it had never been approved; its codes stay used.

    Raises
    ------
    NotAllowed
        It is approved, and the caller no admin.
    Conflict
        It is withdrawn already, or its day has come.
    ChangedSince
        A grid of it was changed since the approval.

    Examples
    --------
    See ``approve_draft``.

    >>> draft = GridDraft("0190", "n", "", "li", "li", "t", "t", "li", "withdrawn", "", "", "", "",
    ...                   [], {}, {}, {}, [])
    >>> withdraw_draft(None, draft, None)
    Traceback (most recent call last):
    geo.errors.Conflict: 草案“n”已撤回 / the draft n was withdrawn
    """
    if draft.state == "withdrawn":
        raise no_draft_error(draft)
    if draft.state == "draft":
        withdrawn = _decided(draft, "withdrawn", caller)
        store.save_grid_draft(withdrawn, if_version=draft.version)
        return withdrawn
    if caller.role != "admin":
        raise NotAllowed("撤回已批准的变动需要角色 admin", "withdrawing an approved change needs the role admin")
    with store.transaction():
        if draft_state(draft, store.today()) == "carried_out":
            raise Conflict(
                f"变动已于 {draft.effective} 生效，不能撤回；请另拟草案",
                f"the change came into force on {draft.effective}; draft another one instead",
            )
        changed = changed_since(store, draft, draft.applied)
        if changed:
            raise _changed_error(changed)
        _take_back(store, draft, caller)
        withdrawn = _decided(draft, "withdrawn", caller)
        store.save_grid_draft(withdrawn, if_version=draft.version)
    return withdrawn


def successions(store: Store) -> list[dict[str, Any]]:
    """Return which grids became which by approved changes, in the order of their days.

    Each has ``old, new, change, effective, area_share, share, buildings, by, draft``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     successions(store)
    []
    >>> folder.cleanup()
    """
    approved = sorted(
        (one for one in store.grid_drafts() if one.state == "approved"), key=lambda one: (one.effective, one.id)
    )
    return [
        {**row, "effective": one.effective, "draft": one.id} for one in approved for row in one.content["succession"]
    ]


def _changed_error(changed: Sequence[Mapping[str, Any]]) -> ChangedSince:
    codes = [str(one["grid"]) for one in changed]
    error = ChangedSince(
        f"{len(codes)} 个网格在拟定草案之后被改过：{'、'.join(codes[:_NAMED])}",
        f"{len(codes)} grids were changed since the draft was made: {', '.join(codes[:_NAMED])}",
        rows=[
            RowFault(
                "grids", str(one["grid"]), "version",
                f"草案所见版本 {one['seen_version']}，现在 {one['stored_version']} / "
                f"the draft saw version {one['seen_version']}, now it is {one['stored_version']}",
            )
            for one in changed
        ],
    )  # fmt: skip
    error.members = {"changed": [dict(one) for one in changed]}
    return error


def _carry_out(store: Store, draft: GridDraft, day: date, caller: Caller) -> dict[str, int]:
    """Write the grids of a draft with their days; return the version of each."""
    applied = {}
    before = {str(one["id"]): one for one in draft.content["before"]}
    for code in draft.content["closed"]:
        if day == store.today():  # what ends today is deleted, as by anybody: its history ends today
            store.delete("grids", code, if_version=draft.seen[code], actor=caller.signature)
            continue
        feature = _with_days(before[code], valid_to=day.isoformat())
        applied[code] = _put(store, code, feature, draft.seen[code], caller)
    for row in draft.content["after"]:
        code = str(row["id"])
        ends = before[code]["properties"].get("valid_to") if code in before else None
        feature = _with_days(row, valid_from=day.isoformat(), valid_to=ends)
        applied[code] = _put(store, code, feature, draft.seen.get(code, 0), caller)
    return applied


def _take_back(store: Store, draft: GridDraft, caller: Caller) -> None:
    """Write the grids as they were before the approval; what was to come never begins."""
    before = {str(one["id"]): one for one in draft.content["before"]}
    for row in draft.content["after"]:
        store.delete("grids", str(row["id"]), if_version=draft.applied[str(row["id"])], actor=caller.signature)
    for code in draft.content["closed"]:
        now, version = store.current("grids", code)
        feature = _with_days(now, valid_to=before[code]["properties"].get("valid_to"))
        _put(store, code, feature, version, caller)


def _put(store: Store, code: str, feature: Mapping[str, Any], version: int, caller: Caller) -> int:
    return store.put("grids", code, feature, if_version=version, actor=caller.signature)


def _with_days(feature: Mapping[str, Any], **days: str | None) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": feature["id"],
        "geometry": feature["geometry"],
        "properties": {**feature["properties"], **days},
    }


def _decided(draft: GridDraft, state: Any, caller: Caller, **more: Any) -> GridDraft:
    now = datetime.now(tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return replace(
        draft, state=state, decided=now, decided_by=caller.name, decided_role=caller.role, changed=now,
        changed_by=caller.name, version=draft.version + 1, **more,
    )  # fmt: skip
