"""Choose how a sheet is drawn: how it lies, at which scale, under which title, and what its map shows.

The panel, its figures and its table of gaps are the same whatever the map leaves out, and a note names that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from geo.catalog.papers import LAYERS_OF_SHEET, MOST_TITLE_LETTERS, ORIENTATIONS
from geo.errors import BadValue, UnknownName
from maps.map_data import MapData
from maps.print.page_layout import ROUND_SCALES, Bounds, Paper, fitting_scale, paper_choices
from maps.print.sheet_content import SheetContent
from maps.print.sheet_words import sheet_word

#: What is shown may be so many times smaller on the map than it could be: beyond that it is a dot.
_SMALLEST_SHARE = 25
#: No map is wider than this in metres: no metric CRS has a true scale over more (rule C1).
_WIDEST_M = 570_000.0


@dataclass(frozen=True)
class SheetOptions:
    """What somebody chose for a sheet; as it stands, what suits the subject.

    Attributes
    ----------
    orientation
        One of ``geo.catalog.papers.ORIENTATIONS``.
    scale
        The denominator; None for the largest round scale at which the subject fits.
    title
        The title, of at most ``MOST_TITLE_LETTERS`` letters; empty for the county's, which else stands below it.
    layers
        What the map draws, of ``geo.catalog.papers.LAYERS_OF_SHEET``.
    """

    orientation: str = ORIENTATIONS[0]
    scale: int | None = None
    title: str = ""
    layers: Sequence[str] = LAYERS_OF_SHEET

    def papers(self, paper: str) -> list[Paper]:
        """Return the paper as it may lie; raise UnknownName for an unknown paper or orientation, or for two."""
        if self.orientation not in ORIENTATIONS:
            raise UnknownName(
                f"没有方向 {self.orientation[:40]}，可用：{'、'.join(ORIENTATIONS)}",
                f"no orientation {self.orientation[:40]}; there are {', '.join(ORIENTATIONS)}",
            )
        choices = paper_choices(paper)
        if self.orientation == ORIENTATIONS[0]:
            return choices
        chosen = [one for one in choices if one.orientation == self.orientation]
        if not chosen:
            raise UnknownName(
                f"纸张 {paper} 与方向 {self.orientation} 不一致",
                f"the paper {paper} does not lie {self.orientation}",
            )
        return chosen

    def scale_for(self, extent: Bounds, choices: list[Paper]) -> int | None:
        """Return the scale that is asked for; None for the largest round one.

        Raises
        ------
        BadValue
            The extent does not fit the paper at that scale, or would be a dot on it.
        """
        if self.scale is None:
            return None
        largest = fitting_scale(extent, choices)
        if self.scale < largest:
            told = next((one for one in ROUND_SCALES if one >= largest), largest)
            raise BadValue(
                f"1:{self.scale:,} 放不下所选范围；这张纸上最大可用 1:{told:,}",
                f"what is chosen does not fit at 1:{self.scale:,}; on this paper it fits from 1:{told:,} on",
            )
        smallest = max(largest, min(largest * _SMALLEST_SHARE, self._widest(choices)))
        if self.scale > smallest:
            told = max((one for one in ROUND_SCALES if largest <= one <= smallest), default=smallest)
            raise BadValue(
                f"1:{self.scale:,} 太小，所选范围只剩一点；这张纸上最小可用 1:{told:,}",
                f"at 1:{self.scale:,} what is chosen is a dot; on this paper the smallest scale is 1:{told:,}",
            )
        return self.scale

    def _widest(self, choices: list[Paper]) -> int:
        return int(_WIDEST_M * 1000 / max(max(one.width, one.height) for one in choices))

    def titled(self, data: MapData) -> MapData:
        """Return the map under the title; raise BadValue where there is no room for it, or it cannot be printed."""
        title = self._title()
        return data if not title else replace(data, meta=replace(data.meta, title=title))

    def _title(self) -> str:
        title = " ".join(self.title.split())
        if len(title) > MOST_TITLE_LETTERS:
            raise BadValue(
                f"标题有 {len(title)} 个字，最多 {MOST_TITLE_LETTERS} 个",
                f"the title has {len(title)} letters, at most {MOST_TITLE_LETTERS} have room",
            )
        if not title.isprintable():
            raise BadValue("标题里有不能打印的字符", "the title has characters that cannot be printed")
        return title

    def require_possible(self, paper: str | None = None) -> None:
        """Raise what can be told before anything is read: of the title, the layers, and the paper where one is given.

        Raises
        ------
        BadValue
            There is no room for the title, or it cannot be printed.
        UnknownName
            For an unknown paper, orientation or layer, or a paper that lies otherwise.
        """
        self._title()
        self.require_known()
        if paper is not None:
            self.papers(paper)

    def require_known(self) -> None:
        """Raise UnknownName where a layer that the map should draw is none."""
        for one in self.layers:
            if one not in LAYERS_OF_SHEET:
                raise UnknownName(
                    f"图纸没有图层 {one[:40]}，可用：{'、'.join(LAYERS_OF_SHEET)}",
                    f"a sheet has no layer {one[:40]}; there are {', '.join(LAYERS_OF_SHEET)}",
                )

    @property
    def left_out(self) -> tuple[str, ...]:
        """Return the layers that the map does not draw; raise UnknownName where one that it should is none."""
        self.require_known()
        return tuple(one for one in LAYERS_OF_SHEET if one not in self.layers)

    def note(self, lang: str) -> str:
        """Return the note that names what the map does not draw; empty where that is nothing."""
        names = [sheet_word(f"sheet_layer_{one}", lang) for one in self.left_out]
        return sheet_word("sheet_layers_left", lang, names=sheet_word("comma", lang).join(names)) if names else ""

    def drawn(self, data: MapData, content: SheetContent) -> tuple[MapData, SheetContent]:
        """Return what the map draws of a sheet, without what is left out."""
        for name in self.left_out:
            data, content = _without(name, data, content)
        return data, content


AS_SUITS = SheetOptions()


def layers_named(text: str | None) -> tuple[str, ...]:
    """Return the layers of a text such as ``cameras,gaps``; all of them for None, none for an empty one.

    Examples
    --------
    >>> layers_named("roads, cameras")
    ('roads', 'cameras')
    """
    if text is None:
        return LAYERS_OF_SHEET
    return tuple(one for one in (part.strip() for part in text.split(",")) if one)


def _without(name: str, data: MapData, content: SheetContent) -> tuple[MapData, SheetContent]:
    if name == "cameras":  # those of the data say which views count (U1, U6)
        return data, replace(content, sites=content.sites.iloc[:0])
    if name == "gaps":  # those of the data say where the possible is drawn
        return data, replace(content, gaps=content.gaps.iloc[:0])
    if name == "coverage":
        return replace(data, coverage=None, views=None, possible=None), content
    gone = {"roads": ("roads",), "buildings": ("obstacles",), "places": ("places", "facilities")}[name]
    data = replace(data, reference={key: frame for key, frame in data.reference.items() if key not in gone})
    return (replace(data, verdicts=None) if name == "places" else data), content
