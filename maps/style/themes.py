"""Give the page's script the palette of ``geo.catalog.palette`` as plain values."""

from __future__ import annotations

from dataclasses import asdict

from geo.catalog.palette import DIFFERENCES, GROUND, SYMBOLS, THEMES, VERDICT_MARKS, WIDTHS


def as_json() -> dict[str, object]:
    """Return both themes, the widths and the symbols as plain values for the page's script."""
    return {
        "themes": {
            name: asdict(theme) | {"ground": asdict(GROUND[name]), "difference": asdict(DIFFERENCES[name])}
            for name, theme in THEMES.items()
        },
        "widths": dict(WIDTHS),
        "symbols": dict(SYMBOLS),
        "verdicts": {name: asdict(mark) for name, mark in VERDICT_MARKS.items()},
    }
