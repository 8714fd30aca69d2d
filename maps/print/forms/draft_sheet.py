"""Print a draft: the views before and after side by side at one scale, what changes, the figures it would move."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.assessment.named_zones import names_of
from geo.catalog.palette import LIGHT
from geo.catalog.results import ALL, LEADING_FIGURES, zone_layers_among
from geo.figure_text import percent_figure, plain_figure
from maps.map_data import MapData
from maps.print.drawn_file import DrawnFile
from maps.print.fonts import print_font
from maps.print.forms.draft_changes import CameraChange
from maps.print.forms.form_page import HEADING_MM, ROW_MM, SMALL_PT, Column, FormPage, drawn_form
from maps.print.forms.form_words import form_word
from maps.print.forms.lens_shapes import CameraPoints, Lens
from maps.print.forms.view_map import ViewMap, draw_symbol, extent_of, frame_of, near_each_other
from maps.print.gap_places import GapPlaces
from maps.print.map_furniture import draw_north, draw_scale_bar
from maps.print.page_layout import Rect
from maps.print.sheet_content import SheetContent, sheet_content, text_of
from maps.print.sheet_words import sheet_word

_A3 = (420.0, 297.0)
#: Changes farther apart than fit on a map of this scale are on sheets of their own.
_MOST_SCALE = 5_000
#: Between blocks; width of the figures; height of the title of a map, and of scale and north below it, mm.
_GAP_MM, _FIGURES_MM, _MAP_HEAD_MM, _STRIP_MM, _LEGEND_MM = 5.0, 176.0, 6.0, 15.5, 6.0
#: Width of a map, and the rows of the two tables below the maps of one sheet.
_MAP_MM, _ROWS = 194.0, 10
#: Decimals more that a difference may take until it can be read; what it then begins with where it cannot.
_MORE_DECIMALS, _TOO_LITTLE = 2, ("<", ">")
#: Figures of zones that are printed, as POST /preview answers them.
*_SHARES, _AREA = LEADING_FIGURES[:3]  # surely seen, possibly seen, gap


@dataclass(frozen=True)
class TriedDraft:
    """What is proposed.

    Attributes
    ----------
    name, note, author
        Of the draft.
    changes
        Its cameras.
    before, after
        Layer -> zones in reach with ``code`` and figures, as a preview has them; rows of both are the same zones.
    day
        Day of the data that it is tried on, ISO.
    """

    name: str
    note: str
    author: str
    changes: Sequence[CameraChange]
    before: Mapping[str, pd.DataFrame]
    after: Mapping[str, pd.DataFrame]
    day: str


def draft_sheets(data: MapData, draft: TriedDraft, *, lang: str = "zh") -> DrawnFile:
    """Return the sheets of a draft, A3: one for changes that are near each other, more where they are far apart.

    Parameters
    ----------
    data
        The map of the run that it is compared with, as far as the reader may see it.
    draft
        What is proposed; at least one change.
    lang
        ``zh`` or ``en``.
    """
    content = sheet_content(data)
    words = _places(data, content, draft.changes, lang)
    most = _MAP_MM * 0.7 * _MOST_SCALE / 1000
    near = near_each_other([extent_of(_lenses([one])) for one in draft.changes], lambda _count: (most, most), _ROWS)
    groups = [[draft.changes[at] for at in group] for group in near]
    figures = _parts(_figure_rows(data, draft, lang))
    pages, bookmarks = [], []
    count = max(len(groups), len(figures))
    numbers = {one.lens.id: str(n) for n, one in enumerate(draft.changes, 1)}
    points = CameraPoints.of(data, content.crs).without(list(numbers))
    for at in range(count):
        page = _DraftPage(data, content, draft, lang, numbers, words, points)
        group = groups[at] if at < len(groups) else ()
        pages.append(page.draw(group, figures[at] if at < len(figures) else (), at + 1, count))
        bookmarks.append([(f"{form_word('draft_title', lang)} {at + 1}", page.page.inner.x, page.page.inner.top)])
    return drawn_form(data, pages, bookmarks, f"{form_word('draft_title', lang)} {draft.name}")


def _parts(rows: Sequence[list[str]]) -> list[Sequence[list[str]]]:
    """Return rows in parts of as many as a sheet has room for."""
    return [rows[at : at + _ROWS] for at in range(0, len(rows), _ROWS)]


def _lenses(changes: Sequence[CameraChange]) -> list[Lens]:
    return [lens for one in changes for lens in (one.before, one.after) if lens is not None]


def _places(data: MapData, content: SheetContent, changes: Sequence[CameraChange], lang: str) -> dict[str, str]:
    at = pd.DataFrame({"x": [one.lens.x for one in changes], "y": [one.lens.y for one in changes]})
    return dict(zip((one.lens.id for one in changes), GapPlaces(data, content.crs).words(at, lang), strict=True))


def _figure_rows(data: MapData, draft: TriedDraft, lang: str) -> list[list[str]]:
    """Return the zones in reach, the whole area first: name, shares and gap before, after and their difference."""
    out = []
    for layer in sorted(zone_layers_among(draft.after), key=lambda one: one != ALL):
        names: dict[str, str] = {}
        if layer in data.zones and layer != ALL:
            names = {str(one["code"]): text_of(one.get("name")) for one in names_of(data.zones[layer])}
        before = draft.before[layer].set_index(draft.before[layer]["code"].astype(str))
        after = draft.after[layer].set_index(draft.after[layer]["code"].astype(str))
        for code in after.index:
            title = sheet_word("all", lang) if layer == ALL else f"{names.get(code, '')} {code}".strip()
            row = [title]
            for name in _SHARES:
                was, now = float(before.at[code, name]), float(after.at[code, name])
                row += _before_and_after(was, now, share_figures)
            was, now = float(before.at[code, _AREA]), float(after.at[code, _AREA])
            row += _before_and_after(was, now, area_figures)
            out.append(row)
    return out


#: Figure before, figure after and their difference at so many decimals.
Figures = Callable[[float, float, int], tuple[str, str, str]]


def share_figures(was: float, now: float, more: int) -> tuple[str, str, str]:
    """Return shares as percent with one decimal and so many more, their difference in points."""
    shares = [f"{percent_figure(one, 1 + more)} %" for one in (was, now)]
    return shares[0], shares[1], _with_sign(100 * (now - was), 1 + more)


def area_figures(was: float, now: float, more: int) -> tuple[str, str, str]:
    """Return areas with so many decimals and their difference."""
    return plain_figure(was, more), plain_figure(now, more), _with_sign(now - was, more)


def _before_and_after(was: float, now: float, figures: Figures) -> list[str]:
    """Return two figures and their difference, with more decimals where both else read alike and are not.

    A change that three decimals do not show is told as about nothing.

    Examples
    --------
    >>> _before_and_after(0.0980, 0.0975, share_figures), _before_and_after(0.09802, 0.09798, share_figures)
    (['9.80 %', '9.75 %', '−0.05'], ['9.802 %', '9.798 %', '−0.004'])
    >>> _before_and_after(120.0, 100.0, area_figures), _before_and_after(0.5, 0.5, share_figures)
    (['120', '100', '−20'], ['50.0 %', '50.0 %', '0.0'])
    """
    if math.isnan(was) or math.isnan(now):
        one = figures(0.0 if math.isnan(was) else was, 0.0 if math.isnan(now) else now, 0)
        return ["—" if math.isnan(was) else one[0], "—" if math.isnan(now) else one[1], "—"]
    for more in range(_MORE_DECIMALS + 1):
        told = figures(was, now, more)
        if was == now or (told[0] != told[1] and not told[2].startswith(_TOO_LITTLE)):
            return list(told)
    return [*figures(was, now, 0)[:2], "≈0"]


def _with_sign(value: float, decimals: int) -> str:
    """Return a difference with its sign, a true minus."""
    figure = plain_figure(value, decimals)
    return f"+{figure}" if value > 0 and not figure.startswith("<") else figure.replace("-", "−")


class _DraftPage:
    """Draw one sheet."""

    def __init__(
        self,
        data: MapData,
        content: SheetContent,
        draft: TriedDraft,
        lang: str,
        numbers: Mapping[str, str],
        words: Mapping[str, str],
        others: np.ndarray,
    ) -> None:
        self.others = others
        self.data, self.content, self.draft = data, content, draft
        self.numbers, self.words = numbers, words
        self.page = FormPage(_A3, print_font(), lang)

    def draw(self, group: Sequence[CameraChange], figures: Sequence[Sequence[str]], number: int, of: int) -> FormPage:
        """Draw maps and changes of one group, and a part of the figures."""
        page, draft = self.page, self.draft
        about = "  ".join(one for one in (draft.name, draft.note) if one)
        page.head(page.word("draft_title"), about, self.data)
        table = Rect(page.inner.x, page.above_signed + 2.0, page.inner.width, self._table_mm(group, figures))
        if group:
            maps = Rect(page.inner.x, table.top + 3.0, page.inner.width, page.y - table.top - 3.0)
            self._maps(maps, group)
        else:
            table = Rect(table.x, page.y - table.height, table.width, table.height)
        self._changes(Rect(table.x, table.y, table.width - _FIGURES_MM - _GAP_MM, table.height), group)
        self._figures(Rect(table.right - _FIGURES_MM, table.y, _FIGURES_MM, table.height), figures)
        page.signed()
        page.foot(self.data, self.content, number, of)
        return page

    def _table_mm(self, group: Sequence[CameraChange], figures: Sequence[Sequence[str]]) -> float:
        rows = max(len(group), len(figures) + 1, 3)
        return HEADING_MM + ROW_MM * (rows + 1) + 2.0

    def _maps(self, box: Rect, group: Sequence[CameraChange]) -> None:
        page = self.page
        width = (box.width - _GAP_MM) / 2
        height = box.height - _MAP_HEAD_MM - _STRIP_MM - _LEGEND_MM
        extent = extent_of(_lenses(group))
        shown: set[str] = set()
        for at, side in enumerate(("before", "after")):
            rect = Rect(box.x + at * (width + _GAP_MM), box.y + _STRIP_MM + _LEGEND_MM, width, height)
            page.text(rect.x, rect.top + 1.8, page.word(side), 9.5, bold=True)
            frame = frame_of(extent, rect)
            page.canvas.maps.append(frame.reference(self.content.crs))
            lenses = [lens for one in group if (lens := getattr(one, side)) is not None]
            drawn = ViewMap(page.canvas, frame, self.data, self.content, page.lang, drawn=shown)
            drawn.draw(lenses, self.numbers, others=self.others)
        scale = f"1:{frame.scale:,.0f}"
        run = page.text(box.x, box.y + _LEGEND_MM + 6.6, scale, 10.0, bold=True)
        bar = (box.x + run + 5.0, box.y + _LEGEND_MM + 6.2)
        draw_scale_bar(page.canvas, *bar, 90.0, int(frame.scale), 1.0, page.lang)
        page.text(box.x + run + 118.0, box.y + _LEGEND_MM + 6.6, page.word("one_scale"), SMALL_PT, quiet=True)
        draw_north(page.canvas, box.right - 12.0, box.y + _LEGEND_MM + 4.6, 10.5, group[0].lens.turn, 0.8, page.lang)
        entries = drawn.legend(_lenses(group))
        step = box.width / max(len(entries), 1)
        for at, (name, text) in enumerate(entries):
            draw_symbol(page.canvas, name, Rect(box.x + at * step, box.y + 1.2, 6.0, 2.4))
            page.text(box.x + at * step + 7.2, box.y + 1.5, text, SMALL_PT, width=step - 8.5)

    def _changes(self, box: Rect, group: Sequence[CameraChange]) -> None:
        page = self.page
        y = page.heading(box, page.word("changes", n=len(self.draft.changes)))
        if not group:
            page.text(box.x, y - 3.5, page.word("changes_before"), quiet=True)
            return
        columns = [
            Column(page.word("number"), 7), Column(page.word("camera"), 40), Column(page.word("change"), 23),
            Column(page.word("address"), 62), Column(page.word("what_differs"), 55),
            Column(page.word("surely_before_after"), 38, "right"),
        ]  # fmt: skip
        rows = []
        for one in group:
            name = text_of(one.lens.row.get("name")) or ("—" if one.before is None else one.lens.id)
            kinds = "、" if page.lang == "zh" else ", "
            rows.append([
                self.numbers[one.lens.id], name, kinds.join(page.word(f"change_{kind}") for kind in one.kinds),
                self.words[one.lens.id], "; ".join(one.values) or self._as_new(one),
                self._seen(one),
            ])  # fmt: skip
        page.table(Rect(box.x, box.y, box.width, y - box.y), columns, rows)

    def _as_new(self, one: CameraChange) -> str:
        """Return how a new camera looks, in words; nothing of one that goes."""
        if one.after is None:
            return ""
        azimuth = f"{one.after.azimuth:g}°" if math.isfinite(one.after.azimuth) else self.page.word("unknown_azimuth")
        hfov = f"{one.after.hfov:g}°" if math.isfinite(one.after.hfov) else "—"
        return self.page.word("as_new", azimuth=azimuth, hfov=hfov)

    def _seen(self, one: CameraChange) -> str:
        """Return what the camera sees before and after: surely, or possibly where it sees nothing surely in both."""
        lenses = [lens for lens in (one.before, one.after) if lens is not None]
        name = "sure_m2"
        if not any(lens.sure_m2 > 0 for lens in lenses) and any(lens.possible_m2 > 0 for lens in lenses):
            name = "possible_m2"
        was, now = (math.nan if lens is None else getattr(lens, name) for lens in (one.before, one.after))
        before, after, _ = _before_and_after(was, now, area_figures)
        told = " → ".join(text if text == "—" else f"{text} m²" for text in (before, after))
        return told if name == "sure_m2" else f"{self.page.word('possible')} {told}"

    def _figures(self, box: Rect, rows: Sequence[Sequence[str]]) -> None:
        page = self.page
        y = page.heading(box, page.word("figures"), page.word("figures_note", day=self.draft.day))
        changed = page.word("difference")
        columns = [
            Column(page.word("zone"), 50), Column(page.word("sure_before"), 17, "right"),
            Column(page.word("then"), 15, "right"), Column(changed, 13, "right"),
            Column(page.word("possible_before"), 17, "right"), Column(page.word("then"), 15, "right"),
            Column(changed, 13, "right"), Column(page.word("gap_before"), 21, "right"),
            Column(page.word("then"), 19, "right"), Column(changed, 17, "right"),
        ]  # fmt: skip
        if rows:
            y = page.table(Rect(box.x, box.y, box.width, y - box.y), columns, rows)
        else:
            page.text(box.x, y - 3.5, page.word("none_in_reach"), quiet=True)
            y -= ROW_MM
        run = page.text(box.x, y - 3.6, page.word("exposure"), SMALL_PT, quiet=True)
        page.canvas.polyline([(box.x + run + 2.0, y - 4.2), (box.right, y - 4.2)], edge=LIGHT.grid_line, width=0.2)
