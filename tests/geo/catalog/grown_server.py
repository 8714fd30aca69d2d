"""Ask a grown copy of the project, run inside it: a database of the version before, upgraded and compared."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from geo.storage.geopackage.store import open_store
from geo.storage.postgis import maintenance
from geo.storage.postgis.store import open_database
from geo.storage.postgis.tables import metadata
from geo.storage.postgis.urls import engine_url
from geo.storage.records import Caller
from geo.storage.transfer import transfer_store


def main(url: str, workspace: Path) -> None:
    """Print what comes out, as one JSON object."""
    said: dict[str, object] = {"steps": len(maintenance.upgrade(url))}
    ours = {
        "include_schemas": True,
        "include_name": lambda name, kind, _: kind != "schema" or name == "gridsight",
        "include_object": lambda _, name, kind, *__: (
            kind != "table" or not name.startswith(("procrastinate", "alembic"))
        ),
    }
    engine = sa.create_engine(engine_url(url), poolclass=sa.pool.NullPool)
    with engine.connect() as conn:
        said["differs"] = [str(one) for one in compare_metadata(MigrationContext.configure(conn, opts=ours), metadata)]
    login = url.replace("postgres@", "gridsight@", 1)
    with open_store(workspace) as source, open_database(login) as target:
        transfer_store(source, target.acting(Caller("test", "admin", None)))
    with open_database(login) as store:
        planner = store.acting(Caller("ann", "planner", ("990121101",)))
        elsewhere = store.acting(Caller("bob", "planner", ("990121102",)))
        said["seen"] = [planner.read("benches")["id"].tolist(), elsewhere.read("benches")["id"].tolist()]
        said["heated"] = sorted(planner.read("cameras")["heated"].dropna().tolist())
    print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
