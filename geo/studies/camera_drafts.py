"""Make drafts of changes of cameras, and tell which of their cameras somebody changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import uuid6

from geo.bounds import check_members, check_text
from geo.errors import BadValue, NotFound
from geo.storage.records import Draft
from geo.studies.camera_changes import CameraChanges, resolved
from geo.studies.named_drafts import only_draft

if TYPE_CHECKING:
    from geo.storage.protocol import Store
    from geo.storage.records import Caller

#: Characters of a name and of a note.
MAX_NAME, MAX_NOTE = 200, 4_000
_MEMBERS = ("name", "note", "run", "changes", "outdated", "seen")
#: Of a camera that was changed since its change was made: a version that no camera has.
_UNKNOWN_VERSION = -1


def made_draft(
    store: Store,
    value: Mapping[str, Any],
    caller: Caller,
    before: Draft | None = None,
    made_on: Mapping[str, bool] | None = None,
) -> Draft:
    """Return the draft in a JSON object, not yet saved.

    Parameters
    ----------
    store
        With the rights of the caller: cameras that it may not see do not exist.
    value
        Members ``name``, ``note``, ``run`` and ``changes``; ``outdated`` has ids of those of its cameras that somebody
        changed since the changes were made, as where they come from another draft.
    caller
        Who sends it.
    before
        The draft that it takes the place of; None for a new one.
    made_on
        Of cameras by id, whether their change was made on what is stored now, where the member ``seen`` tells it.

    Raises
    ------
    BadValue, BadGeometry, UnknownName, NotFound
        A member is wrong, a change could not be saved, or a camera or the run does not exist.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.storage.records import LOCAL
    >>> folder = tempfile.TemporaryDirectory()
    >>> camera = gpd.GeoDataFrame({"id": ["c1"]}, geometry=[shapely.Point(103.1, 37.6)], crs="EPSG:4326")
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     _ = store.write("cameras", camera, "upsert", actor="li")
    ...     draft = made_draft(store, {"name": "north", "changes": {"removed": ["c1"]}}, LOCAL)
    ...     store.save_draft(draft, if_version=0)
    ...     [one.name for one in store.drafts()], outdated(store, draft)
    (['north'], [])
    >>> draft.author, draft.seen, draft.places
    ('local', {'c1': 1}, [(103.1, 37.6)])
    >>> folder.cleanup()
    """
    check_members(value, _MEMBERS)
    name, note, run = (_text(value, one, most) for one, most in (("name", MAX_NAME), ("note", MAX_NOTE), ("run", 64)))
    if not name:
        raise BadValue("草案须有名称", "a draft needs a name")
    if run and (before is None or run != before.run):
        run = store.run(run, layers=[]).id
    given = value.get("changes")
    if not isinstance(given, Mapping):
        raise BadValue("changes 须是 JSON 对象", "changes must be a JSON object")
    changes = CameraChanges.of(given)
    if not changes.count:
        raise BadValue("草案里没有改动", "there is no change in the draft")
    found = resolved(store, changes, store.today(), ())
    added = [{**one, "id": key} for one, key in zip(changes.added, found.added, strict=True)]
    now = datetime.now(tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    draft = Draft(
        id=str(uuid6.uuid7()),
        name=name,
        note=note,
        author=caller.name,
        author_id=caller.id,
        run=run,
        created=now,
        changed=now,
        changed_by=caller.name,
        changes={
            "changed": [dict(one) for one in changes.changed],
            "added": added,
            "removed": list(changes.removed),
            "outage": list(changes.outage),
        },
        seen=_seen(store, found.stored, made_on or {}, before) | _outdated_before(value, found.stored),
        places=found.places(),
    )
    if before is None:
        return draft
    kept = {one: getattr(before, one) for one in ("id", "author", "author_id", "created")}
    return replace(draft, **kept, version=before.version + 1)


def _seen(store: Store, keys: Iterable[str], made_on: Mapping[str, bool], before: Draft | None) -> dict[str, int]:
    """Return the versions on which the changes of cameras were made, as far as it is told or known.

    A change that was in the draft already was made on the version of then: saving the draft again makes it no newer,
    unless its maker has since seen what is stored now and kept the change.
    """
    found = {}
    for key in keys:
        version = store.current("cameras", key)[1]
        if key in made_on:
            found[key] = version if made_on[key] else _UNKNOWN_VERSION
        else:
            found[key] = version if before is None else before.seen.get(key, version)
    return found


def named_draft(store: Store, text: str) -> Draft:
    """Return the draft of a name or an id.

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
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.storage.records import LOCAL
    >>> folder = tempfile.TemporaryDirectory()
    >>> camera = gpd.GeoDataFrame({"id": ["c1"]}, geometry=[shapely.Point(103.1, 37.6)], crs="EPSG:4326")
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     _ = store.write("cameras", camera, "upsert", actor="li")
    ...     draft = made_draft(store, {"name": "north", "changes": {"removed": ["c1"]}}, LOCAL)
    ...     store.save_draft(draft, if_version=0)
    ...     found = [named_draft(store, one).id for one in ("north", draft.id)]
    >>> found == [draft.id] * 2
    True
    >>> folder.cleanup()
    """
    drafts = store.drafts()
    fits = [one for one in drafts if text in (one.id, one.name)]
    if not fits:
        listed = ", ".join(one.name for one in drafts[:10]) or "-"
        raise NotFound(f"没有草案 {text[:60]}；现有：{listed}", f"there is no draft {text[:60]}; there are: {listed}")
    return only_draft(fits, text)


def _text(value: Mapping[str, Any], name: str, most: int) -> str:
    text = "" if value.get(name) is None else value[name]
    if not isinstance(text, str):
        raise BadValue(f"{name} 须是文本", f"{name} must be a text")
    check_text(text, max_characters=most, what=(name, name))
    return text.strip()


def _outdated_before(value: Mapping[str, Any], keys: Iterable[str]) -> dict[str, int]:
    """Return the versions of cameras whose changes are said to be outdated; other ids are of no camera of the draft."""
    given = value.get("outdated")
    if given is None:
        return {}
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise BadValue("outdated 须是编号的列表", "outdated must be a list of ids")
    return dict.fromkeys(set(given) & set(keys), _UNKNOWN_VERSION)


def outdated(store: Store, draft: Draft) -> list[str]:
    """Return the cameras of a draft that were changed or taken away since it was saved, as the caller sees them."""
    return [key for key, version in draft.seen.items() if _version(store, key) != version]


def _version(store: Store, key: str) -> int:
    try:
        return store.current("cameras", key)[1]
    except NotFound:
        return 0
