"""Draw forms and sheets of cameras of a run, for the command line and HTTP."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import geopandas as gpd

from geo.errors import BadValue
from geo.storage.protocol import Store
from geo.storage.records import Draft
from geo.studies.camera_changes import CameraChanges, resolved
from geo.studies.preview_changes import KeptAnalysis, preview_changes
from geo.studies.stored_runs import data_day
from geo.studies.usable_rows import rows_with_shape
from maps.map_data import MapData
from maps.print.drawn_file import DrawnFile
from maps.print.forms.draft_changes import changes_between, lenses_as_seen
from maps.print.forms.draft_sheet import TriedDraft, draft_sheets
from maps.print.forms.site_form import camera_forms
from maps.print.sheet_content import metric_crs

#: Cameras that one file of forms is of.
MOST_NAMES = 200


def printed_camera_forms(store: Store, data: MapData, names: Sequence[str], lang: str) -> DrawnFile:
    """Return the forms of the sites of some cameras.

    Parameters
    ----------
    store
        With the rights of the reader.
    data
        The map of a run, as far as the reader may see it.
    names
        Ids of cameras or names of sites.
    lang
        ``zh`` or ``en``.

    Raises
    ------
    BadValue
        There is no name, or there are more than ``MOST_NAMES``.
    NotFound, AmbiguousName
        As ``maps.print.forms.form_sites.site_rows``.
    """
    wanted = checked_names(names)
    return camera_forms(data, wanted, lang=lang, protected=protected_places(store, data))


def run_of_draft(store: Store, draft: Draft, run: str = "latest") -> str:
    """Return the run that a draft is compared with: the one asked for, else its own, the latest where that is gone."""
    if run != "latest" or not draft.run:
        return run
    return draft.run if any(one.id == draft.run for one in store.runs()) else run


def printed_draft(
    store: Store,
    kept: KeptAnalysis,
    data: MapData,
    draft: Draft,
    lang: str,
    *,
    townships: Collection[str] | None = None,
) -> DrawnFile:
    """Return the sheets of a draft.

    Parameters
    ----------
    store
        With the rights of the reader.
    kept
        The analysis that the draft is tried on, as POST /preview tries it.
    data
        The map of its run, as far as the reader may see it.
    draft
        The draft.
    lang
        ``zh`` or ``en``.
    townships
        As for ``geo.studies.preview_changes.preview_changes``.

    Raises
    ------
    GeoError
        As ``preview_changes``: a camera of the draft is gone, or a change could not be saved.
    """
    changes = CameraChanges.of(draft.changes)
    found = preview_changes(store, kept, changes, townships=townships)
    rows = resolved(store, changes, kept.at, kept.all_ids)
    crs = metric_crs(data)
    after = lenses_as_seen(data, rows_with_shape(rows.frame), found.preview.views, crs, lang)
    ids = list(rows.stored)
    where = {"op": "in", "args": [{"property": "id"}, ids]}
    stored = store.read("cameras", where=where, at=kept.at) if ids else rows.frame.iloc[:0]
    before = lenses_as_seen(data, rows_with_shape(stored), kept.base.seen, crs, lang)
    named = {one for one in rows.stored if one not in changes.removed}
    patched = {str(one["id"]) for one in changes.changed}
    tried = TriedDraft(
        name=draft.name,
        note=draft.note,
        author=draft.author,
        changes=changes_between(before, after, sorted(named - patched), lang),
        before=found.preview.before,
        after=found.preview.after,
        day=kept.at.isoformat(),
    )
    if not tried.changes:
        raise BadValue("草案与现状没有不同", "the draft is what is stored already")
    return draft_sheets(data, tried, lang=lang)


def checked_names(names: Sequence[str]) -> list[str]:
    """Return names of cameras without blanks; raise BadValue for none or too many.

    Examples
    --------
    >>> checked_names([" c1 ", ""])
    ['c1']
    """
    wanted = [one.strip() for one in names if one.strip()]
    if not wanted:
        raise BadValue("须写摄像机编号或点位", "give the id of a camera or the name of a site")
    if len(wanted) > MOST_NAMES:
        raise BadValue(
            f"一份至多 {MOST_NAMES} 处，收到 {len(wanted)} 处",
            f"at most {MOST_NAMES} are printed into one file, {len(wanted)} were asked for",
        )
    return wanted


def protected_places(store: Store, data: MapData) -> gpd.GeoDataFrame | None:
    """Return the protected places that the reader may see, on the day of the run; None where there are none."""
    day = data_day(store, store.run(data.meta.run_id, layers=[]))
    found = rows_with_shape(store.read("protected", at=day))
    return found if len(found) else None
