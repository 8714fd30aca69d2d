"""Put together, from the settings and the open store, what credentials are checked against."""

from __future__ import annotations

from api.jobs import is_office
from api.security.api_keys import Keys, Records
from api.security.authentication import Identity
from api.security.file_keys import DeskRecords, NoRecords
from api.security.oidc_client import people_of
from api.security.proxy import Proxies
from api.security.rate_limits import Limits
from api.security.sessions import Sessions
from api.settings import Settings
from geo.storage.geopackage.store import GeoPackageStore
from geo.storage.protocol import Store


def identity_of(settings: Settings, store: Store) -> Identity:
    """Return what an application checks credentials against."""
    return Identity(
        keys=keys_of(store),
        proxies=Proxies(settings.proxy_addresses),
        sessions=Sessions.from_file(settings.session_secret_file, hours=settings.session_hours),
        limits=Limits(settings.rate_per_minute),
        people=people_of(settings),
    )


def keys_of(store: Store) -> Keys:
    """Return the keys that belong to a store: beside a workspace, or in its database."""
    return Keys(_records(store))


def _records(store: Store) -> Records:
    if isinstance(store, GeoPackageStore):
        return DeskRecords.beside(store.path)
    if not is_office(store):
        return NoRecords()
    from api.security.database_keys import DatabaseRecords  # noqa: PLC0415 (the desk has no such packages)

    return DatabaseRecords(store)  # type: ignore[arg-type]
