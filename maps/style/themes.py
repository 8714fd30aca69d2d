"""Give maps the palette of ``geo.catalog.palette``, and the page's script the themes of it as plain values."""

from __future__ import annotations

from dataclasses import asdict

from geo.catalog.palette import DARK, LIGHT, PAGE, PRINTED_PAGE, SHEET, SYMBOLS, THEMES, WIDTHS, Hatch, Theme

__all__ = ["DARK", "LIGHT", "PAGE", "PRINTED_PAGE", "SHEET", "SYMBOLS", "THEMES", "WIDTHS", "Hatch", "Theme", "as_json"]


def as_json() -> dict[str, object]:
    """Return both themes, the widths and the symbols as plain values for the page's script."""
    return {
        "themes": {name: asdict(theme) for name, theme in THEMES.items()},
        "widths": dict(WIDTHS),
        "symbols": dict(SYMBOLS),
    }
