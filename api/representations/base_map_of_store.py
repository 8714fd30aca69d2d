"""Open a base map of a store by name, for the command line and HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.open_store import basemap_folder, is_server_mode
from api.settings import Settings
from geo.basemaps.opening import BaseMapTiles
from geo.catalog.base_maps import BaseMap
from geo.errors import NotFound
from geo.storage.protocol import Store


@dataclass(frozen=True)
class BaseMapSource:
    """A base map of a store and where its files are, to be opened here or in a process of its own."""

    base: BaseMap
    folder: Path | None
    is_bounded: bool

    @contextmanager
    def opened(self) -> Iterator[BaseMapTiles]:
        """Give its tiles, and close them; raise GeoError where they cannot be opened."""
        tiles = BaseMapTiles(self.base, self.folder, is_bounded=self.is_bounded)
        try:
            yield tiles
        finally:
            tiles.close()


def base_map_source(settings: Settings, store: Store, name: str) -> BaseMapSource:
    """Return the base map of that name; raise NotFound, listing those that there are, where there is none."""
    there = store.base_maps()
    found = next((one for one in there if one.name == name), None)
    if found is None:
        listed = ", ".join(one.name for one in there) or "-"
        raise NotFound(
            f"没有底图 {name[:60]}；现有：{listed}", f"there is no base map {name[:60]}; there are: {listed}"
        )
    return BaseMapSource(found, basemap_folder(settings, store), is_server_mode(store))


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
    with base_map_source(settings, store, name).opened() as tiles:
        yield tiles


@contextmanager
def base_map_if_named(settings: Settings, store: Store, name: str | None) -> Iterator[BaseMapTiles | None]:
    """Give the opened base map, as ``opened_base_map``; None where none is named."""
    if name is None:
        yield None
        return
    with opened_base_map(settings, store, name) as tiles:
        yield tiles
