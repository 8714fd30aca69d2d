"""Ask the address book for labelled addresses: how often each level is right, and how often a match is wrong.

The book knows the villages of the five areas, or those of the whole nation. Each village is a grid, so that the grid
of an answer is the village it means. Every figure is printed for both halves; only ``held_out`` counts.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import math
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import geo
from geo.places.address.similar_characters import prepare_characters
from geo.types import Candidate, Match
from tests.benchmarks import address_peers
from tests.benchmarks.address_noise import CLASSES, LabelledAddress, labelled_addresses
from tests.benchmarks.address_peers import PeerAnswers
from tests.benchmarks.hostile_addresses import hostile_texts
from tests.benchmarks.named_divisions import LEVELS, Divisions, read_divisions
from tests.benchmarks.noise_classes import SLIPS

DATA = Path(os.environ.get("GRIDSIGHT_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
HALVES = ("tune", "held_out")
#: Addresses of each class and half.
COUNT = 200
#: Addresses of each class that the peers are asked too: some of them answer 30 a second.
PEER_COUNT = 50
#: A tenth of the scores with fewer answers says nothing of the calibration.
LEAST_OF_TENTH = 100
#: Outcomes of which one village is the right answer.
_ONE = ("one", "near", "unclear")
_MUST_NOT_MATCH = ("several", "none")


@dataclass(frozen=True)
class Answer:
    """What was asked, and what the best candidate said: codes of its chain and grid, best candidates' grids."""

    asked: LabelledAddress
    status: str
    codes: tuple[str, ...]
    grids: tuple[str, ...]
    score: float
    seconds: float

    def is_right(self, level: str) -> bool:
        """Return whether the best candidate is in the place of this level that the text means."""
        return any(code.startswith(self.asked.gold[level]) for code in self.codes)

    @property
    def found(self) -> bool:
        """Return whether the best candidate is the village meant."""
        return self.asked.outcome != "none" and any(code.startswith(self.asked.meant) for code in self.codes)

    @property
    def chance(self) -> float:
        """Return how likely the best candidate is what the writer means: where several villages fit, each may be.

        Which of them a text was made of was drawn by lot, so that to count hits would count the luck of the draw.
        """
        if not any(code.startswith(self.asked.villages) for code in self.codes):
            return 0.0
        return 1 / len(self.asked.villages)

    @property
    def is_wrong_match(self) -> bool:
        """Return whether it was matched though it is elsewhere, is a guess, or contradicts itself."""
        return self.status == "matched" and (self.asked.outcome in _MUST_NOT_MATCH or not self.found)


def frames(divisions: Divisions, *, with_addresses: bool = True) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Return addresses, divisions and grids: one address and one grid a village, on made points.

    The nearer two codes are, the nearer their points: townships lie together, and counties too.
    """
    places = list(divisions.places.values())
    known = pd.DataFrame(
        {
            "code": [place.code for place in places],
            "name": [place.name for place in places],
            "level": [place.level for place in places],
            "parent": [_parent(place.code) for place in places],
            "aliases": [divisions.old_names.get(place.code) for place in places],
        }
    )
    villages = known[known["level"] == "village"]
    place_of_code = np.array([int(code) for code in villages["code"]], dtype=np.int64)
    lon = 100 + (place_of_code // 1_000_000 % 9973) / 9973 * 10 + (place_of_code % 1000) % 37 / 37e3
    lat = 30 + (place_of_code // 1000 % 997) / 997 * 5 + (place_of_code % 1000) // 37 / 37e3
    points = shapely.points(lon, lat)
    texts = ["".join(place.name for place in divisions.ancestry(code).values()) for code in villages["code"]]
    addresses = gpd.GeoDataFrame({"text": texts, "grid": list(villages["code"])}, geometry=points, crs="EPSG:4326")
    grids = gpd.GeoDataFrame(
        {"code": list(villages["code"]), "name": list(villages["name"]), "kind": "general", "level": 1,
         "village": list(villages["code"])}, geometry=shapely.buffer(points, 1e-5, quad_segs=1), crs="EPSG:4326",
    )  # fmt: skip
    return addresses if with_addresses else addresses.iloc[:0], known, grids


def _parent(code: str) -> str | None:
    return {2: None, 4: code[:2], 6: code[:4], 9: code[:6], 12: code[:9]}[len(code)]


def ask(match: Callable[[str], Match], items: Iterable[LabelledAddress]) -> list[Answer]:
    """Return the answer to each address, timed one by one."""
    found = []
    gc.collect()
    gc.freeze()  # what the benchmark holds itself is no work of an address: to walk through it takes 100 ms
    for item in items:
        begun = time.thread_time()  # of the processor: others may use the machine meanwhile
        answer = match(item.text)
        spent = time.thread_time() - begun
        best = answer.candidates[0] if answer.candidates else None
        grids = tuple(str(one.grid["code"]) for one in answer.candidates if one.grid)
        score = float(best.score) if best else 0.0
        found.append(Answer(item, answer.status, _codes(best), grids, score, spent))
    return found


def _codes(candidate: Candidate | None) -> tuple[str, ...]:
    if candidate is None:
        return ()
    grid = [str(candidate.grid["code"])] if candidate.grid else []
    return (*(str(link["code"]) for link in candidate.chain), *grid)


def wilson(right: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    Examples
    --------
    >>> [round(end, 3) for end in wilson(97, 100)]
    [0.915, 0.99]
    """
    if not of:
        return (0.0, 1.0)
    z, share = 1.96, right / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def share(rows: Sequence[bool]) -> str:
    """Return a share with its interval and count, as text."""
    if not rows:
        return "-"
    low, high = wilson(sum(rows), len(rows))
    return f"{np.mean(rows):.1%} [{low:.1%}, {high:.1%}] of {len(rows)}"


def print_totals(answers: Sequence[Answer]) -> None:
    """Print what the goals are set on."""
    single = [one for one in answers if one.asked.outcome in _ONE]
    leveled = {level: [one for one in answers if level in one.asked.gold] for level in LEVELS}
    county, township = leveled["county"], leveled["township"]
    written = [one.is_right("county") for one in county if "county" in one.asked.written]
    omitted = [one.is_right("county") for one in county if "county" not in one.asked.written]
    village = [one.found for one in single if one.asked.outcome != "unclear"]
    matched = [one for one in answers if one.status == "matched"]
    able = [one.status == "matched" for one in answers if one.asked.outcome == "one"]
    rows = {
        "county@1, written (goal 99.5 %)": written,
        "county@1, omitted (goal 97 %)": omitted,
        "township@1 (goal 99 %)": [one.is_right("township") for one in township],
        "village@1, no wrong character (goal 98 %)": [
            one.found for one in single if SLIPS.keys().isdisjoint(one.asked.noise)
        ],
        "village@1": village,
        "village@1, unclear slips too": [one.found for one in single],
        "homophone, township given (goal 99 %)": _of_class(answers, "homophone"),
        "any wrong character, township given (goal 95 %)": _of_class(answers, "any_character"),
        "the same, where another village is as near, too": _of_class(answers, "any_character", _ONE),
        "wrong among matched (goal <= 0.5 %)": [one.is_wrong_match for one in matched],
        "matched of those that can be (goal 90 %)": able,
        "matched of those that are only near something": _matched(answers, "near"),
        "matched of contradictions": _matched(answers, "none"),
        "ambiguous or partial of names not unique": [
            one.status in ("ambiguous", "partial") for one in answers if one.asked.outcome == "several"
        ],
    }
    for name, right in rows.items():
        print(f"  {name:50} {share(right)}")


def _of_class(answers: Sequence[Answer], name: str, outcomes: Sequence[str] = ("one", "near")) -> list[bool]:
    return [one.found for one in answers if one.asked.noise[0] == name and one.asked.outcome in outcomes]


def _matched(answers: Sequence[Answer], outcome: str) -> list[bool]:
    return [one.status == "matched" for one in answers if one.asked.outcome == outcome]


def print_classes(answers: Sequence[Answer]) -> None:
    """Print a line a class of noise."""
    print(
        f"  {'class':26} {'n':>5} {'county':>7} {'townsh.':>7} {'village':>7} {'in all':>7} {'matched':>7} {'wrong':>6}"
    )
    for name in dict.fromkeys(one.asked.noise[0] for one in answers):
        rows = [one for one in answers if one.asked.noise[0] == name]
        single = [one for one in rows if one.asked.outcome in _ONE]
        columns = [
            [one.is_right("county") for one in rows if "county" in one.asked.gold],
            [one.is_right("township") for one in rows if "township" in one.asked.gold],
            [one.found for one in single],
            [one.asked.meant in one.grids for one in single],
            [one.status == "matched" for one in rows],
        ]
        cells = "".join(f" {f'{np.mean(one):.1%}' if one else '-':>7}" for one in columns)
        print(f"  {name:26} {len(rows):>5}{cells} {sum(one.is_wrong_match for one in rows):>6}")


def tenths(answers: Sequence[Answer]) -> list[tuple[int, float, float]]:
    """Return how many answers each tenth of the scores has, their mean score and true share: see `Answer.chance`."""
    scored = [one for one in answers if one.codes]
    found = []
    for tenth in range(10):
        rows = [one for one in scored if min(int(one.score * 10), 9) == tenth]
        if rows:
            mean = float(np.mean([one.score for one in rows]))
            found.append((len(rows), mean, float(np.mean([one.chance for one in rows]))))
    return found


def print_calibration(answers: Sequence[Answer]) -> None:
    """Print the mean score and the true share of each tenth of the scores that has answers."""
    found = tenths(answers)
    for count, mean, right in found:
        print(f"  score {mean:.3f}: right {right:.1%} of {count}, apart {abs(mean - right):.3f}")
    worst = max((abs(mean - right) for count, mean, right in found if count >= LEAST_OF_TENTH), default=math.nan)
    print(f"  worst tenth holding {LEAST_OF_TENTH}: {worst:.3f} (goal 0.03)")


def print_speed(answers: Sequence[Answer]) -> None:
    """Print how many addresses a second on one core, and how long one takes."""
    spent = np.array([one.seconds for one in answers])
    p50, p95, p100 = np.percentile(spent, [50, 95, 100]) * 1e3
    print(f"  {len(spent) / spent.sum():,.0f} addresses/s, p50 {p50:.3f} ms, p95 {p95:.3f} ms, p100 {p100:.3f} ms")


def print_misses(answers: Sequence[Answer], most: int) -> None:
    """Print addresses that were answered wrongly, or not matched though they can be: of what may be looked at only."""
    for name in CLASSES:
        rows = [one for one in answers if one.asked.noise[0] == name]
        missed = [
            one
            for one in rows
            if one.is_wrong_match
            or (one.asked.outcome in _ONE and not one.found)
            or (one.asked.outcome == "one" and one.status != "matched")
            or any(not one.is_right(level) for level in one.asked.gold)
        ]
        for one in missed[:most]:
            best = one.codes[-1] if one.codes else "-"
            print(
                f"  {'/'.join(one.asked.noise)}: {one.asked.text!r} {one.status} {best} {one.score:.3f}, "
                f"meant {one.asked.meant} ({one.asked.outcome})"
            )


def as_peer(answers: Sequence[Answer]) -> PeerAnswers:
    """Return our answers as a peer's; only what is matched is not in doubt."""
    right = [{level: level in one.asked.gold and one.is_right(level) for level in LEVELS} for one in answers]
    sure = [one.status == "matched" for one in answers]
    return PeerAnswers("ours", right, sure, len(answers) / sum(one.seconds for one in answers))


def resident_mb() -> float:
    """Return the memory that this process holds now, MB, without what it freed; nan where the system does not tell."""
    gc.collect()
    status = Path("/proc/self/status")
    if not status.exists():
        return math.nan
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # of glibc
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmRSS"))


def print_hostile(match: Callable[[str], Match], divisions: Divisions, most: int = 5) -> None:
    """Print how long the texts take that are made to take long, the longest first."""
    match("xinsheng cun")  # what is sorted by pinyin once
    spent = []
    for name, text in hostile_texts(divisions).items():
        begun = time.thread_time()
        match(text)
        spent.append(((time.thread_time() - begun) * 1e3, name))
    for taken, name in sorted(spent, reverse=True)[:most]:
        print(f"  {taken:.1f} ms: {name} (goal 50 ms)")


def measure(
    divisions: Divisions,
    name: str,
    *,
    with_addresses: bool,
    count: int,
    classes: Sequence[str] | None = None,
    misses: int = 0,
    peers: bool = False,
) -> None:
    """Build a book and print all figures of both halves."""
    made = frames(divisions, with_addresses=with_addresses)
    before, begun, at = resident_mb(), time.perf_counter(), time.process_time()
    book = geo.AddressBook(made[0], made[1], grids=made[2])
    built, cpu = time.perf_counter() - begun, time.process_time() - at
    gc.collect()
    gc.freeze()  # as the service does: no address waits until all that is kept was walked through
    prepare_characters()  # nor for the tables of characters
    print(f"\n-- {name}: {len(made[1]):,} divisions, {len(made[0]):,} addresses", flush=True)
    print(f"  built in {built:.2f} s ({cpu:.1f} s CPU), {resident_mb() - before:,.0f} MB more resident")
    for half in HALVES:
        items = labelled_addresses(divisions, half=half, count=count, classes=classes)
        answers = ask(book.match, items)
        print(f" {half}: {len(answers):,} addresses, {count} of a class")
        print_totals(answers)
        print_speed(answers)
        print_classes(answers)
        print_calibration(answers)
        if half == "tune":
            print_misses(answers, misses)
        elif peers:
            of_class: Counter[str] = Counter()
            some = []
            for one in answers:
                of_class[one.asked.noise[0]] += 1
                some += [one] if of_class[one.asked.noise[0]] <= PEER_COUNT else []
            address_peers.print_beside(as_peer(some), [one.asked for one in some], divisions)
    print_hostile(book.match, divisions)


def main(argv: Sequence[str] = ()) -> None:
    """Measure the five areas, without addresses, and with the nation around them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--count", type=int, default=COUNT, help="addresses of each class and half")
    parser.add_argument("--only", choices=("areas", "no-addresses", "nation"), help="one of the books")
    parser.add_argument("--classes", nargs="+", choices=[*CLASSES], help="some classes of noise; default all")
    parser.add_argument("--misses", type=int, default=0, help="print so many misses of each class, of tune only")
    asked = parser.parse_args(list(argv))
    if not DATA.is_dir():
        print(f"real data folder {DATA} is absent (set GRIDSIGHT_DATA)")
        return
    for name in ("areas", "no-addresses", "nation"):
        if asked.only in (None, name):
            measure(
                read_divisions(DATA, nation=name == "nation"), name, with_addresses=name != "no-addresses",
                count=asked.count, classes=asked.classes, misses=asked.misses,
                peers=name == "areas" and not asked.no_peers,
            )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
