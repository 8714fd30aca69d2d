"""Measure server mode under load with wrk on loopback: /locate, paging, and ten minutes with a database restart."""

from __future__ import annotations

import argparse
import base64
import json
import random
import re
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote, urlencode

import numpy as np

from tests.benchmarks.server_load_data import CountyServer, county_server

RATE = 200  # requests a second
THREADS = 16  # connections, one a thread, so that each answer is checked against its question
PAGE = 100
_SCRIPT = Path(__file__).with_name("locate.lua")


def main(argv: Sequence[str] | None = None) -> None:
    """Run the three parts over one county_server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="length of the endurance part")
    parser.add_argument("--addresses", type=int, default=1_000_000)
    parser.add_argument("--size", default="gulang")
    asked, _ = parser.parse_known_args(argv)
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    with county_server(addresses=asked.addresses, size=asked.size) as place, tempfile.TemporaryDirectory() as folder:
        load = Load(place, Path(folder))
        load.warm()
        load.steady(30)
        paging(place)
        load.endure(asked.minutes * 60)


class Load:
    """Put a steady load on /locate and check every answer against an oracle."""

    def __init__(self, place: CountyServer, folder: Path) -> None:
        self.place, self.folder = place, folder
        rng = np.random.default_rng(2)
        rows = rng.choice(len(place.addresses), 5_000, replace=False)
        texts = place.addresses["text"].to_numpy()[rows]
        points = place.addresses.geometry.to_numpy()[rows]
        lines = []
        for k, (text, point, code) in enumerate(zip(texts, points, place.owners(rows), strict=True)):
            where = {"address": text} if k % 2 else {"lon": f"{point.x:.9f}", "lat": f"{point.y:.9f}", "crs": "wgs84"}
            lines.append(f"/locate?{urlencode(where)}\t{code}")
        self.questions = folder / "questions.tsv"
        self.questions.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def warm(self) -> None:
        """Ask until the first answer: the index of addresses is built meanwhile, and the service says to wait (503)."""
        begun = time.perf_counter()
        line = self.questions.read_text(encoding="utf-8").splitlines()[1]
        status, body = self.place.get(line.partition("\t")[0])
        while status == 503 and time.perf_counter() - begun < 300:
            time.sleep(0.5)
            status, body = self.place.get(line.partition("\t")[0])
        print(
            f"first address after the start (index of all addresses): {time.perf_counter() - begun:.1f} s", flush=True
        )
        if status != 200:
            raise SystemExit(f"{status}: {body[:500]!r}")

    def steady(self, seconds: float) -> None:
        """Print the latency at the rate wanted."""
        found = self._wrk(seconds, "steady")
        rate = found["requests"] / found["seconds"]
        wrong, failed = self._reported("steady")
        print(
            f"/locate, one worker, {rate:.0f} requests/s for {found['seconds']:.0f} s: p50 {found['p50']:.2f} ms, "
            f"p95 {found['p95']:.2f} ms (goal 10), p99 {found['p99']:.2f}; wrong {len(wrong)}, failed {len(failed)}",
            flush=True,
        )
        for line in (*wrong[:3], *failed[:3]):
            print("   ", line)

    def endure(self, seconds: float) -> None:
        """Hold the load, restart the database in the middle, edit all the while; print what went wrong and when."""
        edits = Edits(self.place)
        edits.start()
        down: list[float] = []

        def restart() -> None:
            down.append(time.time())
            self.place.cluster.stop("fast")
            time.sleep(3)
            self.place.cluster.start()
            down.append(time.time())

        timer = threading.Timer(seconds / 2, restart)
        timer.start()
        found = self._wrk(seconds, "long")
        timer.join()
        edits.stop()
        wrong, failed = self._reported("long")
        outside = [line for line in failed if not down[0] - 0.1 <= float(line[0]) <= down[1] + 0.5]
        codes = Counter(line[1] for line in failed)
        told = sum(line[1] == "503" and line[2] != "-" for line in failed)
        lost = sum(found[kind] for kind in ("read", "write", "connect", "timeout"))
        print(
            f"{found['seconds'] / 60:.1f} min at {found['requests'] / found['seconds']:.0f} requests/s, "
            f"database down for {down[1] - down[0]:.1f} s: p50 {found['p50']:.2f} ms, p95 {found['p95']:.2f} ms; "
            f"wrong answers {len(wrong)}; failed {len(failed)} ({dict(codes)}, {told} with Retry-After), "
            f"of them {len(outside)} while it was up; connections lost {lost:.0f}",
            flush=True,
        )
        for line in (*wrong[:3], *outside[:5]):
            print("   ", line)
        edits.report(down)

    def _wrk(self, seconds: float, name: str) -> dict[str, float]:
        pause = 1000 * THREADS / RATE - 3  # an answer takes its time too
        words = [
            "wrk", f"-t{THREADS}", f"-c{THREADS}", f"-d{round(seconds)}s", "--timeout", "30s", "-s", _SCRIPT,
            self.place.url, "--", self.questions, pause, self.place.keys["viewer"], self.folder / name,
        ]  # fmt: skip
        done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
        line = re.search(r"RESULT (.*)", done.stdout)
        if line is None:
            raise SystemExit(f"wrk: {done.stdout}{done.stderr}")
        return {key: float(value) for key, value in (pair.split("=") for pair in line[1].split())}

    def _reported(self, name: str) -> tuple[list[list[str]], list[list[str]]]:
        lines = [
            line.split("\t") for path in self.folder.glob(f"{name}.*") for line in path.read_text().splitlines() if line
        ]
        return [line for line in lines if line[1] == "wrong"], [line for line in lines if line[1] != "wrong"]


class Edits:
    """Change cameras one after another through the API, remembering what was acknowledged."""

    def __init__(self, place: CountyServer) -> None:
        self.place = place
        self.names: dict[str, str] = {}
        self.acknowledged: Counter[str] = Counter()
        self.unsure: Counter[str] = Counter()
        self.failures: list[tuple[float, str]] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.start, self._keys = self._thread.start, place.cameras["id"].tolist()[:50]

    def stop(self) -> None:
        """End the work and wait for it."""
        self._ends.set()
        self._thread.join()

    def report(self, down: Sequence[float]) -> None:
        """Read every camera back and print what is not as acknowledged."""
        lost = [key for key, name in self.names.items() if self._read(key)[1]["properties"]["name"] != name]
        short = []
        for key, count in self.acknowledged.items():
            versions = int(re.match(r'"(\d+)', self._read(key)[0])[1]) - 1
            if not count <= versions <= count + self.unsure[key]:
                short.append((key, count, versions))
        outside = [one for one in self.failures if not down[0] - 0.1 <= one[0] <= down[1] + 0.5]
        print(
            f"edits: {sum(self.acknowledged.values())} acknowledged, {len(lost)} lost, "
            f"{len(short)} with a wrong number of versions; "
            f"{len(self.failures)} refused, of them {len(outside)} while the database was up",
            flush=True,
        )
        for one in (*lost[:3], *short[:3], *outside[:3]):
            print("   ", one)

    def _work(self) -> None:
        rng = random.Random(3)
        number = 0
        while not self._ends.wait(0.1):
            key, number = rng.choice(self._keys), number + 1
            self._try(lambda key=key, number=number: self._edit(key, f"巡检{number}"))

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except urllib.error.HTTPError as error:
            self.failures.append((time.time(), f"{error.code} {error.headers.get('Retry-After')}"))
        except OSError as error:
            self.failures.append((time.time(), type(error).__name__))

    def _edit(self, key: str, name: str) -> None:
        version, feature = self._read(key)
        feature["properties"]["name"] = name
        body = json.dumps({one: feature[one] for one in ("type", "geometry", "properties")}).encode()
        self.unsure[key] += 1  # until the answer is here the change may have happened or not
        before, self.names[key] = self.names.get(key), name
        try:
            self._ask("PUT", key, body, {"If-Match": version, "Content-Type": "application/geo+json"})
        except (urllib.error.HTTPError, OSError):
            stored = self._settled(key)
            if stored != name:
                self.unsure[key] -= 1
                if before is None:
                    del self.names[key]
                else:
                    self.names[key] = before
            raise
        self.unsure[key] -= 1
        self.acknowledged[key] += 1

    def _settled(self, key: str) -> str:
        """Return the name stored after a failed edit, once the database is back."""
        for _ in range(200):
            try:
                return str(self._read(key)[1]["properties"]["name"])
            except (urllib.error.HTTPError, OSError):
                time.sleep(0.25)
        raise SystemExit("the service did not come back")

    def _read(self, key: str) -> tuple[str, dict]:
        headers, body = self._ask("GET", key)
        return headers["ETag"], json.loads(body)

    def _ask(self, method: str, key: str, body: bytes | None = None, headers: dict[str, str] | None = None):
        url = f"{self.place.url}/ogc/collections/cameras/items/{quote(key, safe='')}"
        own = {"X-API-Key": self.place.keys["planner"], **(headers or {})}
        with urllib.request.urlopen(
            urllib.request.Request(url, data=body, method=method, headers=own), timeout=30
        ) as answer:
            return answer.headers, answer.read()


def paging(place: CountyServer) -> None:
    """Print how long a page of addresses takes at the front and ten thousand pages in."""
    ids = place.addresses["id"].tolist()
    last = min(10_000, len(ids) // PAGE - 2)
    for page in sorted({1, min(100, last), min(1_000, last), last}):
        after = "" if page == 1 else "&token=" + _token(ids[(page - 1) * PAGE - 1])
        spent = []
        for _ in range(15):
            begun = time.perf_counter()
            status, body = place.get(f"/ogc/collections/addresses/items?limit={PAGE}{after}")
            spent.append(time.perf_counter() - begun)
        first = json.loads(body)["features"][0]["id"] if status == 200 else status
        right = first == ids[(page - 1) * PAGE]
        print(f"items, page {page:>6,} of {PAGE}: {np.median(spent) * 1e3:.1f} ms, right {right}", flush=True)


def _token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


if __name__ == "__main__":
    main()
