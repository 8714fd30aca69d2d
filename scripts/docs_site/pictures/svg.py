"""Write the few SVG elements that the pictures need; lengths are in pixels of the picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from html import escape

from geo.catalog.palette import LIGHT

FONTS = "'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei','PingFang SC','Segoe UI',Helvetica,Arial,sans-serif"
#: Ground of a picture and of what stands in it; text, text of less weight, arrows.
PAPER, INK, MUTED, LINE = LIGHT.paper, "#1f2933", "#5b6770", "#8a97a3"
#: What a panel or a card shows -> its fill and its edge.
PANELS: Mapping[str, tuple[str, str]] = {
    "outside": (PAPER, "#b7c0c8"),
    "api": ("#e8f1fb", "#b9d3ee"),
    "maps": ("#e9f5ec", "#bfe0c8"),
    "geo": ("#faf6ee", "#e6d9bd"),
    "migrations": ("#f2edf9", "#c9b7e4"),
    "foundation": ("#eef1f4", "#cfd6dd"),
    "file": ("#fffaf0", "#e6cf9e"),
    "server": ("#f9f6fd", "#d6c8ea"),
}
#: Edges of rooms that read or write, and of rooms that only compute.
STORING, COMPUTING = "#c5963a", "#3d7fb5"
#: Cards of tables that only the file has and that only the server has, and text on the latter's columns.
FILE_CARD, SERVER_CARD, SERVER_INK = "#fdf3e0", PANELS["migrations"][0], "#6a4aa0"


class Drawing:
    """Collect elements in the order they are painted."""

    def __init__(self, width: float, title: str) -> None:
        self.width = width
        self._title = title
        self._parts: list[str] = []

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, *, stroke: str = "none", radius: float = 6
    ) -> None:
        """Draw a rectangle with round corners."""
        self._parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}" fill="{fill}" '
            f'stroke="{stroke}"/>'
        )

    def text(
        self, x: float, y: float, words: str, size: float = 13, *,
        bold: bool = False, fill: str = INK, anchor: str = "start", code: bool = False,
    ) -> None:  # fmt: skip
        """Write one line; ``y`` is its base line."""
        weight = ' font-weight="600"' if bold else ""
        family = " font-family=\"ui-monospace,Consolas,Menlo,'DejaVu Sans Mono',monospace\"" if code else ""
        self._parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}"{weight}{family}>'
            f"{escape(words)}</text>"
        )

    def arrow(self, points: list[tuple[float, float]], *, colour: str = LINE) -> None:
        """Draw a line through points with round bends and a head at its end."""
        path = f"M{points[0][0]:g} {points[0][1]:g}"
        for before, here, after in zip(points, points[1:], points[2:], strict=False):
            path += f" L{_towards(here, before)} Q{here[0]:g} {here[1]:g} {_towards(here, after)}"
        path += f" L{points[-1][0]:g} {points[-1][1]:g}"
        self._parts.append(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.5" marker-end="url(#head)"/>'
        )

    def cylinder(self, x: float, y: float, width: float, height: float, fill: str, stroke: str) -> None:
        """Draw the sign of a store."""
        rise = 7
        self._parts.append(
            f'<path d="M{x:g} {y + rise:g} v{height - 2 * rise:g} a{width / 2:g} {rise} 0 0 0 {width:g} 0 '
            f'v{-(height - 2 * rise):g}" fill="{fill}" stroke="{stroke}"/>'
            f'<ellipse cx="{x + width / 2:g}" cy="{y + rise:g}" rx="{width / 2:g}" ry="{rise}" fill="{fill}" '
            f'stroke="{stroke}"/>'
        )

    def finish(self, height: float) -> str:
        """Return the picture as a file; the ground is white, so that it is read on a dark page too."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {height:g}" width="{self.width:g}" '
            f'height="{height:g}" role="img" font-family="{FONTS}">\n'
            f"<title>{escape(self._title)}</title>\n"
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            f'orient="auto-start-reverse"><path d="M0 0.5 L7.5 4 L0 7.5 Z" fill="{LINE}"/></marker></defs>\n'
            f'<rect width="{self.width:g}" height="{height:g}" rx="10" fill="{PAPER}"/>\n'
            + "\n".join(self._parts)
            + "\n</svg>\n"
        )


def _towards(corner: tuple[float, float], other: tuple[float, float], radius: float = 8) -> str:
    """Return the point at ``radius`` from a corner in the direction of its neighbour."""
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    share = min(radius / length, 0.5)
    return f"{corner[0] + dx * share:g} {corner[1] + dy * share:g}"


def width_of(words: str, size: float) -> float:
    """Return about how wide a text is: Chinese characters are square, others a little over half."""
    return sum(size if unicodedata.east_asian_width(one) in "WF" else 0.56 * size for one in words)
