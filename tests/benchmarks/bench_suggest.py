"""Time suggestions in a book of a million addresses, typed letter by letter as a search box asks for them."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

import geo
from geo.places.address.similar_characters import syllables
from tests.benchmarks.bench_addresses import resident_mb
from tests.benchmarks.bench_million import time_each

ADDRESSES, VILLAGES, VILLAGES_OF_A_TOWNSHIP = 1_000_000, 3_000, 25
#: Names asked for, each once letter by letter in every kind of typing.
ASKED = 300
#: Share of addresses that are of no village's groups but of streets and estates, each with few doors.
STREETS = 0.2
_CHARACTERS = (
    "新胜土门古浪丰山河水沟泉湾滩坪坝庄屯堡寨岭坡口头大小上下东西南北中前后"
    "白黄红青石林柳杨槐桃李王张马刘陈赵高长平安乐永兴和太民光明友谊"
)
_STREET_ENDS = ("路", "街", "巷", "小区", "家园", "广场", "市场")


def made(addresses: int, villages: int) -> tuple[gpd.GeoDataFrame, pd.DataFrame, list[str]]:
    """Return addresses and divisions of a made county, and the names in it."""
    rng = random.Random(1)

    def name(size: int) -> str:
        return "".join(rng.choice(_CHARACTERS) for _ in range(size))

    townships = -(-villages // VILLAGES_OF_A_TOWNSHIP)
    of_township = [name(2) + "镇" for _ in range(townships)]
    of_village = [name(rng.choice((2, 2, 3))) + "村" for _ in range(villages)]
    codes = [f"9901{k // 1000:02}{k % 1000:03}" for k in range(townships)]
    divisions = pd.DataFrame(
        {
            "code": [
                "990100",
                *codes,
                *(f"{codes[v // VILLAGES_OF_A_TOWNSHIP]}{v % 1000:03}" for v in range(villages)),
            ],
            "name": ["古浪县", *of_township, *of_village],
            "level": ["county", *["township"] * townships, *["village"] * villages],
            "parent": [None, *["990100"] * townships, *(codes[v // VILLAGES_OF_A_TOWNSHIP] for v in range(villages))],
        }
    )
    streets = [name(rng.choice((2, 3))) + rng.choice(_STREET_ENDS) for _ in range(int(addresses * STREETS) // 4)]
    texts = []
    for k in range(addresses):
        village = k % villages
        place = of_township[village // VILLAGES_OF_A_TOWNSHIP] + of_village[village]
        door = k // villages
        tail = f"{door % 12 + 1}组" if rng.random() >= STREETS else rng.choice(streets)
        texts.append(f"{place}{tail}{door + 1}号")
    points = np.random.default_rng(1).uniform((102, 37), (103.2, 37.8), (addresses, 2))
    frame = gpd.GeoDataFrame({"text": texts}, geometry=gpd.points_from_xy(*points.T), crs="EPSG:4326")
    return frame, divisions, [*of_township, *of_village, *streets]


def typed(names: Sequence[str]) -> dict[str, list[str]]:
    """Return what is in the box after each key, by the way that somebody types."""
    rng = random.Random(2)
    some = rng.sample(list(names), ASKED)
    ways = [syllables(one, 1)[0] for one in some]

    def keys(text: str) -> list[str]:
        return [text[:end] for end in range(1, len(text) + 1)]

    return {
        "characters": [part for one in some for part in keys(one)],
        "pinyin": [part for way in ways for part in keys("".join(way))],
        "initials": [part for way in ways for part in keys("".join(one[0] for one in way))],
        "a character, then initials": [
            one[0] + part for one, way in zip(some, ways, strict=True) for part in keys("".join(p[0] for p in way[1:]))
        ],
        "a syllable, then initials": [
            way[0] + part for way in ways for part in keys("".join(p[0] for p in way[1:]))
        ],
        "the county, then the name": ["古浪县" + part for one in some for part in keys(one)],
        "one letter": [letter for letter in "abcdefghjklmnopqrstwxyz" for _ in range(20)],
    }  # fmt: skip


def main(argv: Sequence[str] = ()) -> None:
    """Build the index and ask it on one core; peers that suggest Chinese places in process are not known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--addresses", type=int, default=ADDRESSES)
    asked = parser.parse_args(list(argv))
    addresses, divisions, names = made(asked.addresses, VILLAGES)
    book = geo.AddressBook(addresses, divisions)
    before, begun, cpu = resident_mb(), time.perf_counter(), time.process_time()
    book.suggest("g")
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    held = resident_mb() - before
    print(
        f"{len(addresses):,} addresses, {VILLAGES:,} villages: the first suggestion takes {wall:.1f} s "
        f"({cpu:.1f} s CPU, goal 5 s), {held:,.0f} MB more resident"
    )
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if cores:
        os.sched_setaffinity(0, {min(cores)})
    for near in (None, (102.6, 37.4)):
        for name, some in typed(names).items():
            spent, passed = time_each(lambda text, near=near: book.suggest(text, near=near), some)
            p50, p95, p100 = np.percentile(spent, [50, 95, 100]) * 1e3
            seen = "near a view" if near else "anywhere"
            print(
                f"  {name:28} {seen:12} {len(spent):6,} times: p50 {p50:.2f} ms, p95 {p95:.2f} ms (goal 5), "
                f"p100 {p100:.1f} ms; clock p95 {np.percentile(passed, 95) * 1e3:.2f} ms",
                flush=True,
            )
    if cores:
        os.sched_setaffinity(0, cores)


if __name__ == "__main__":
    main(sys.argv[1:])
