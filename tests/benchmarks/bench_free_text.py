"""Find places by free text: how often the first, and one of the first five candidates, is the place meant.

Places are made for townships of the five areas (name, road, door, part) and read from Helsinki's OpenStreetMap; each is
in a grid of its own. Texts leave parts out, shorten and reorder them, and have slips. Beside the book stands BM25 over
single characters and pairs of them, which finds the place first in 0.852 of GeoGLUE's pairs.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely

import geo
from tests.benchmarks.bench_addresses import DATA, HALVES, share
from tests.benchmarks.made_places import made_places, made_texts
from tests.benchmarks.named_divisions import read_divisions

PLACES = 10_000
ASKED = 2_000


@dataclass(frozen=True)
class NamedAddress:
    """A place of Helsinki."""

    name: str
    street: str
    number: str
    city: str

    @property
    def text(self) -> str:
        """Return the whole address."""
        return ", ".join((self.name, f"{self.street} {self.number}", self.city))


class _Named(osmium.SimpleHandler):
    """Collect named places that have an address; of one name in one street the first."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[tuple[str, str], NamedAddress] = {}

    def node(self, one: osmium.osm.Node) -> None:
        """Keep a node that has all parts."""
        tags = one.tags
        if "name" in tags and "addr:street" in tags and "addr:housenumber" in tags:
            name, street, number = (tags[key] for key in ("name", "addr:street", "addr:housenumber"))
            city = f"{tags.get('addr:postcode', '')} Helsinki".strip()
            self.found.setdefault((name.lower(), street), NamedAddress(name, street, number, city))


def helsinki_places(folder: Path) -> list[NamedAddress]:
    """Return the named places with an address of the extract."""
    reader = _Named()
    reader.apply_file(str(folder / "helsinki/Helsinki.osm.pbf"))
    return list(reader.found.values())


def helsinki_texts(places: Sequence[NamedAddress], count: int) -> list[tuple[str, str, int]]:
    """Return form, text and the row of the place meant."""
    rng = random.Random(6)
    forms: dict[str, Callable[[NamedAddress], str]] = {
        "name and street": lambda one: f"{one.name}, {one.street}",
        "address first": lambda one: f"{one.street} {one.number} {one.name}",
        "lower case, no number": lambda one: f"{one.name} {one.street} {one.city}".lower(),
        "one letter left out": lambda one: f"{_without_one(rng, one.name)}, {one.street} {one.number}",
    }
    return [
        (name, write(places[row]), row)
        for name, write in forms.items()
        for row in rng.sample(range(len(places)), min(len(places), count // len(forms)))
    ]


def _without_one(rng: random.Random, name: str) -> str:
    at = rng.randrange(len(name))
    return name[:at] + name[at + 1 :]


class Bm25:
    """Rank texts by BM25 over characters and pairs of characters (Robertson and Zaragoza 2009, k1 1.2, b 0.75)."""

    def __init__(self, texts: Sequence[str]) -> None:
        postings: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        size = np.zeros(len(texts))
        for row, text in enumerate(texts):
            terms = _terms(text)
            size[row] = len(terms)
            for term in terms:
                postings[term][row] += 1
        self._count = len(texts)
        self._postings: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for term, rows in postings.items():
            at = np.fromiter(rows, np.int64, len(rows))
            often = np.fromiter(rows.values(), np.float64, len(rows))
            weight = math.log(1 + (len(texts) - len(rows) + 0.5) / (len(rows) + 0.5))
            norm = often + 1.2 * (0.25 + 0.75 * size[at] / size.mean())
            self._postings[term] = (at, weight * often * 2.2 / norm)

    def best(self, text: str, most: int) -> list[int]:
        """Return the rows of the best texts, the best first."""
        score = np.zeros(self._count)
        for term in _terms(text):
            if term in self._postings:
                rows, add = self._postings[term]
                score[rows] += add
        top = np.argpartition(-score, most)[:most]
        return [int(row) for row in top[np.argsort(-score[top], kind="stable")]]


def _terms(text: str) -> list[str]:
    plain = "".join(char for char in text.lower() if char.isalnum())
    return [*plain, *(plain[at : at + 2] for at in range(len(plain) - 1))]


def measure(
    title: str,
    whole: Sequence[str],
    texts: Sequence[tuple[str, str, int]],
    known: pd.DataFrame | None = None,
    *,
    misses: int = 0,
) -> None:
    """Print recall at 1 and 5 of the book and of BM25, by form and in all."""
    rng = np.random.default_rng(7)
    grids = [f"g{row:05d}" for row in range(len(whole))]
    points = shapely.points(rng.uniform(100, 101, len(whole)), rng.uniform(30, 31, len(whole)))
    addresses = gpd.GeoDataFrame({"text": list(whole), "grid": grids}, geometry=points, crs="EPSG:4326")
    book, bm25 = geo.AddressBook(addresses, known), Bm25(whole)
    ranks: dict[str, list[tuple[int, int]]] = defaultdict(list)
    spent = 0.0
    for form, text, row in texts:
        begun = time.perf_counter()
        answer = book.match(text)
        spent += time.perf_counter() - begun
        ours = [str(one.grid["code"]) for one in answer.candidates if one.grid]
        theirs = bm25.best(text, 10)
        ranks[form].append((_rank(ours, grids[row]), _rank(theirs, row)))
        if ranks[form][-1][0] and sum(rank[0] > 0 for rank in ranks[form]) <= misses:
            first = whole[grids.index(ours[0])] if ours else "-"
            print(f"  {form}: {text!r} {answer.status} {first}, meant {whole[row]} ({len(ours)} candidates)")
    ranks["in all"] = [one for rows in ranks.values() for one in rows]
    print(f"-- {title}: {len(whole):,} places, {len(texts):,} texts, {len(texts) / spent:,.0f}/s")
    print(f"  {'':24} {'n':>5} {'@1':>6} {'@5':>6} {'BM25@1':>7} {'@5':>6}")
    for form, rows in ranks.items():
        ours_1, ours_5, bm25_1, bm25_5 = (
            np.mean([rank[who] < most for rank in rows]) for who in (0, 1) for most in (1, 5)
        )
        print(f"  {form:24} {len(rows):>5} {ours_1:6.1%} {ours_5:6.1%} {bm25_1:7.1%} {bm25_5:6.1%}")
    every = ranks["in all"]
    print(f"  in all, ours: @1 {share([one[0] < 1 for one in every])}, @5 {share([one[0] < 5 for one in every])}")
    print("  goal: @1 0.90, @5 0.98")


def _rank(found: Sequence[object], meant: object) -> int:
    return list(found).index(meant) if meant in found else sys.maxsize


def main(argv: Sequence[str] = ()) -> None:
    """Measure the made Chinese places and those of Helsinki."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--places", type=int, default=PLACES)
    parser.add_argument("--misses", type=int, default=0, help="print so many misses of each form, of tune only")
    asked = parser.parse_args(list(argv))
    if not DATA.is_dir():
        print(f"real data folder {DATA} is absent (set GRIDSIGHT_DATA)")
        return
    divisions = read_divisions(DATA)
    known = pd.DataFrame(
        [(one.code, one.name, one.level) for one in divisions.places.values()], columns=["code", "name", "level"]
    )
    places = made_places(divisions, asked.places)
    for half in HALVES:
        texts = made_texts(places, ASKED, half=half)
        measure(
            f"made places, {half}",
            [place.text for place in places],
            texts,
            known,
            misses=(half == "tune") * asked.misses,
        )
    named = helsinki_places(DATA)
    measure("Helsinki", [place.text for place in named], helsinki_texts(named, ASKED))


if __name__ == "__main__":
    main(sys.argv[1:])
