"""Read a unit of systemd as far as the files in deploy/ go."""

from __future__ import annotations

import re
from pathlib import Path


def unit(path: Path) -> dict[str, dict[str, list[str]]]:
    """Return section -> key -> values, in order; an empty value resets, as systemd reads it."""
    sections: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("["):
            assert line.endswith("]"), line
            section = sections.setdefault(line[1:-1], {})
            continue
        key, mark, value = line.partition("=")
        assert mark, line
        assert re.fullmatch("[A-Za-z]+", key), line
        section.setdefault(key, []).append(value)
    return sections
