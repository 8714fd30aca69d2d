"""Collect the notes of a sheet (what it leaves out, what it assumes, what adjoins it) and write them as a block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import shapely

from geo.catalog.papers import CLASS_SCHEMES
from geo.catalog.results import GRID_ZONES
from geo.sentences import in_language
from maps.map_data import MapData
from maps.print.fonts import Font, character_name
from maps.print.labels import LabelResult
from maps.print.map_body import MapContents
from maps.print.page_layout import Rect
from maps.print.page_projection import projected
from maps.print.panel import HEADING_MM, SMALL_PT, PanelContext
from maps.print.pdf_canvas import MM_PER_POINT
from maps.print.sheet_content import SheetContent, text_of, township_frame
from maps.print.sheet_words import sheet_word
from maps.style.class_schemes import dominant_class, edges_text, scheme_classes
from maps.style.coverage_classes import NO_DATA, ZERO

#: Missing characters that a note names.
_MAX_NAMED = 12
#: Notes of the run that a sheet prints, and the Chinese characters of each.
_MAX_RUN_NOTES, _MAX_NOTE_LENGTH = 4, 90
#: Height of a line of the notes in mm on A3.
_LINE_MM = 2.8


@dataclass(frozen=True)
class NotesOfContent:
    """Notes that labels do not change, so that they are found once: of the classes, and of the adjoining zones."""

    classes: tuple[str, ...]
    adjoining: tuple[str, ...]


def notes_of_content(
    data: MapData,
    content: SheetContent,
    contents: MapContents,
    lang: str,
    pages: Mapping[str, int] = MappingProxyType({}),
) -> NotesOfContent:
    """Return the notes that labels do not change; ``pages`` are those of the sheets round this one, by their zones."""

    def word(key: str, **values: object) -> str:
        return sheet_word(key, lang, **values)

    adjoining = _adjoining_zones(data, content, lang, pages)
    names = ("、" if lang == "zh" else ", ").join(adjoining)
    return NotesOfContent(
        tuple(_class_notes(content, contents, word)), (word("sheet_adjoining", names=names),) if adjoining else ()
    )


def sheet_notes(
    data: MapData,
    content: SheetContent,
    contents: MapContents,
    labels: LabelResult,
    missing: Sequence[str],
    lang: str,
    known: NotesOfContent,
) -> list[str]:
    """Return the notes, in the order in which they are printed.

    Parameters
    ----------
    missing
        Characters that the print font lacks.
    known
        The notes of the content.
    """

    def word(key: str, **values: object) -> str:
        return sheet_word(key, lang, **values)

    notes = []
    comma = "、" if lang == "zh" else ", "
    if data.partial:
        notes.append(word(f"sheet_partial_{data.partial}"))
    if missing:
        notes.append(word("sheet_missing", chars=missing_names(missing, comma)))
    # Labels: codes placed and left out, digits that all codes share, names and gap numbers left out.
    codes_left = [one for one in labels.left_out if one.key.startswith("code:")]
    placed = sum(one.key.startswith("code:") for one in labels.placed)
    if placed or codes_left:
        notes.append(word("sheet_labels", layer=word(content.layer), placed=placed, left=len(codes_left)))
    notes += known.classes
    if content.prefix and content.layer == "grids":
        what = word(f"sheet_prefix_{content.prefix}")
        if content.prefix == 9 and content.focus is not None:
            what = word("sheet_prefix_9_alone")  # the title names the township, no name on the map does
        notes.append(word("sheet_prefix", digits=content.prefix, what=what))
    names_left = [one.text for one in labels.left_out if one.key.startswith("name:")]
    if names_left:
        notes.append(word("sheet_names_left", names=comma.join(names_left)))
    if labels.numbers_left_out:
        numbers = comma.join(one.text for one in labels.numbers_left_out)
        notes.append(word("sheet_numbers_left", numbers=numbers))
    sites_left = [one.text for one in labels.left_out if one.key.startswith("site:")]
    if sites_left:
        notes.append(word("sheet_sites_left", numbers=comma.join(sites_left)))
    ground_left = sum(one.key.startswith(("village:", "water:")) for one in labels.left_out)
    if ground_left:
        notes.append(word("sheet_ground_left", n=f"{ground_left:,}"))
    if labels.roads_left_out:
        notes.append(word("sheet_roads_left", n=f"{labels.roads_left_out:,}"))
    notes += _data_notes(data, contents, word)
    notes += _run_notes(data, lang)
    notes += known.adjoining
    notes.append(word("sheet_sure_note"))
    return notes


def _data_notes(data: MapData, contents: MapContents, word: Callable[..., str]) -> list[str]:
    """Return what of the data is not on the map: symbols that crowd, sites beyond it, rejected rows."""
    rejected = data.summary.get("rejected")
    told = (
        ("sheet_thinned", contents.thinned),
        ("sheet_outside", contents.outside),
        ("sheet_rejected", rejected if isinstance(rejected, int) else 0),
    )
    return [word(key, n=f"{count:,}") for key, count in told if count]


def _class_notes(content: SheetContent, contents: MapContents, word: Callable[..., str]) -> list[str]:
    """Return what is to be said of the classes: that they do not compare, or that one of them has most zones."""
    if not contents.classes:
        return [] if content.scheme == CLASS_SCHEMES[0] else [word("sheet_scheme_unused")]
    if content.scheme != CLASS_SCHEMES[0]:
        return [word("sheet_scheme", scheme=word(f"scheme_{content.scheme}"))]
    found = content.zones["class"].to_numpy()[content.own]
    most = dominant_class(found)
    if most is None or most == ZERO:
        return []
    label = next(one for one in content.classes if one.code == most).label("zh")
    known = found[found != NO_DATA]
    _classes, offered = scheme_classes(content.zones["share"].to_numpy(), "natural")
    return [
        word(
            "sheet_dominant", layer=word(content.layer), label=label, n=int((known == most).sum()), of=len(known),
            edges=edges_text(offered),
        )
    ]  # fmt: skip


def _run_notes(data: MapData, lang: str) -> list[str]:
    """Return the first notes of the run in short, and how many more there are."""
    told = [str(one) for one in data.summary.get("notes") or ()]
    more = len(told) - _MAX_RUN_NOTES
    listed = [_in_short(one, lang) for one in told[:_MAX_RUN_NOTES]]
    return listed if more <= 0 else [*listed, sheet_word("sheet_more_notes", lang, n=more)]


def _in_short(note: str, lang: str) -> str:
    """Return one language of a note of the run, ``中文 / English``, cut where it is long."""
    text = in_language(note, "zh" if lang == "zh" else "en")
    most = _MAX_NOTE_LENGTH if lang == "zh" else 2 * _MAX_NOTE_LENGTH
    return text if len(text) <= most else f"{text[: most - 1]}…"


def missing_names(missing: Sequence[str], comma: str) -> str:
    """Return what no font can draw by names that it can, the first of them where they are many."""
    more = len(missing) - _MAX_NAMED
    named = comma.join(map(character_name, missing[:_MAX_NAMED]))
    return f"{named} (+{more})" if more > 0 else named


def missing_characters(data: MapData, content: SheetContent, font: Font) -> list[str]:
    """Return the characters of all texts that may be printed which the font lacks."""
    meta, zones = data.meta, content.zones
    titles = [meta.title, meta.title_zh, meta.title_en]
    texts = [*titles, meta.security, meta.review_number, meta.source, meta.domain, meta.run_id]
    texts += [*zones.code, *zones.name]
    townships = township_frame(data)
    if townships is not None and "name" in townships:
        texts += [text_of(value) for value in townships["name"]]
    if content.focus is not None:
        texts.append(content.focus.name)
    texts += [str(one) for one in (data.summary.get("notes") or ())[:_MAX_RUN_NOTES]]
    if data.base is not None:
        base = data.base
        texts += [base.name, base.attribution, base.review_number, base.data_date, base.secret_class]
    if data.claims is not None:
        texts += [text_of(value) for value in data.claims["claim"]]
    listed = content.gaps.iloc[:200]
    for column in ("grid", "camera", "obstacle"):
        if column in listed:
            texts += [text_of(value) for value in listed[column]]
    return font.missing(texts)


def _adjoining_zones(data: MapData, content: SheetContent, lang: str, pages: Mapping[str, int]) -> list[str]:
    """Return the zones of the same layer that touch the zone in focus, with directions and pages, from north on."""
    focus = content.focus
    if focus is None:
        return []
    frame = projected(data.zones[focus.layer], content.crs)
    shapes = frame.geometry.to_numpy()
    near = shapely.dwithin(shapes, focus.shape, 5.0) & (frame.code.astype(str) != focus.code).to_numpy()
    # The direction is that of the common border, which may differ from the direction of the centroids.
    shared = shapely.centroid(shapely.intersection(shapely.buffer(shapes[near], 10.0), focus.shape.boundary))
    middle = np.array(focus.shape.centroid.coords[0])
    found = []
    for (_key, row), at in zip(frame[near].iterrows(), shapely.get_coordinates(shared), strict=False):
        dx, dy = at - middle
        direction = round(np.degrees(np.arctan2(dx, dy)) / 45) % 8
        code = str(row["code"])
        told = code if focus.layer in GRID_ZONES else text_of(row.get("name")) or code
        page = sheet_word("atlas_page", lang, page=pages[code]) if code in pages else ""
        found.append((direction, f"{told} {page}".rstrip()))
    return [f"{sheet_word(f'direction_{direction}', lang)} {name}" for direction, name in sorted(found)]


# ------------------------------------------------------------------------------------------------- block


def note_lines(panel: PanelContext, notes: Sequence[str], width: float) -> list[str]:
    """Break the notes into lines of the panel's width."""
    size = SMALL_PT * panel.unit * MM_PER_POINT
    return [line for note in notes for line in panel.canvas.font.wrap(note, size, width)]


def fitting_lines(panel: PanelContext, lines: Sequence[str], count: int) -> list[str]:
    """Return the lines that there is room for; the last of them says how many there is none for."""
    if len(lines) <= count or not count:
        return list(lines[:count])
    return [*lines[: count - 1], panel.word("sheet_more_lines", n=len(lines) - count + 1)]


def notes_height(panel: PanelContext, lines: int) -> float:
    """Return the height in mm of notes of that many lines."""
    return (HEADING_MM + _LINE_MM * lines + 0.4) * panel.unit


def lines_that_fit(panel: PanelContext, height: float) -> int:
    """Return how many lines of notes fit that height in mm."""
    return max(0, int((height / panel.unit - HEADING_MM - 0.4) / _LINE_MM))


def draw_notes(panel: PanelContext, rect: Rect, lines: Sequence[str]) -> None:
    """Write the notes."""
    y = panel.heading(rect, panel.word("sheet_notes"))
    for at, line in enumerate(lines):
        panel.text(rect.x, y - (at + 0.75) * _LINE_MM * panel.unit, line, SMALL_PT)
