"""Write a drawn page as SVG in millimetres: the same paths, letters as outlines with their text beside them.

The reader of an SVG may have none of our fonts, and every program would then set other widths. Each glyph is therefore
in the file once, as a symbol, and every line of text is a group that says its text to screen readers and to a search
in the source.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from maps.print.drawing_steps import Opacity, Picture, RestoreState, SaveState, TextLine
from maps.print.fonts import Font
from maps.print.pdf_canvas import Canvas
from maps.print.pdf_paths import FILE_UNITS_PER_MM

#: Units of glyphs in an em, and the width of the stroke that makes them bold, as in ``Canvas.text``.
_EM, _BOLD = 1_000, 32
_CAPS = ("butt", "round", "square")


@dataclass
class _State:
    """The graphics state that paths are painted with."""

    fill: str = "black"
    stroke: str = "black"
    width: str = "1"
    cap: int = 1
    dash: str = ""
    alpha: float = 1.0
    is_bold: bool = False
    groups: int = 0


@dataclass
class SvgPage:
    """Collect the elements of one page."""

    out: list[str] = field(default_factory=list)
    symbols: dict[str, str] = field(default_factory=dict)
    clips: int = 0
    states: list[_State] = field(default_factory=lambda: [_State()])
    _path: list[str] = field(default_factory=list)
    _is_clip: bool = False

    def add(self, step: str | Callable[..., None]) -> None:
        """Add what a canvas draws next."""
        if isinstance(step, str):
            self._operators(step.split())
        elif isinstance(step, SaveState):
            self._save()
        elif isinstance(step, RestoreState):
            self._restore()
        elif isinstance(step, Opacity):
            self.states[-1].alpha = step.alpha
        elif isinstance(step, TextLine):
            self._text(step)
        elif isinstance(step, Picture):
            self._picture(step)

    # ------------------------------------------------------------------------------------------- operators

    def _operators(self, tokens: Sequence[str]) -> None:
        operands: list[str] = []
        for token in tokens:
            if token[0] in "0123456789-.[]":
                operands.append(token)
                continue
            self._operator(token, operands)
            operands = []

    def _operator(self, name: str, operands: list[str]) -> None:
        if name in _PATH:
            self._path.append(_PATH[name] + " ".join(operands))
        elif name == "re":
            x, y, width, height = operands
            self._path.append(f"M{x} {y}h{width}v{height}h{-int(width)}z")
        elif name in ("f", "B", "S"):
            self._paint(has_fill=name != "S", has_stroke=name != "f")
        elif name == "W":
            self._is_clip = True
        elif name == "n":
            self._end_clip()
        elif name == "q":
            self._save()
        elif name == "Q":
            self._restore()
        else:
            self._look(name, operands)

    def _look(self, name: str, operands: list[str]) -> None:
        """Set how what follows is painted."""
        state = self.states[-1]
        if name == "rg":
            state.fill = _colour(operands)
        elif name == "RG":
            state.stroke = _colour(operands)
        elif name == "w":
            state.width = operands[0]
        elif name == "J":
            state.cap = int(operands[0])
        elif name == "d":
            state.dash = " ".join(operands[:-1]).strip("[]")
        elif name == "Tr":
            state.is_bold = operands[0] == "2"

    def _save(self) -> None:
        self.states.append(_State(**{**vars(self.states[-1]), "groups": 0}))

    def _restore(self) -> None:
        self.out.append("</g>" * self.states.pop().groups)

    def _end_clip(self) -> None:
        if self._is_clip:
            self.clips += 1
            self.out.append(f'<clipPath id="c{self.clips}"><path d="{"".join(self._path)}"/></clipPath>')
            self.out.append(f'<g clip-path="url(#c{self.clips})">')
            self.states[-1].groups += 1
        self._path, self._is_clip = [], False

    def _paint(self, *, has_fill: bool, has_stroke: bool) -> None:
        state = self.states[-1]
        look = [f'fill="{state.fill if has_fill else "none"}"']
        if has_stroke:
            look.append(f'stroke="{state.stroke}" stroke-width="{state.width}"')
            if state.cap != 1:
                look.append(f'stroke-linecap="{_CAPS[state.cap]}"')
            if state.dash:
                look.append(f'stroke-dasharray="{state.dash}"')
        if state.alpha < 1:
            look.append(f'opacity="{state.alpha:g}"')
        self.out.append(f'<path d="{"".join(self._path)}" {" ".join(look)}/>')
        self._path = []

    # ------------------------------------------------------------------------------------------- text, pictures

    def _text(self, line: TextLine) -> None:
        state, size = self.states[-1], line.em * FILE_UNITS_PER_MM / _EM
        a, b, c, d, x, y = line.origin
        matrix = " ".join(f"{one * size:.6g}" for one in (a, b, c, d))
        look = f'fill="{state.fill}"'
        if state.is_bold:
            look += f' stroke="{state.stroke}" stroke-width="{_BOLD}"'
        self.out.append(
            f'<g role="img" aria-label={quoteattr(line.logical)} transform="matrix({matrix} {x:.2f} {y:.2f})" {look}>'
        )
        at = 0.0
        for char in line.text:
            name = self._symbol(line.font, char)
            if name:
                self.out.append(f'<use href="#{name}" x="{at:.1f}"/>')
            at += (line.font.width(char) + line.spacing / line.em) * _EM
        self.out.append("</g>")

    def _symbol(self, font: Font, char: str) -> str:
        """Return the name of a character's outline, empty where it has none."""
        name = f"u{ord(char):x}"
        if name not in self.symbols:
            path = "".join(
                _PATH[verb] + " ".join(f"{one * _EM:.0f}" for one in numbers) for verb, *numbers in font.outline(char)
            )
            self.symbols[name] = path
        return name if self.symbols[name] else ""

    def _picture(self, one: Picture) -> None:
        x, y, width, height = (side * FILE_UNITS_PER_MM for side in (one.x, one.y, one.width, one.height))
        data = base64.b64encode(one.jpeg).decode("ascii")
        self.out.append(
            f'<image transform="matrix(1 0 0 -1 {x:.2f} {y + height:.2f})" width="{width:.2f}" height="{height:.2f}"'
            f' preserveAspectRatio="none" href="data:image/jpeg;base64,{data}"/>'
        )


_PATH = {"m": "M", "l": "L", "c": "C", "h": "Z"}


def _colour(operands: Sequence[str]) -> str:
    return "#" + "".join(f"{math.floor(float(one) * 255 + 0.5):02x}" for one in operands)


def svg_text(canvas: Canvas, *, title: str, lang: str) -> str:
    """Return the page of a canvas as an SVG document of its size in mm; the same drawing gives the same text.

    Parameters
    ----------
    canvas
        One page.
    title
        Of the document.
    lang
        BCP 47 language of the text.
    """
    page = SvgPage()
    for step in canvas.steps[1:]:  # the first one scales the PDF to hundredths of a millimetre
        page.add(step)
    wide, high = (round(side * FILE_UNITS_PER_MM) for side in (canvas.width, canvas.height))
    symbols = "".join(f'<path id="{name}" d="{path}"/>' for name, path in page.symbols.items() if path)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{canvas.width:g}mm" height="{canvas.height:g}mm"'
        f' viewBox="0 0 {wide} {high}" xml:lang="{lang}">\n<title>{escape(title)}</title>\n<defs>{symbols}</defs>\n'
        f'<g transform="matrix(1 0 0 -1 0 {high})" stroke-linecap="round" stroke-linejoin="round">\n'
        + "\n".join(one for one in page.out if one)
        + "\n</g>\n</svg>\n"
    )
