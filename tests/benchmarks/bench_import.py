"""Time the import of a million addresses into the server database, and pages of it from the first to the last."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from geo.storage.postgis.maintenance import upgrade
from geo.storage.postgis.store import PostgisStore, open_database
from tests import postgres

LIMIT = 60.0  # seconds, for a million rows
PAGE = 100


def addresses(count: int) -> gpd.GeoDataFrame:
    """Return addresses of a county of 690 grids, every field filled."""
    rng = np.random.default_rng(1)
    village, group, door = (rng.integers(0, top, count) for top in (200, 12, 2000))
    texts = [f"青石镇{v}村{g}组{d}号" for v, g, d in zip(village, group, door, strict=True)]
    return gpd.GeoDataFrame(
        {
            "id": [f"a{number:07d}" for number in rng.permutation(count)],
            "text": texts,
            "standard": [f"甘肃省武威市古浪县{text}" for text in texts],
            "aliases": [f"{v}村{d}" for v, d in zip(village, door, strict=True)],
            "building": [f"b{number % 40_000}" for number in range(count)],
            "grid": [f"620622{number % 690:06d}" for number in range(count)],
        },
        geometry=shapely.points(rng.uniform((102, 37), (103.2, 37.8), (count, 2))),
        crs="EPSG:4326",
    )


def timed(what: str, work, *, limit: float | None = None) -> None:
    """Print how long something takes, and whether that is within the limit."""
    start = time.perf_counter()
    done = work()
    spent = time.perf_counter() - start
    verdict = "" if limit is None else f", goal {limit:.0f} s: {'held' if spent <= limit else 'MISSED'}"
    print(f"{what}: {spent:.1f} s{verdict}  {done}", flush=True)


def pages(store: PostgisStore, count: int) -> None:
    """Print the milliseconds of a page at the beginning, in the middle and at the end."""
    for number in (1, 10, 100, 1_000, count // PAGE):
        after = f"a{(number - 1) * PAGE - 1:07d}" if number > 1 else None
        spent = []
        for _ in range(20):
            start = time.perf_counter()
            page = store.read("addresses", after=after, limit=PAGE)
            spent.append(time.perf_counter() - start)
        assert page["id"].iloc[0] == f"a{(number - 1) * PAGE:07d}"
        print(f"page {number:6d}: {np.median(spent) * 1e3:.1f} ms", flush=True)


def main(argv: Sequence[str] | None = None) -> None:
    """Import into an empty table, again unchanged, again with a tenth changed, then read pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--addresses", type=int, default=1_000_000)
    asked, _ = parser.parse_known_args(argv)
    count = asked.addresses
    frame = addresses(count)
    changed = frame.copy()
    changed.loc[::10, "building"] = "new"
    with tempfile.TemporaryDirectory() as folder:
        # Durable, as a county server runs it: the tests' cluster trusts the power supply.
        cluster = postgres.Cluster(
            Path(folder) / "cluster", settings={"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
        )
        try:
            with postgres.fresh_database(cluster.url) as url:
                upgrade(url)
                login = postgres.service_url(url)
                with open_database(login) as store:
                    limit = LIMIT * count / 1_000_000
                    write = lambda rows, mode: lambda: store.write("addresses", rows, mode, actor="bench")  # noqa: E731
                    timed(f"{count:,} addresses into an empty layer", write(frame, "upsert"), limit=limit)
                    timed("the same again", write(frame, "upsert"))
                    timed("a tenth of them changed", write(changed, "replace"), limit=limit)
                    pages(store, count)
        finally:
            cluster.close()


if __name__ == "__main__":
    main()
