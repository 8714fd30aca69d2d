"""Draft changes of grids and check them against the grids of today (rules V8 to V11)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely
import uuid6

from geo.bounds import check_members, check_text
from geo.catalog.code_profiles import profile_named, village_of
from geo.catalog.layers import LAYERS
from geo.errors import BadGeometry, BadValue, Conflict, NotAllowed, NotFound
from geo.planning.change_checks import ChangeFinding, check_changes
from geo.planning.grid_changes import GridChanges, GridOperation, changed_grids
from geo.planning.town import Band
from geo.storage.records import GridDraft
from geo.studies.carrier_rows import carrier_rows
from geo.studies.grid_operations import grid_operations, operation_values, plain_shape
from geo.studies.named_drafts import only_draft

if TYPE_CHECKING:
    from geo.storage.protocol import Feature, Store
    from geo.storage.records import Caller

#: Characters of a name and of a note.
MAX_NAME, MAX_NOTE = 200, 4_000
_MEMBERS = ("name", "note", "operations", "by", "size", "rural", "profile", "buildings")
#: Kinds of changes that only follow from others.
_FOLLOWS = ("border", "parent")
_NAMED = 5


def made_grid_draft(
    store: Store, value: Mapping[str, Any], caller: Caller, before: GridDraft | None = None
) -> GridDraft:
    """Return the draft in a JSON object, not yet saved.

    Parameters
    ----------
    store
        With the rights of the caller.
    value
        Members ``name``, ``note``, ``operations`` (``geo.studies.grid_operations``); ``by``, ``size`` and ``rural`` for
        the band, ``profile`` for the codes, ``buildings`` for the layer that carries the households.
    caller
        Who sends it.
    before
        The draft that it takes the place of; None for a new one.

    Raises
    ------
    BadValue, BadGeometry, NotFound, UnknownName
        A member is wrong, or a change cannot be made.
    Conflict
        A grid of it changes on a later day already.
    NotAllowed
        A grid of it is of another township than the caller's.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.storage.records import LOCAL
    >>> folder = tempfile.TemporaryDirectory()
    >>> codes = ["990101101201001", "990101101201002"]
    >>> grids = gpd.GeoDataFrame(
    ...     {"code": codes, "name": ["东", "西"], "village": "990101101201", "households": [300, 500]},
    ...     geometry=shapely.box([103.01, 103.0], 37.0, [103.02, 103.01], 37.01), crs="EPSG:4326")
    >>> store = open_store(Path(folder.name) / "workspace.gpkg", today=lambda: date(2026, 3, 1))
    >>> _ = store.write("grids", grids, "upsert", actor="li")
    >>> asked = {"name": "并", "operations": [{"change": "merge", "grids": codes, "name": "全"}], "size": [300, 500]}
    >>> draft = made_grid_draft(store, asked, LOCAL)
    >>> draft.content["closed"], [one["id"] for one in draft.content["after"]], draft.content["findings"][0]["code"]
    (['990101101201001', '990101101201002'], ['990101101201003'], 'band')
    >>> store.save_grid_draft(draft, if_version=0)
    >>> named_grid_draft(store, "并").id == draft.id, checked_draft(store, draft).may_be_approved
    (True, True)
    >>> store.close()
    >>> folder.cleanup()
    """
    check_members(value, _MEMBERS)
    if before is not None and before.state != "draft":
        raise no_draft_error(before)
    name, note = _text(value, "name", MAX_NAME), _text(value, "note", MAX_NOTE)
    if not name:
        raise BadValue("草案须有名称", "a draft needs a name")
    operations = grid_operations(value.get("operations"))
    options = _options(value)
    own = () if before is None else (before.id,)
    made = _made(store, operations, options, but=own)
    codes = _concerned(made.changes)
    _require_own(caller, made.changes)
    seen, rows = {}, {}
    for code in codes:
        rows[code], seen[code] = store.current("grids", code)
        _require_unscheduled(rows[code], code, store.today())
    now = datetime.now(tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    draft = GridDraft(
        id=str(uuid6.uuid7()),
        name=name,
        note=note,
        author=caller.name,
        author_id=caller.id,
        created=now,
        changed=now,
        changed_by=caller.name,
        state="draft",
        effective="",
        decided="",
        decided_by="",
        decided_role="",
        operations=operation_values(made.changes.operations),
        content=_content(made, rows, options),
        seen=seen,
        applied={},
        places=_places(made.changes),
    )
    if before is None:
        return draft
    kept = {one: getattr(before, one) for one in ("id", "author", "author_id", "created")}
    return replace(draft, **kept, version=before.version + 1)


def named_grid_draft(store: Store, text: str) -> GridDraft:
    """Return the draft of changes of grids of a name or an id.

    Raises
    ------
    NotFound
        There is none that the caller may see; some that there are are listed.
    AmbiguousName
        Several have that name.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     named_grid_draft(store, "北街")
    Traceback (most recent call last):
    geo.errors.NotFound: 没有网格草案 北街；现有：- / there is no draft of grids 北街; there are: -
    >>> folder.cleanup()
    """
    drafts = store.grid_drafts()
    fits = [one for one in drafts if text == one.id] or [one for one in drafts if text == one.name]
    if not fits:
        listed = ", ".join(one.name for one in drafts[:10]) or "-"
        raise NotFound(
            f"没有网格草案 {text[:60]}；现有：{listed}", f"there is no draft of grids {text[:60]}; there are: {listed}"
        )
    return only_draft(fits, text)


def draft_state(draft: GridDraft, today: date) -> str:
    """Return ``draft``, ``approved``, ``carried_out`` (approved, and its day has come) or ``withdrawn``.

    Examples
    --------
    >>> draft = GridDraft("0190", "n", "", "li", "li", "t", "t", "li", "approved", "2026-04-01", "", "", "",
    ...                   [], {}, {}, {}, [])
    >>> draft_state(draft, date(2026, 3, 31)), draft_state(draft, date(2026, 4, 1))
    ('approved', 'carried_out')
    """
    return "carried_out" if draft.state == "approved" and draft.effective <= today.isoformat() else draft.state


@dataclass(frozen=True)
class CheckedDraft:
    """Say whether a draft may be approved now.

    Attributes
    ----------
    findings
        As ``check_changes`` of the grids of today; empty where grids have changed.
    changed
        Grids that changed since: ``grid, seen_version, stored_version, seen, stored``, features; None for one that is
        gone.
    differs
        Whether the changes would be others today: a neighbour or the buildings were changed since.

    Examples
    --------
    >>> CheckedDraft([], []).may_be_approved
    True
    """

    findings: Sequence[Mapping[str, Any]]
    changed: Sequence[Mapping[str, Any]]
    differs: bool = False

    @property
    def may_be_approved(self) -> bool:
        """Return whether nothing forbids it."""
        return not self.changed and all(one["severity"] != "error" for one in self.findings)


def checked_draft(store: Store, draft: GridDraft) -> CheckedDraft:
    """Return what is to be said of a draft against the grids of today.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> draft = GridDraft("0190", "n", "", "li", "li", "t", "t", "li", "draft", "", "", "", "",
    ...                   [], {"before": []}, {"g1": 1}, {}, [])
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     checked_draft(store, draft).changed
    [{'grid': 'g1', 'seen_version': 1, 'stored_version': 0, 'seen': None, 'stored': None}]
    >>> folder.cleanup()
    """
    changed = changed_since(store, draft, draft.seen)
    if changed:
        return CheckedDraft([], changed)
    made = _made(store, grid_operations(draft.operations), draft.content["options"], but=(draft.id,))
    today = json.loads(json.dumps(_features(made.changes.after)))
    return CheckedDraft(_finding_values(made.findings), [], differs=today != draft.content["after"])


# --- what a draft is made of -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Made:
    changes: GridChanges
    findings: list[ChangeFinding]


def _made(store: Store, operations: Sequence[GridOperation], options: Mapping[str, Any], but: Sequence[str]) -> _Made:
    """Return what changes would do to the grids of today; codes of drafts other than ``but`` are used."""
    grids = store.read("grids")
    known = store.versions("grids")
    used = {*known.current["code"].astype(str), *known.history["code"].astype(str)}
    for one in store.grid_drafts():
        if one.id not in but and one.state == "draft":
            used |= {str(row["id"]) for row in one.content["after"]}
    named = grids[grids["code"].isin({code for one in operations for code in one.grids})]
    carriers, villages = None, None
    if len(named):
        box = tuple(named.total_bounds.tolist())
        rows = carrier_rows(store.read(options["buildings"], bbox=box), options["buildings"])
        carriers = rows if len(rows) else None
        villages = store.read("villages", bbox=box)
        villages = villages[villages.geometry.notna()]
    profile = None if options["profile"] is None else profile_named(options["profile"])
    try:
        changes = changed_grids(grids, operations, buildings=carriers, used=used, profile=profile)
    except shapely.errors.GEOSException:
        raise BadGeometry("所画的图形不能使用", "what was drawn is not usable") from None
    size, rural = options["size"], options["rural"]
    findings = check_changes(
        changes, grids, villages, by=options["by"],
        size=None if size is None else tuple(size), rural=None if rural is None else tuple(rural),
    )  # fmt: skip
    return _Made(changes, findings)


def _concerned(changes: GridChanges) -> list[str]:
    return changes.before["code"].astype(str).tolist()


def _content(made: _Made, rows: Mapping[str, Feature], options: Mapping[str, Any]) -> dict[str, Any]:
    changes = made.changes
    return {
        "options": dict(options),
        "before": [dict(rows[code]) for code in sorted(rows)],
        "after": _features(changes.after),
        "closed": list(changes.closed),
        "succession": _records(changes.succession),
        "findings": _finding_values(made.findings),
        "areas": {"before": dict(changes.area_before), "after": dict(changes.area_after)},
        "buildings_moved": changes.buildings_moved,
    }


def _features(after: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return the rows that come as features of the layer, with ``change`` beside their properties."""
    names = [name for name in LAYERS["grids"].names if name not in ("valid_from", "valid_to")]
    plain = _records(pd.DataFrame(after.drop(columns="geometry")))
    return [
        {
            "type": "Feature",
            "id": row["code"],
            "geometry": plain_shape(shape),
            "properties": {name: row.get(name) for name in names},
            "change": row["change"],
        }
        for row, shape in zip(plain, after.geometry, strict=True)
    ]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    plain = table.astype(object).where(table.notna(), None)
    return [{str(key): _plain(one) for key, one in row.items()} for row in plain.to_dict("records")]


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _finding_values(findings: Sequence[ChangeFinding]) -> list[dict[str, Any]]:
    return [
        {"severity": one.severity, "code": one.code, "grids": list(one.grids), "text": one.text, "value": one.value}
        for one in findings
    ]


def _places(changes: GridChanges) -> list[tuple[float, float]]:
    """Return a position in each grid that changes; neighbours that only take vertices are as they were."""
    real = changes.after[~changes.after["change"].isin(_FOLLOWS)]
    following = set(changes.after.loc[changes.after["change"].isin(_FOLLOWS), "code"])
    before = changes.before[~changes.before["code"].isin(following)]
    inner = [shapely.point_on_surface(one) for frame in (before, real) for one in frame.geometry]
    return [(one.x, one.y) for one in inner]


# --- members ---------------------------------------------------------------------------------------------------------


def _text(value: Mapping[str, Any], name: str, most: int) -> str:
    text = "" if value.get(name) is None else value[name]
    if not isinstance(text, str):
        raise BadValue(f"{name} 须是文本", f"{name} must be a text")
    check_text(text, max_characters=most, what=(name, name))
    return text.strip()


def _options(value: Mapping[str, Any]) -> dict[str, Any]:
    by = value.get("by") or "households"
    if by not in ("households", "population"):
        raise BadValue("by 须是 households 或 population", "by must be households or population")
    carriers = value.get("buildings") or "obstacles"
    if carriers not in ("obstacles", "addresses"):
        raise BadValue("buildings 须是 obstacles 或 addresses", "buildings must be obstacles or addresses")
    profile = value.get("profile")
    if profile is not None:
        profile = profile_named(str(profile)).name
    bands = {name: _band(value.get(name), name) for name in ("size", "rural")}
    return {"by": by, "buildings": carriers, "profile": profile, **bands}


def _band(value: Any, name: str) -> Band | None:
    if value is None:
        return None
    is_pair = isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2
    if not is_pair or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in value):
        raise BadValue(f"{name} 须是两个数", f"{name} must be two numbers")
    low, high = (float(one) for one in value)
    if not 0 <= low <= high < float("inf") or high <= 0:
        raise BadValue(f"{name} 不是区间", f"{name} is no band")
    return low, high


# --- rights and conflicts --------------------------------------------------------------------------------------------


def _require_own(caller: Caller, changes: GridChanges) -> None:
    """Raise NotAllowed where the code of a grid that changes names a township that is not the caller's."""
    if caller.role != "planner" or caller.townships is None:
        return
    following = set(changes.after.loc[changes.after["change"].isin(_FOLLOWS), "code"])
    rows = pd.concat([changes.before[["code", "level"]], changes.after[["code", "level"]]])
    is_fine = dict(zip(rows["code"].astype(str), pd.to_numeric(rows["level"], errors="coerce") == 2, strict=True))
    for code in is_fine:
        named = village_of(code, is_fine[code])[:9]
        if code not in following and len(named) == 9 and named.isdigit() and named not in caller.townships:
            raise NotAllowed(
                f"网格 {code[:64]} 不在您的镇街范围内", f"grid {code[:64]} is of a township that is not yours"
            )


def _require_unscheduled(row: Feature, code: str, today: date) -> None:
    """Raise Conflict where a grid begins or ends on a later day already: one change at a time."""
    for name in ("valid_from", "valid_to"):
        later = str(row["properties"].get(name) or "")
        if later > today.isoformat():
            raise Conflict(
                f"网格 {code[:64]} 已定于 {later} 变动，请先撤回或等到那天",
                f"grid {code[:64]} changes on {later} already: withdraw that change or wait for the day",
            )


def no_draft_error(draft: GridDraft) -> Conflict:
    """Return the error for a draft that was approved or withdrawn.

    Examples
    --------
    >>> draft = GridDraft("0190", "n", "", "li", "li", "t", "t", "li", "withdrawn", "", "", "", "",
    ...                   [], {}, {}, {}, [])
    >>> no_draft_error(draft).en
    'the draft n was withdrawn'
    """
    zh, en = ("撤回", "withdrawn") if draft.state == "withdrawn" else ("批准", "approved")
    return Conflict(f"草案“{draft.name}”已{zh}", f"the draft {draft.name} was {en}")


def changed_since(store: Store, draft: GridDraft, versions: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the grids whose stored version is another, as they were and as they are.

    Examples
    --------
    See ``checked_draft``.

    >>> changed_since(None, None, {})
    []
    """
    if not versions:
        return []
    seen = {str(one["id"]): one for one in draft.content["before"]}
    changed = []
    for code, version in versions.items():
        stored, now = None, 0
        with suppress(NotFound):
            stored, now = store.current("grids", code)
        if now != version:
            changed.append(
                {"grid": code, "seen_version": version, "stored_version": now, "seen": seen.get(code), "stored": stored}
            )
    return changed
