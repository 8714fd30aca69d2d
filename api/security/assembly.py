"""Assemble the authenticator from the settings and the open store."""

from __future__ import annotations

from api.open_store import is_server_mode
from api.security.api_keys import ApiKeys, KeyStore
from api.security.authentication import Authenticator
from api.security.file_keys import FileKeyStore, NoKeyStore
from api.security.live_sessions import LiveSessions
from api.security.oidc_client import oidc_client_of
from api.security.proxy import TrustedProxies
from api.security.rate_limits import RateLimits
from api.security.session_records import ProcessSessionStore, SessionStore
from api.security.sessions import Sessions
from api.settings import Settings
from geo.storage.geopackage.store import GeoPackageStore
from geo.storage.protocol import Store


def authenticator_of(settings: Settings, store: Store) -> Authenticator:
    """Return the authenticator of an application."""
    keys = keys_of(store)
    seals = Sessions.from_file(settings.session_secret_file, hours=settings.session_hours)
    oidc_client = oidc_client_of(settings)
    return Authenticator(
        keys=keys,
        proxies=TrustedProxies(settings.identity_addresses(), settings.forwarded_from),
        seals=seals,
        sessions=LiveSessions(_session_store(store), seals, keys, oidc_client),
        limits=RateLimits(settings.rate_per_minute),
        oidc_client=oidc_client,
    )


def keys_of(store: Store) -> ApiKeys:
    """Return the keys of a store: in a file next to a workspace, or in its database."""
    return ApiKeys(_key_store(store))


def _key_store(store: Store) -> KeyStore:
    if isinstance(store, GeoPackageStore):
        return FileKeyStore.for_workspace(store.path)
    if not is_server_mode(store):
        return NoKeyStore()
    from api.security.database_keys import DatabaseKeyStore  # noqa: PLC0415 (not installed in embedded mode)

    return DatabaseKeyStore(store)  # type: ignore[arg-type]


def _session_store(store: Store) -> SessionStore:
    if not is_server_mode(store):
        return ProcessSessionStore()
    from api.security.database_sessions import DatabaseSessionStore  # noqa: PLC0415 (not installed in embedded mode)

    return DatabaseSessionStore(store)  # type: ignore[arg-type]
