"""Open a base map of a store by name, for the command line and HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.open_store import basemap_folder, is_server_mode
from api.settings import Settings
from geo.basemaps.opening import BaseMapTiles
from geo.errors import NotFound
from geo.storage.protocol import Store


@contextmanager
def opened_base_map(settings: Settings, store: Store, name: str) -> Iterator[BaseMapTiles]:
    """Give the opened base map of that name, and close it.

    Raises
    ------
    NotFound
        There is none of that name; those that there are are listed.
    GeoError
        It cannot be opened (``geo.basemaps.opening.open_source``).
    """
    there = store.base_maps()
    found = next((one for one in there if one.name == name), None)
    if found is None:
        listed = ", ".join(one.name for one in there) or "-"
        raise NotFound(
            f"没有底图 {name[:60]}；现有：{listed}", f"there is no base map {name[:60]}; there are: {listed}"
        )
    tiles = BaseMapTiles(found, basemap_folder(settings, store), is_bounded=is_server_mode(store))
    try:
        yield tiles
    finally:
        tiles.close()


@contextmanager
def base_map_if_named(settings: Settings, store: Store, name: str | None) -> Iterator[BaseMapTiles | None]:
    """Give the opened base map, as ``opened_base_map``; None where none is named."""
    if name is None:
        yield None
        return
    with opened_base_map(settings, store, name) as tiles:
        yield tiles
