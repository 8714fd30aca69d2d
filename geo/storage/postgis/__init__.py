"""Keep layers, history and runs in PostgreSQL with PostGIS, for many users with rights (CONTRACT sections 4 and 5).

Needs the extra ``server``; nothing that a desk loads imports this package.
"""

from geo.storage.postgis.store import PostgisStore, open_database

__all__ = ["PostgisStore", "open_database"]
