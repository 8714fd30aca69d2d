"""Compare two folders of answers byte for byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: What a folder of answers says of itself; no answer.
ABOUT = "about.json"
_SHOWN = 100


@dataclass(frozen=True)
class Difference:
    """Name an answer that is not the same on both sides, and say where it first differs."""

    name: str
    said: str


def compare(a: Path, b: Path) -> list[Difference]:
    """Return how two folders differ, by name of the answer."""
    here, there = _names(a), _names(b)
    if not here or not there:
        raise ValueError(f"no answers in {b if here else a}")
    return list(_differences(a, b, sorted(here | there), here, there))


def report(differences: list[Difference], total: int) -> str:
    """Return the differences as text, counted by group."""
    lines = [f"{one.name}\n{one.said}" for one in differences]
    counts = Counter(one.name.partition("/")[0] for one in differences)
    told = ", ".join(f"{group} {count}" for group, count in sorted(counts.items()))
    lines.append(f"{len(differences)} of {total} answers differ{': ' + told if told else ''}")
    return "\n".join(lines)


def count(folder: Path) -> int:
    """Return the number of answers in a folder."""
    return len(_names(folder))


def _names(folder: Path) -> set[str]:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return found - {ABOUT}


def _differences(a: Path, b: Path, names: list[str], here: set[str], there: set[str]) -> Iterator[Difference]:
    for name in names:
        if name not in here or name not in there:
            yield Difference(name, f"  only in {a if name in here else b}")
            continue
        left, right = (a / name).read_bytes(), (b / name).read_bytes()
        if left != right:
            yield Difference(name, first_difference(left, right))


def first_difference(left: bytes, right: bytes) -> str:
    """Return where two contents first differ: the line, and what stands there on both sides."""
    shorter = min(len(left), len(right))
    at = next((place for place in range(shorter) if left[place] != right[place]), shorter)
    line = left.count(b"\n", 0, at) + 1
    start = max(left.rfind(b"\n", 0, at) + 1, at - _SHOWN // 2)
    sides = []
    for mark, content in (("-", left), ("+", right)):
        shown = content[start : at + _SHOWN].split(b"\n")[0].decode("utf-8", "replace")
        sides.append(f"  {mark} {shown}")
    return f"  line {line}, byte {at}\n" + "\n".join(sides)
