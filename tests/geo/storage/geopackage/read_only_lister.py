"""List the runs of a workspace in a process of its own, as an account that cannot write to it.

Run with the path of the file, then names under which it is opened. Each name is opened once; each line of stdin asks
all of them, and a line of JSON answers: the ids of the runs, or the name of the error, for each.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from geo.errors import GeoError
from geo.storage.geopackage.store import GeoPackageStore, open_store
from tests.geo.storage.answers import give_up_root


def main(path: Path, *names: Path) -> None:
    give_up_root(path)
    stores: dict[Path, GeoPackageStore] = {}
    for _ in sys.stdin:
        print(json.dumps([listed(stores, name) for name in names]), flush=True)


def listed(stores: dict[Path, GeoPackageStore], name: Path) -> list[str] | str:
    try:
        if name not in stores:
            stores[name] = open_store(name, create=False)
        return [run.id for run in stores[name].runs()]
    except GeoError as error:
        return type(error).__name__


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
