"""Index a million stored addresses in villages of the five areas, and time one address after another on one core."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

import geo
from geo.places.address import book_file
from tests.benchmarks import address_peers
from tests.benchmarks.address_noise import CLASSES, labelled_addresses
from tests.benchmarks.bench_addresses import DATA, frames, resident_mb
from tests.benchmarks.named_divisions import Divisions, read_divisions
from tests.benchmarks.noise_classes import plain_name

ADDRESSES = 1_000_000
GROUPS = 12
#: Addresses asked of each kind.
ASKED = 20_000
#: pg_trgm takes a tenth of a second and more.
ASKED_OF_PEER = 100


def stored(divisions: Divisions, count: int) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Return addresses, divisions and grids: groups of villages are grids, doors are addresses in them."""
    villages, known, grids = frames(divisions)
    rng = np.random.default_rng(1)
    village = np.arange(count) % len(villages)
    order = np.arange(count) // len(villages)
    group, door = order % GROUPS + 1, order // GROUPS + 1
    above = [divisions.ancestry(code) for code in villages["grid"]]
    short = [one["township"].name + plain_name(one["village"]) for one in above]
    county = ["".join(one[level].name for level in ("province", "city", "county")) for one in above]
    tails = [f"{g}组{d}号" for g, d in zip(group.tolist(), door.tolist(), strict=True)]
    texts = [short[v] + tail for v, tail in zip(village.tolist(), tails, strict=True)]
    codes = villages["grid"].to_numpy()
    grid = [f"{codes[v]}{g:03d}" for v, g in zip(village.tolist(), group.tolist(), strict=True)]
    lon = villages.geometry.x.to_numpy()[village] + rng.uniform(-1e-5, 1e-5, count)
    lat = villages.geometry.y.to_numpy()[village] + rng.uniform(-1e-5, 1e-5, count)
    addresses = gpd.GeoDataFrame(
        {"text": texts, "standard": [county[v] + text for v, text in zip(village.tolist(), texts, strict=True)],
         "grid": grid}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326",
    )  # fmt: skip
    of_groups = grids.loc[grids.index.repeat(GROUPS)].reset_index(drop=True)
    number = [f"{n:03d}" for _ in range(len(grids)) for n in range(1, GROUPS + 1)]
    of_groups["code"] = of_groups["code"] + number
    return addresses, known, of_groups


def queries(addresses: gpd.GeoDataFrame, divisions: Divisions) -> dict[str, list[str]]:
    """Return texts by kind: as stored, with a room, with the county, with one digit other, with noise, unknown."""
    rng = random.Random(1)
    rows = [rng.randrange(len(addresses)) for _ in range(ASKED)]
    texts = addresses["text"].to_numpy()[rows].tolist()
    noisy = labelled_addresses(divisions, half="held_out", count=ASKED // len(CLASSES))
    return {
        "as stored": texts,
        "with a room": [f"{text}3单元501室" for text in texts],
        "with the county": addresses["standard"].to_numpy()[rows].tolist(),
        "a door that is not stored": [text.removesuffix("号") + "9号" for text in texts],
        "with noise": [f"{item.text}" for item in noisy],
        "with noise, a group and a door": [
            f"{item.text}{rng.randint(1, 12)}组{rng.randint(1, 30)}号" for item in noisy
        ],
    }


def time_each(match: Callable[[str], object], texts: Sequence[str], *, times: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return the least seconds of processor time and of wall time of each; others may use the machine meanwhile."""
    spent, passed = np.full(len(texts), np.inf), np.full(len(texts), np.inf)
    for _ in range(times):
        for n, text in enumerate(texts):
            begun, at = time.perf_counter(), time.thread_time()
            match(text)
            spent[n] = min(spent[n], time.thread_time() - at)
            passed[n] = min(passed[n], time.perf_counter() - begun)
    return spent, passed


def peak_mb() -> float:
    """Return the most memory that this process has held, MB; nan where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))


def forget_peak() -> None:
    """Begin to measure the peak anew: making the addresses to index takes more memory than indexing them."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def print_trigrams(addresses: gpd.GeoDataFrame, asked: dict[str, list[str]]) -> None:
    """Print how long pg_trgm takes for the nearest of the same addresses."""
    rows = list(zip(addresses["grid"], addresses["standard"], strict=True))
    begun = time.perf_counter()
    with address_peers.trigram_index(rows) as nearest:
        if nearest is None:
            print("pg_trgm: no PostgreSQL here")
            return
        print(f"pg_trgm: loaded and indexed (GiST) in {time.perf_counter() - begun:.0f} s")
        for name, texts in asked.items():
            _, spent = time_each(nearest, texts[:: max(1, len(texts) // ASKED_OF_PEER)][:ASKED_OF_PEER])
            p50, p95 = np.percentile(spent, [50, 95]) * 1e3
            print(f"  {name:32} {1 / spent.mean():7,.0f}/s, clock p50 {p50:.1f} ms, p95 {p95:.1f} ms (of {len(spent)})")


def reloaded(book: geo.AddressBook, first: str, known: pd.DataFrame, grids: pd.DataFrame) -> geo.AddressBook:
    """Print how long the book takes to be written to a file and read again, and the first answer of what was read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.npz"
        begun = time.process_time()
        book_file.save(book, path, "million")
        wrote, size = time.process_time() - begun, path.stat().st_size / 1e6
        begun, at = time.perf_counter(), time.process_time()
        kept = book_file.load(path, "million", divisions=known, grids=grids)
        wall, cpu = time.perf_counter() - begun, time.process_time() - at
    assert kept is not None
    (spent,), _ = time_each(kept.book.match, [first])
    print(
        f"kept in {wrote:.1f} s CPU, {size:,.0f} MB; read again in {wall:.1f} s ({cpu:.1f} s CPU, goal 3 s); "
        f"first answer {spent * 1e3:.1f} ms (goal 100)",
        flush=True,
    )
    return kept.book


def main(argv: Sequence[str] = ()) -> None:
    """Build the index once and ask it; a process held to one core is a core."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--addresses", type=int, default=ADDRESSES)
    parser.add_argument("--asked", type=int, default=ASKED, help="texts of each kind")
    parser.add_argument("--times", type=int, default=1, help="ask each so often, keep the least: for a busy machine")
    asked = parser.parse_args(list(argv))
    if not DATA.is_dir():
        print(f"real data folder {DATA} is absent (set GRIDSIGHT_DATA)")
        return
    divisions = read_divisions(DATA)
    addresses, known, grids = stored(divisions, asked.addresses)
    texts = queries(addresses, divisions)
    first = texts["as stored"][0]
    gc.collect()
    forget_peak()
    before, begun, cpu = resident_mb(), time.perf_counter(), time.process_time()
    book = geo.AddressBook(addresses, known, grids=grids)
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    held = resident_mb() - before
    print(
        f"{len(addresses):,} addresses, {len(grids):,} grids: built in {wall:.1f} s ({cpu:.1f} s CPU, goal 60 s on two "
        f"cores), {held:,.0f} MB more resident, peak {peak_mb():,.0f} MB (goal 1,200), {before:,.0f} of it data"
    )
    book = reloaded(book, first, known, grids)
    gc.collect()
    gc.freeze()  # as the service does: to collect over a million addresses would block requests
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if cores:
        os.sched_setaffinity(0, {min(cores)})
    for name, some in texts.items():
        spent, passed = time_each(book.match, some[: asked.asked], times=asked.times)
        p50, p95, p100 = np.percentile(spent, [50, 95, 100]) * 1e3
        wall = np.percentile(passed, [95, 100]) * 1e3
        of_one = f"p50 {p50:.3f} ms, p95 {p95:.3f} ms, p100 {p100:.1f} ms"
        by_clock = f"clock p95 {wall[0]:.3f} ms, p100 {wall[1]:.1f} ms"
        print(f"  {name:31} {len(spent) / spent.sum():7,.0f}/s, {of_one}; {by_clock}", flush=True)
    if cores:
        os.sched_setaffinity(0, cores)
    if not asked.no_peers:
        print_trigrams(addresses, texts)


if __name__ == "__main__":
    main(sys.argv[1:])
