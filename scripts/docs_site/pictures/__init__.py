"""Draw the pictures of the documentation from the code itself, so that they cannot fall behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.docs_site.navigation import ROOT
from scripts.docs_site.pictures import architecture, data_model

#: File -> what draws it; a test compares each with what stands in the repository.
PICTURES: Mapping[str, Callable[[], str]] = {
    "docs/images/architecture.svg": architecture.draw,
    "docs/images/data_model.svg": data_model.draw,
}


def write_all() -> list[Path]:
    """Write every picture; return those that changed."""
    changed = []
    for name, draw in PICTURES.items():
        path, drawn = ROOT / name, draw()
        if not path.exists() or path.read_text(encoding="utf-8") != drawn:
            path.write_text(drawn, encoding="utf-8")
            changed.append(path)
    return changed
