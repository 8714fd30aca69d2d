"""Find the grid that owns a point or an address, from the layers of a store (rules L1-L3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np

from geo.catalog.layers import LOCATING
from geo.catalog.options import DEFAULT_ACCURACY_M
from geo.crs import to_wgs84
from geo.crs_datum import datum_doubt_m
from geo.errors import BadValue, UnknownCrs
from geo.places.address.address_faults import Fault
from geo.places.address.book_file import IndexFolder
from geo.places.gazetteer import Gazetteer, GridLevels, polygon_rows
from geo.places.named_places import NAMED_LAYERS, named_places, with_named_places
from geo.places.text_faults import datum_fault, no_grids_on
from geo.storage.protocol import Store
from geo.studies.codes_of_day import CodesOfDay
from geo.types import Candidate, Match

#: Days that an index is looked for which was kept before.
_MAX_DAYS_BACK = 366


def state(store: Store) -> str:
    """Return a text that names the state of the layers that results depend on: see ``protocol.Store.state``."""
    return store.state(*LOCATING)


def revision(store: Store) -> int:
    """Return a number that grows with every change of a layer that results depend on."""
    return store.revision(*LOCATING)


def gazetteer_of(
    store: Store, at: date | None = None, *, few_points: bool = False, index_folder: Path | None = None
) -> Gazetteer:
    """Return the gazetteer of a store on a day (None for today); addresses are read when one is first matched.

    With `few_points` it is ready sooner and answers one point at a time: see `geo.places.locator.Locator`.
    The index of very many addresses is read from, and kept in, the folder of indexes where one is given.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["g1"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.2, 37.7)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li")
    >>> gazetteer_of(store).revision == revision(store) == 1
    True
    >>> store.close()
    >>> folder.cleanup()
    """
    # Addresses are read later: after a concurrent change the state is older than they are, not newer.
    with store.snapshot():
        today = store.today()
        day = at or today
        named, number = state(store), revision(store)
        divisions, grids = store.read("divisions", at=day), store.read("grids", at=day)
        villages = store.read("villages", at=day)
        no_grids = None if len(polygon_rows(grids)) else _fault_of_no_grids(store, day, is_today=day == today)
    return Gazetteer(
        divisions,
        grids,
        villages,
        lambda: _texts_with_places(store, day),
        read_roads=lambda: store.read("roads", at=day),
        read_former=lambda: store.read("grids", at=(None, day)),
        is_today=day == today,
        no_grids=no_grids,
        at=day,
        revision=number,
        state=named,
        few_points=few_points,
        kept=_index_kept(store, index_folder, named, day) if index_folder else None,
    )


def _index_kept(store: Store, folder: Path, named: str, day: date) -> IndexFolder:
    """Return where the index of a state is kept: that of an earlier day too, where no row began or ended since."""

    def of_day(one: date) -> IndexFolder:
        return IndexFolder(folder, f"{named} {one}", lambda: state(store) == named)

    for back in range(min(_MAX_DAYS_BACK, day.toordinal())):
        earlier = day - timedelta(days=back)
        if of_day(earlier).path.is_file():
            # What has changed since a day has changed since every day before it too.
            return of_day(earlier if not back or _is_unchanged(store, earlier, day) else day)
    return of_day(day)


def _is_unchanged(store: Store, first: date, last: date) -> bool:
    """Return whether no row that locating depends on begins or ends after a day and until a later one."""
    ends = [
        {
            "op": "and",
            "args": [
                {"op": ">", "args": [{"property": name}, first.isoformat()]},
                {"op": "<=", "args": [{"property": name}, last.isoformat()]},
            ],
        }
        for name in ("valid_from", "valid_to")
    ]
    return not any(store.count(layer, where={"op": "or", "args": ends}, at=(first, last)) for layer in LOCATING)


def _fault_of_no_grids(store: Store, day: date, *, is_today: bool) -> Fault | None:
    """Return that no grid is in use on a day but on other days; None where there are none on any.

    A store that has given its grids up is today one of divisions only.
    """
    later = polygon_rows(store.read("grids", at=(day, None)))
    if len(later):
        return no_grids_on(day.isoformat(), first=str(later["valid_from"].min())[:10])
    before = None if is_today else polygon_rows(store.read("grids", at=(None, day)))
    if before is None or not len(before):
        return None
    return no_grids_on(day.isoformat(), last=str(before["valid_to"].max())[:10])


def _texts_with_places(store: Store, day: date) -> gpd.GeoDataFrame:
    """Return the addresses of a day and what else has a name and a place."""
    with store.snapshot():
        addresses = store.read("addresses", at=day)
        named = named_places({name: store.read(name, at=day) for name in NAMED_LAYERS})
    return with_named_places(addresses, named)


def grid_codes_of_points(store: Store, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the code of the finest grid that owns each point (WGS-84 degrees) today, None where there is none.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["g1"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.2, 37.7)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li")
    >>> grid_codes_of_points(store, np.array([103.15, 104.0]), np.array([37.65, 37.65])).tolist()
    ['g1', None]
    >>> store.close()
    >>> folder.cleanup()
    """
    return GridLevels(polygon_rows(store.read("grids"))).codes(lon, lat)


def locate_point(
    store: Store,
    lon: float,
    lat: float,
    crs: str | None,
    *,
    accuracy: float = DEFAULT_ACCURACY_M,
    at: date | None = None,
    gazetteer: Gazetteer | None = None,
) -> Match:
    """Return the grid that owns a point.

    Parameters
    ----------
    lon, lat
        Coordinates in `crs`: degrees, or x and y of a projected one.
    crs
        wgs84, cgcs2000, gcj02, bd09 or an EPSG code; required (rule L3).
    accuracy
        Accuracy of the point, in metres.
    at
        The day whose grids are used; None for today.
    gazetteer
        The gazetteer of the store on that day, where it exists already.

    Raises
    ------
    UnknownCrs
        No CRS is given, or an unknown one.
    BadValue
        A coordinate or the accuracy is invalid.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["g1"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.2, 37.7)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li")
    >>> match = locate_point(store, 103.15, 37.65, "wgs84")
    >>> match.status, match.candidates[0].grid["code"]
    ('matched', 'g1')
    >>> locate_point(store, 104.0, 37.65, "wgs84").status
    'not_found'
    >>> store.close()
    >>> folder.cleanup()
    """
    gazetteer = gazetteer or gazetteer_of(store, at, few_points=True)
    x, y = _checked_wgs84(np.array([lon]), np.array([lat]), crs)
    doubt = datum_doubt_m(x, y, str(crs))
    found = gazetteer.points(x, y, accuracy=max(accuracy, float(doubt[0])))[0]
    return point_match(gazetteer, (lon, lat), crs, (x[0], y[0]), found, float(doubt[0]))


def locate_address(
    store: Store,
    text: str,
    *,
    accuracy: float = DEFAULT_ACCURACY_M,
    at: date | None = None,
    gazetteer: Gazetteer | None = None,
) -> Match:
    """Return the candidate grids of an address; raise BadValue where the text is longer than 10 kB.

    A text that is the code of a grid of another day is answered by the grids that own its ground on the day asked, and
    is not matched where it is not used before a later day (`geo.studies.today_of_code`).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["g1"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.2, 37.7)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li")
    >>> values = {"id": ["a1"], "text": ["人民路1号"], "grid": ["g1"]}
    >>> address = gpd.GeoDataFrame(values, geometry=[shapely.Point(103.15, 37.65)], crs="EPSG:4326")
    >>> _ = store.write("addresses", address, "upsert", actor="li")
    >>> match = locate_address(store, "人民路 1 号")
    >>> match.status, match.candidates[0].grid["code"]
    ('matched', 'g1')
    >>> store.close()
    >>> folder.cleanup()
    """
    gazetteer = gazetteer or gazetteer_of(store, at)
    found = gazetteer.address(text, accuracy=accuracy)
    return CodesOfDay.of_store(gazetteer, store).instead_of(found)


def point_match(
    gazetteer: Gazetteer,
    query: tuple[float, float],
    crs: str | None,
    point: tuple[float, float],
    found: Candidate | None,
    doubt_m: float,
) -> Match:
    """Return the answer to a point, of which `found` is the grid."""
    status = "matched" if found else "not_found"
    if found is not None and doubt_m > 0:
        found = replace(found, faults=(*found.faults, datum_fault(str(crs), doubt_m)))
    elif found is None and gazetteer.no_grids is not None:
        found = gazetteer.without_grid(*point)
    return Match(
        status=status,  # type: ignore[arg-type]
        query=list(query),
        crs=crs,
        point=(round(float(point[0]), 9), round(float(point[1]), 9)),
        candidates=(found,) if found else (),
        revision=gazetteer.revision,
        at=gazetteer.at.isoformat(),
    )


def _checked_wgs84(lon: np.ndarray, lat: np.ndarray, crs: str | None) -> tuple[np.ndarray, np.ndarray]:
    if not crs or not crs.strip():
        raise UnknownCrs(
            "没有写明坐标系（wgs84、cgcs2000、gcj02、bd09 或 EPSG 编号）",
            "no CRS is named (wgs84, cgcs2000, gcj02, bd09 or an EPSG code)",
        )
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        raise BadValue("坐标必须是有限的数", "coordinates must be finite numbers")
    x, y = to_wgs84(lon, lat, crs)
    require_on_earth(x, y)
    return np.asarray(x, float), np.asarray(y, float)


def require_on_earth(x: np.ndarray, y: np.ndarray) -> None:
    """Raise BadValue for a point that is none in degrees."""
    outside = ~((np.abs(x) <= 180.0) & (np.abs(y) <= 90.0))
    if outside.any():
        if ((np.abs(x) <= 90.0) & (np.abs(y) <= 180.0))[outside].all():
            raise BadValue(
                "经纬度颠倒：纬度超出 ±90，先写经度后写纬度",
                "longitude and latitude are exchanged: a latitude is beyond 90 degrees; longitude comes first",
            )
        raise BadValue(
            "坐标超出经纬度范围或坐标系不对", "the coordinates are outside the earth, or of another CRS than named"
        )
