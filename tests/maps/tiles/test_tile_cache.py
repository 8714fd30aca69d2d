from __future__ import annotations

import threading

import numpy as np

from maps.tiles.tile_cache import TileCache
from maps.tiles.tile_encoding import Tile


def test_the_cache_keeps_to_its_bytes_and_lets_go_of_the_oldest() -> None:
    cache = TileCache(10_000)
    for k in range(9):
        cache.put(k, "s", Tile(bytes(1_000)))
        cache.get(0)  # asked for all the time
    assert cache.bytes <= 10_000
    assert cache.get(0) is not None
    assert cache.get(1) is None
    cache.put(0, "t", Tile(b"new"))
    assert cache.get(0) == ("t", Tile(b"new"))
    cache.put("huge", "s", Tile(bytes(9_000)))
    assert cache.get("huge") is None
    assert TileCache(0).get(1) is None
    nothing = TileCache(0)
    nothing.put(1, "s", Tile(b"x"))
    assert (len(nothing), nothing.bytes) == (0, 0)


def test_the_cache_counts_right_under_threads() -> None:
    cache = TileCache(50_000)

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for key in rng.integers(0, 40, 500).tolist():
            cache.put(key, "s", Tile(bytes(int(rng.integers(0, 3_000)))))
            cache.get(key + 1)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert cache.bytes == sum(len(one[1].data) + 1_000 for one in cache._kept.values()) <= 50_000
