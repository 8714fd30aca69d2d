"""Sort entries of tails, places and rows into the arrays of an index, and check those that come from a file."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from hashlib import blake2b

import numpy as np

from geo.places.address.packed_texts import PackedTexts, checked, starts_of


def sorted_entries(entries: Iterable[tuple[str, int, int]]) -> dict[str, np.ndarray]:
    """Return entries of tail, place and row in that order, each once, as arrays: many have one tail.

    Returns
    -------
    dict
        ``places`` and ``rows`` of the entries; ``tails``, their texts packed; ``begins``, the first two characters that
        tails have, parted by line ends; ``hashes`` of the tails in order, and ``by_hash``, the entry of each.

    Examples
    --------
    >>> found = sorted_entries([("东街2号", 0, 0), ("东街1号", 0, 1)])
    >>> found["rows"].tolist(), found["begins"].tobytes().decode()
    ([1, 0], '东街')
    """
    number: dict[bytes, int] = {}
    which, place_of, row_of = array("i"), array("i"), array("i")
    for tail, place, row in entries:
        which.append(number.setdefault(tail.encode("utf-8", "replace"), len(number)))
        place_of.append(place)
        row_of.append(row)
    tails = sorted(number)
    rank = np.empty(len(tails), np.int32)
    rank[np.fromiter((number[tail] for tail in tails), np.int64, len(tails))] = np.arange(len(tails), dtype=np.int32)
    at = rank[np.frombuffer(which, np.intc)]
    places, rows = (np.frombuffer(one, np.intc).astype(np.int32, copy=False) for one in (place_of, row_of))
    order = np.lexsort((rows, places, at))
    at, places, rows = at[order], places[order], rows[order]
    del which, place_of, row_of, number, order  # very large
    is_new = np.append(True, (np.diff(at) != 0) | (np.diff(places) != 0) | (np.diff(rows) != 0))[: len(at)]
    at, places, rows = at[is_new], places[is_new], rows[is_new]
    hashes = np.fromiter(map(hash_of, tails), np.uint64, len(tails))[at]
    by_hash = np.argsort(hashes, kind="stable")
    begins = {tail.decode("utf-8", "replace")[:2] for tail in tails}
    return {
        "places": places,
        "rows": rows,
        "tails.block": np.frombuffer(b"".join(map(tails.__getitem__, at.tolist())), np.uint8),
        "tails.start": starts_of(np.fromiter(map(len, tails), np.int64, len(tails))[at]),
        "begins": np.frombuffer("\n".join(sorted(begins)).encode("utf-8", "replace"), np.uint8),
        "hashes": hashes[by_hash],
        "by_hash": by_hash.astype(np.int32),
    }


def checked_entries(arrays: Mapping[str, np.ndarray], places: int, rows: int) -> Mapping[str, np.ndarray]:
    """Return the arrays of a file; raise ValueError where they are not of so many places and rows.

    Examples
    --------
    >>> len(checked_entries(sorted_entries([("东街1号", 0, 0), ("东街2号", 0, 1)]), places=1, rows=2)["rows"])
    2
    """
    size = len(arrays["places"])
    checked(arrays["places"], np.int32, least=0, below=places)
    checked(arrays["rows"], np.int32, size=size, least=0, below=rows)
    checked(arrays["hashes"], np.uint64, size=size)
    checked(arrays["by_hash"], np.int32, size=size, least=0, below=size)
    if len(PackedTexts.of_arrays(dict(arrays), "tails")) != size:
        raise ValueError("tails and their places are not the same in number")
    return arrays


def begins_of(arrays: Mapping[str, np.ndarray]) -> frozenset[str]:
    """Return the first two characters that tails have: what begins with none of them names nothing.

    Examples
    --------
    >>> sorted(begins_of(sorted_entries([("东街1号", 0, 0), ("西街1号", 0, 1)])))
    ['东街', '西街']
    """
    return frozenset(arrays["begins"].tobytes().decode("utf-8", "replace").split("\n"))


def hash_of(key: bytes) -> int:
    """Return a hash of a text that is the same in every process, so that an index may be kept in a file.

    Examples
    --------
    >>> hash_of("东街1号".encode()) == hash_of("东街2号".encode())
    False
    """
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "little")
