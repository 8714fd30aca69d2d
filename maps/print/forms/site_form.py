"""Print the form of a camera site, a page a pole: facts, lenses, map true to scale, places, photo, signature."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd

from geo.catalog import headings
from geo.catalog.headings import TableLanguage
from geo.catalog.layers import LAYERS, NO_CLASS
from geo.catalog.palette import LIGHT
from geo.crs import crs_name
from geo.figure_text import plain_figure
from maps.map_data import MapData
from maps.print.drawn_file import DrawnFile
from maps.print.fonts import print_font
from maps.print.forms.dials import draw_dial
from maps.print.forms.form_page import HEADING_MM, ROW_MM, SMALL_PT, Column, FormPage, drawn_form
from maps.print.forms.form_sites import OWNERS, SeenPlace, Site, site_rows, sites_of
from maps.print.forms.form_words import form_word
from maps.print.forms.lens_shapes import CameraPoints, Lens
from maps.print.forms.view_map import ViewMap, draw_symbol, extent_of, frame_of
from maps.print.map_furniture import draw_north, draw_scale_bar
from maps.print.page_layout import Rect
from maps.print.sheet_content import SheetContent, sheet_content, text_of

_A4 = (210.0, 297.0)
#: Lenses on one page; a pole with more goes on on another.
MOST_LENSES = 6
#: Places of a list; more are counted.
_MOST_PLACES = 5
_GAP_MM, _SIDE_MM = 3.5, 66.0
_DIAL_MM = 22.0
#: Width of the names of facts in Chinese and English, mm.
_KEY_MM = (19.0, 27.0)
#: Below the map, for its scale and north, mm.
_STRIP_MM = 15.5
_CAMERAS = LAYERS["cameras"]


@dataclass(frozen=True)
class _Part:
    """A page: a site, and those of its lenses that are on it, from a number on."""

    site: Site
    first: int
    lenses: tuple[Lens, ...]


def camera_forms(
    data: MapData, names: Sequence[str], *, lang: str = "zh", protected: gpd.GeoDataFrame | None = None
) -> DrawnFile:
    """Return the forms of sites, A4, a page for each pole.

    Parameters
    ----------
    data
        The map of a run, with the cameras and views that the reader may see.
    names
        Ids of cameras or names of sites, at least one; the form of a camera is that of its site.
    lang
        ``zh`` or ``en``.
    protected
        Protected places that the reader may see; None where there are none.

    Raises
    ------
    NotFound, AmbiguousName
        As ``form_sites.site_rows``.
    """
    content = sheet_content(data)
    sites = sites_of(data, site_rows(data, names, content.crs), content, lang, protected)
    parts = [
        _Part(site, at, site.lenses[at : at + MOST_LENSES])
        for site in sites
        for at in range(0, len(site.lenses), MOST_LENSES)
    ]
    points = CameraPoints.of(data, content.crs)
    pages = [
        _CameraPage(data, content, lang, one, protected, points).draw(number, len(parts))
        for number, one in enumerate(parts, 1)
    ]
    title = form_word("camera_title", lang)
    bookmarks = [
        [(f"{form_word('site', lang)} {one.site.label}", page.inner.x, page.inner.top)]
        for page, one in zip(pages, parts, strict=True)
    ]
    return drawn_form(data, pages, bookmarks, f"{title} {sites[0].label}" if len(sites) == 1 else title)


class _CameraPage:
    """Draw one page."""

    def __init__(
        self,
        data: MapData,
        content: SheetContent,
        lang: str,
        part: _Part,
        protected: gpd.GeoDataFrame | None,
        points: CameraPoints,
    ) -> None:
        self.points = points
        self.data, self.content, self.part, self.protected = data, content, part, protected
        self.page = FormPage(_A4, print_font(), lang)
        self.tables: TableLanguage = "en" if lang == "en" else "zh"

    def draw(self, number: int, of: int) -> FormPage:
        """Draw all of it, from above and from below; the map takes what is left."""
        page, site = self.page, self.part.site
        names = dict.fromkeys(text_of(one.row.get("name")) for one in site.lenses)
        page.head(page.word("camera_title"), "  ".join([site.label, *(one for one in names if one)]), self.data)
        below = Rect(page.inner.x, page.inner.y, page.inner.width, page.y - page.inner.y)
        page.y = page.facts(below, self._facts(), key_mm=_KEY_MM[page.lang == "en"])
        self._lenses()
        page.signed()
        foot = self._places()
        self._map(Rect(page.inner.x, foot + _GAP_MM, page.inner.width, page.y - foot - _GAP_MM))
        page.foot(self.data, self.content, number, of)
        return page

    # --------------------------------------------------------------------------------------------- facts

    def _field(self, name: str) -> str:
        return headings.without_brackets(headings.heading(_CAMERAS.field(name), self.tables))

    def _cell(self, row: object, name: str) -> str:
        """Return a stored value in words, a dash for none."""
        text = text_of(row.get(name)).removesuffix(".0")  # type: ignore[attr-defined]
        if not text:
            return "—"
        return self._choice(name, text)

    def _choice(self, name: str, value: str) -> str:
        """Return the word of a value that a field may have, without what it says in brackets."""
        told = headings.words(_CAMERAS.field(name), self.tables).get(value)
        return value if told is None else headings.without_brackets(told)

    def _chosen(self, one: Lens, name: str) -> str:
        """Return a choice in words, with an asterisk where it is taken by default."""
        told = self._cell(one.row, name)
        return f"{self._choice(name, one.assumed[name])}*" if told == "—" and name in one.assumed else told

    def _facts(self) -> list[list[tuple[str, str]]]:
        page, site = self.page, self.part.site
        first = site.lenses[0]
        grid, village, township = (
            (page.word(f"owner_{name}"), "  ".join(one for one in site.owners[name] if one) or "—") for name in OWNERS
        )

        def all_of(name: str) -> str:
            found = dict.fromkeys(self._cell(one.row, name) for one in site.lenses)
            return "、".join(found) if page.lang == "zh" else ", ".join(found)

        degrees = f"{first.lon:.6f}, {first.lat:.6f} WGS-84"
        metres = f"{first.x:.1f}, {first.y:.1f} m  {crs_name(self.content.crs)}"
        return [
            [(page.word("address"), site.place or "—")],
            [(page.word("position"), degrees), (page.word("projected"), metres)],
            [grid, village],
            [township, (self._field("owner"), all_of("owner"))],
            [(self._field("place_type"), all_of("place_type")), (self._field("networked"), all_of("networked"))],
            [(self._field("required"), all_of("required")), (self._field("status_on"), all_of("status_on"))],
        ]

    # --------------------------------------------------------------------------------------------- lenses

    def _lenses(self) -> None:
        page = self.page
        box = Rect(page.inner.x, page.inner.y, page.inner.width, page.y - 1.5 - page.inner.y)
        rows = [self._lens(number, one) for number, one in enumerate(self.part.lenses, self.part.first + 1)]
        has_assumed = any("*" in cell for row in rows for cell in row)
        page.y = page.heading(box, page.word("lenses"), page.word("assumed") if has_assumed else "")
        columns = [
            Column(page.word("number"), 7), Column(self._field("id"), 33), Column(self._field("kind"), 15),
            Column(self._field("class"), 13), Column(self._field("status"), 12),
            Column(self._field("azimuth"), 15, "right"),
            Column(page.word("optics"), 26, "right"), Column(self._field("tilt"), 12, "right"),
            Column(page.word("height"), 16, "right"), Column(page.word("image"), 21, "right"),
            Column(page.word("range"), 15, "right"), Column(page.word("sees"), 27, "right"),
        ]  # fmt: skip
        page.y = page.table(Rect(box.x, box.y, box.width, page.y - box.y), columns, rows)
        for number, one in enumerate(self.part.lenses, self.part.first + 1):
            told = one.assumed.get("") or ("" if math.isfinite(one.range_m) else page.word("no_view"))
            if told:
                page.text(
                    box.x,
                    page.y - 3.2,
                    page.word("also_assumed", n=number, what=told),
                    SMALL_PT,
                    width=box.width,
                    quiet=True,
                )
                page.y -= 3.8
        page.y -= _GAP_MM

    def _lens(self, number: int, one: Lens) -> list[str]:
        azimuth = self.page.word("all_round") if one.hfov >= 360 else self.page.word("unknown_azimuth")
        if math.isfinite(one.azimuth):
            azimuth = self._number(one, "azimuth", "°")
        given = self._cell(one.row, "class")
        angles = " × ".join(self._number(one, name, "°") for name in ("hfov", "vfov"))
        pixels = "×".join(self._number(one, name) for name in ("width_px", "height_px"))
        return [
            str(number), one.id, self._chosen(one, "kind"), NO_CLASS[self.page.lang == "en"] if given == "—" else given,
            self._chosen(one, "status"), azimuth, angles, self._number(one, "tilt", "°"),
            self._number(one, "height", " m"), pixels,
            "—" if math.isnan(one.range_m) else f"{plain_figure(one.range_m)} m",
            f"{self._area(one.sure_m2)} / {self._area(one.possible_m2)}",
        ]  # fmt: skip

    def _number(self, one: Lens, name: str, unit: str = "") -> str:
        """Return a number as stored, one taken by default with an asterisk, a dash for none."""
        text, mark = text_of(one.row.get(name)), ""
        if not text and name in one.assumed:
            text, mark = one.assumed[name], "*"
        try:
            return f"{float(text):g}{unit}{mark}"
        except ValueError:
            return "—"

    def _area(self, area_m2: float) -> str:
        return "—" if math.isnan(area_m2) else f"{plain_figure(area_m2)} m²"

    # --------------------------------------------------------------------------------------------- map

    def _map(self, box: Rect) -> None:
        page, lenses = self.page, self.part.lenses
        rect = Rect(box.x, box.y + _STRIP_MM, box.width - _SIDE_MM - _GAP_MM, box.height - _STRIP_MM)
        frame = frame_of(extent_of(lenses), rect)
        page.canvas.maps.append(frame.reference(self.content.crs))
        drawn = ViewMap(page.canvas, frame, self.data, self.content, page.lang)
        numbers = {one.id: str(n) for n, one in enumerate(lenses, self.part.first + 1)}
        mine = {one.id for one in self.part.site.lenses}
        drawn.draw(lenses, numbers, protected=self.protected, others=self.points.without(mine))
        scale = f"1:{frame.scale:,.0f}"
        run = page.text(rect.x, box.y + 6.6, scale, 10.0, bold=True)
        draw_scale_bar(
            page.canvas, rect.x + run + 4.0, box.y + 6.2, rect.width - run - 40.0, int(frame.scale), 1.0, page.lang
        )
        draw_north(page.canvas, rect.right - 10.0, box.y + 4.6, 10.5, lenses[0].turn, 0.8, page.lang)
        side = Rect(box.right - _SIDE_MM, box.y, _SIDE_MM, box.height)
        y = self._dials(side)
        y = self._legend(Rect(side.x, side.y, side.width, y - side.y), drawn.legend(lenses))
        self._photo(Rect(side.x, side.y, side.width, y - side.y - 2.0))

    def _dials(self, box: Rect) -> float:
        page, lenses = self.page, self.part.lenses
        y = page.heading(box, page.word("dials"))
        columns = 3
        rows = -(-len(lenses) // columns)
        for at, one in enumerate(lenses):
            x = box.x + (at % columns + 0.5) * box.width / columns
            middle = y - (at // columns + 0.5) * _DIAL_MM
            draw_dial(page.canvas, x, middle, one, str(self.part.first + at + 1), page.lang)
        return y - rows * _DIAL_MM - 1.0

    def _legend(self, box: Rect, entries: Sequence[tuple[str, str]]) -> float:
        page, step = self.page, 4.4
        half = box.width / 2
        for at, (name, text) in enumerate(entries):
            x, y = box.x + (at % 2) * half, box.top - (at // 2 + 1) * step
            draw_symbol(page.canvas, name, Rect(x, y + 0.7, 6.0, 2.4))
            page.text(x + 7.2, y + 1.0, text, SMALL_PT, width=half - 8.0)
        return box.top - -(-len(entries) // 2) * step - 1.0

    def _photo(self, box: Rect) -> None:
        page = self.page
        page.canvas.rect(box.x, box.y, box.width, box.height, edge=LIGHT.grid_line, line=0.25)
        page.text(box.x + 2.0, box.top - 4.2, page.word("photo"), SMALL_PT, width=box.width - 4.0, quiet=True)
        x, y = box.centre
        page.text(x, y, page.word("photo_hint"), SMALL_PT, width=box.width - 4.0, quiet=True, anchor="middle")

    # --------------------------------------------------------------------------------------------- places

    def _places(self) -> float:
        """Draw what the site sees above the lines to sign on, and a line for remarks; return the upper edge."""
        page, site = self.page, self.part.site
        lines = max(len(site.watched[:_MOST_PLACES]), len((site.protected or ())[:_MOST_PLACES]), 1)
        spare = max(len(site.watched), len(site.protected or ())) > _MOST_PLACES
        remark = page.above_signed + 1.0
        page.text(page.inner.x, remark + 2.0, page.word("remarks"), quiet=True)
        run = page.canvas.font.width(page.word("remarks"), 8.0 * 25.4 / 72) + 2.0
        page.canvas.polyline(
            [(page.inner.x + run, remark + 1.2), (page.inner.right, remark + 1.2)], edge=LIGHT.grid_line, width=0.2
        )
        bottom = remark + 7.0
        top = bottom + HEADING_MM + ROW_MM * (1 + lines) + (4.0 if spare else 0.0)
        half = (page.inner.width - 5.0) / 2
        left = Rect(page.inner.x, bottom, half, top - bottom)
        self._seen(left, page.word("watched"), "", site.watched, with_rule=False)
        right = replace(left, x=page.inner.x + half + 5.0)
        note = page.word("protected_unknown" if site.protected is None else "protected_note")
        self._seen(right, page.word("protected"), note, site.protected or (), with_rule=True)
        return top

    def _seen(self, box: Rect, title: str, note: str, places: Sequence[SeenPlace], *, with_rule: bool) -> None:
        page = self.page
        y = page.heading(box, title, note)
        if not places:
            page.text(box.x, y - 3.5, page.word("none"), quiet=True)
            return
        rule = [Column(page.word("rule"), 14)] if with_rule else []
        columns = [
            Column(page.word("name"), 38), Column(page.word("kind"), 16), *rule,
            Column(page.word("distance"), 13, "right"), Column(page.word("lens_of"), 21, "right"),
        ]  # fmt: skip
        rows = []
        for one in places[:_MOST_PLACES]:
            told = [
                f"{page.word(how)} {','.join(map(str, which))}"
                for how, which in (("sure", one.sure), ("possible", one.possible))
                if which
            ]
            rows.append(
                [one.name, one.kind, *([one.rule] if with_rule else []), f"{one.distance_m:,.0f} m", "; ".join(told)]
            )
        y = page.table(Rect(box.x, box.y, box.width, y - box.y), columns, rows)
        if len(places) > _MOST_PLACES:
            page.text(box.x, y - 3.2, page.word("more", n=len(places) - _MOST_PLACES), SMALL_PT, quiet=True)
