"""Answer labelled addresses by the peers: JioNLP, cpca, and PostgreSQL's pg_trgm over the full names of villages."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests import postgres
from tests.benchmarks.address_noise import LabelledAddress
from tests.benchmarks.named_divisions import LEVELS, Divisions, parted

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
#: What pg_trgm itself calls similar enough, its `pg_trgm.similarity_threshold`.
_SIMILAR = 0.3


@dataclass(frozen=True)
class PeerAnswers:
    """What a peer gave for each address: whether it is right on each level it answered, and not in doubt.

    Attributes
    ----------
    right
        For each address: level -> whether the place of the best answer is the one meant; without the levels that the
        answer leaves open.
    is_sure
        Whether the answer is given as the answer; peers that say no such thing are sure of all they say.
    """

    name: str
    right: Sequence[dict[str, bool]]
    is_sure: Sequence[bool]
    per_second: float


def parser_answers(name: str, items: Sequence[LabelledAddress], divisions: Divisions) -> PeerAnswers:
    """Return the answers of JioNLP or cpca, judged by names: cores of a level and of those above it."""
    texts = json.dumps([item.text for item in items], ensure_ascii=False)
    script = Path(__file__).with_name("peer_parsers.py")
    done = subprocess.run([PYTHON, script, name], input=texts, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
    said = json.loads(done.stdout)
    right = [_right_names(item, names, divisions) for item, names in zip(items, said["names"], strict=True)]
    return PeerAnswers(name, right, [bool(one) for one in right], len(items) / said["seconds"])


def _right_names(item: LabelledAddress, names: Sequence[str | None], divisions: Divisions) -> dict[str, bool]:
    found, is_right = {}, True
    for level, name in zip(LEVELS, names, strict=True):
        if name is None:
            continue
        place = divisions.places.get(item.gold.get(level, ""))
        is_right = is_right and place is not None and place.core == parted(name, level)[0]
        found[level] = is_right
    return found


@contextmanager
def trigram_index(rows: Sequence[tuple[str, str]]) -> Iterator[Callable[[str], tuple[str | None, float]] | None]:
    """Give what finds the code of the name most like a text by pg_trgm; None where there is no server.

    The cluster is in C.UTF-8: with LC_CTYPE C, pg_trgm finds no trigrams in Chinese text and says nothing.
    """
    if postgres.programs() is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="trigrams") as folder:
        cluster = postgres.Cluster(Path(folder) / "cluster")
        try:
            with psycopg.connect(cluster.url, autocommit=True) as conn:
                conn.execute("CREATE EXTENSION pg_trgm")
                if not conn.execute("SELECT cardinality(show_trgm('测试'))").fetchone()[0]:
                    raise RuntimeError("pg_trgm reads no Chinese in this cluster")
                conn.execute("CREATE TABLE places (code text, name text)")
                with conn.cursor().copy("COPY places FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
                conn.execute("CREATE INDEX ON places USING gist (name gist_trgm_ops(siglen=64))")
                conn.execute("VACUUM ANALYZE places")
                query = "SELECT code, similarity(name, %(text)s) FROM places ORDER BY name <-> %(text)s LIMIT 1"

                def nearest(text: str) -> tuple[str | None, float]:
                    row = conn.execute(query, {"text": text.replace("\0", "")}).fetchone()
                    return (row[0], row[1]) if row and row[1] >= _SIMILAR else (None, 0.0)

                yield nearest
        finally:
            cluster.close()


def trigram_answers(items: Sequence[LabelledAddress], divisions: Divisions) -> PeerAnswers | None:
    """Return the answers of pg_trgm, the village whose full name is nearest; None where there is no server."""
    villages = [place.code for place in divisions.of_level("village")]
    rows = [(code, "".join(place.name for place in divisions.ancestry(code).values())) for code in villages]
    with trigram_index(rows) as nearest:
        if nearest is None:
            return None
        begun = time.perf_counter()
        codes = [nearest(item.text)[0] for item in items]
        spent = time.perf_counter() - begun
    right = [
        {level: bool(item.gold.get(level)) and code.startswith(item.gold[level]) for level in LEVELS} if code else {}
        for item, code in zip(items, codes, strict=True)
    ]
    return PeerAnswers("pg_trgm", right, [bool(one) for one in right], len(items) / spent)


def print_beside(ours: PeerAnswers, items: Sequence[LabelledAddress], divisions: Divisions) -> None:
    """Print our figures and those of the peers on the same texts, judged by the same gold."""
    peers = [parser_answers(name, items, divisions) for name in ("jionlp", "cpca")]
    trigrams = trigram_answers(items, divisions)
    county = ["county" in item.gold for item in items]
    written = ["county" in item.written for item in items]
    asked = {
        ("county", "county w."): [is_gold and is_written for is_gold, is_written in zip(county, written, strict=True)],
        ("county", "omitted"): [
            is_gold and not is_written for is_gold, is_written in zip(county, written, strict=True)
        ],
        ("township", "township"): ["township" in item.gold for item in items],
        ("village", "village"): [item.outcome in ("one", "near") for item in items],
    }
    print("  " + "".join(f"{title:>10}" for title in ("", *(title for _, title in asked), "wrong", "per s")))
    for one in (ours, *peers, *([trigrams] if trigrams else [])):
        cells = [_share([said.get(level) for said, chosen in zip(one.right, rows, strict=True) if chosen])
                 for (level, _), rows in asked.items()]  # fmt: skip
        cells.append(
            _share([not all(said.values()) for said, sure in zip(one.right, one.is_sure, strict=True) if sure])
        )
        print("  " + "".join(f"{cell:>10}" for cell in (one.name, *cells, f"{one.per_second:,.0f}")))
    print("  per s: of one core; of pg_trgm by the clock, over a local connection")
    print("  wrong: of the answers that are not in doubt, those wrong on a level, guessed, or of a contradiction")
    if trigrams is None:
        print("  pg_trgm: no PostgreSQL here")


def _share(right: Sequence[bool | None]) -> str:
    """Return a share as text, a dash where no answer goes that far."""
    if all(one is None for one in right):
        return "-"
    return f"{sum(one is True for one in right) / len(right):.1%}"
