"""Draw forms and sheets of cameras of a run, for the command line and HTTP."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd

from geo.errors import BadValue
from geo.storage.protocol import Store
from geo.studies.stored_runs import data_day
from geo.studies.usable_rows import rows_with_shape
from maps.map_data import MapData
from maps.print.drawn_file import DrawnFile
from maps.print.forms.site_form import camera_forms

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
