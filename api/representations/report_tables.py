"""Arrange what a report says as tables of one language: the same values for the pages and for the workbook."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from api.representations.report_words import REPORT_WORDS
from api.representations.workbook_files import SheetOfTable
from geo.assessment.rates import COUNTY
from geo.catalog.claims import CLAIMS_OF_RUN, PLACES_OF_RUN, RATES, RATES_OF_RUN, UNKNOWNS_OF_RUN
from geo.catalog.headings import words
from geo.catalog.kinds import FACILITY_KINDS, kind_words
from geo.catalog.layers import LAYERS
from geo.catalog.rate_words import NOT_FILLED_IN, PER_ITEM_RATES, is_of_road_name, rate_key_word
from geo.catalog.results import GAPS, RUN_FIGURES
from geo.figure_text import percent_text, plain_figure
from geo.sentences import in_language
from geo.studies.report_contents import ReportContents
from maps.print.report_pages import ReportColumn, ReportTable

#: What a column holds: a text, whole things, a share of one, whole m2, or a number with two decimals.
Kind = Literal["text", "count", "share", "area", "number"]
#: Columns of one kind of rows, as they are written here: name of a word -> kind; ``*`` marks a text not repeated.
Columns = Sequence[tuple[str, Kind]]


@dataclass(frozen=True)
class Table:
    """A table of a report: values as they are known, told as texts on pages and as numbers in the workbook.

    Attributes
    ----------
    section, title, notes, rules
        As those of ``ReportTable``.
    columns
        Heading -> kind.
    rows
        A value for each column; None for none.
    once
        Headings whose equal texts one below another are printed once.
    most
        How many rows are printed; the workbook has them all.
    sheet
        Name of its sheet in the workbook, where that is not the title.
    """

    section: str
    title: str
    columns: Mapping[str, Kind]
    rows: Sequence[Sequence[Any]]
    notes: tuple[str, ...] = ()
    rules: str = ""
    once: tuple[str, ...] = field(default=())
    most: int | None = None
    sheet: str = ""


def printed_table(table: Table, lang: str) -> ReportTable:
    """Return a table as texts for the pages, without the columns that no row fills."""
    shown = table.rows if table.most is None else table.rows[: table.most]
    notes = table.notes
    if len(shown) < len(table.rows):
        told = REPORT_WORDS["listed"][lang == "en"]
        notes = (*notes, told.format(n=f"{len(shown):,}", of=f"{len(table.rows):,}"))
    texts = [[cell_text(value, kind) for value in column] for kind, column in zip(
        table.columns.values(), zip(*shown, strict=True) if shown else [()] * len(table.columns), strict=True
    )]  # fmt: skip
    filled = [k for k, column in enumerate(texts) if not column or any(column)]
    columns = tuple(
        ReportColumn(title, "left" if kind == "text" else "right", once=title in table.once)
        for k, (title, kind) in enumerate(table.columns.items())
        if k in filled
    )
    unfilled = [title for k, title in enumerate(table.columns) if k not in filled]
    if unfilled:
        names = ("、", ", ")[lang == "en"].join(unfilled)
        notes = (*notes, REPORT_WORDS["unfilled"][lang == "en"].format(names=names))
    rows = list(zip(*(texts[k] for k in filled), strict=True))
    return ReportTable(table.section, table.title, columns, rows, notes, table.rules)


def sheet_of_table(table: Table) -> SheetOfTable:
    """Return a table as a sheet of a workbook, numbers as numbers."""
    columns = {
        title: pd.Series([_known(row[k], kind) for row in table.rows], dtype=object)
        for k, (title, kind) in enumerate(table.columns.items())
    }
    shares = tuple(title for title, kind in table.columns.items() if kind == "share")
    return SheetOfTable(table.sheet or table.title, pd.DataFrame(columns), shares)


def cell_text(value: Any, kind: Kind) -> str:
    """Return the text of a value on paper, from the number that the workbook has.

    Examples
    --------
    >>> cells = ((12345, "count"), (0.17654, "share"), (None, "area"), (0.3, "area"), (2, "number"))
    >>> [cell_text(*one) for one in cells]
    ['12,345', '17.7%', '', '<1', '2.00']
    """
    known = _known(value, kind)
    if known is None:
        return ""
    if kind == "text":
        return str(known)
    return percent_text(known) if kind == "share" else plain_figure(known, 2 if kind == "number" else 0)


def _known(value: Any, kind: Kind) -> Any:
    """Return a value as the workbook has it: shares whole, areas in m2, other numbers with two decimals; None for none.

    A share is not rounded: a rounded one, rounded again on paper, would be another than its own rate says.
    """
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if kind == "text":
        return str(value)
    if kind == "share":
        return float(value)
    number = float(value)
    rounded = round(number) if kind in ("count", "area") else round(number, 2)
    # What is not nothing must not read so.
    return rounded or number


# --- the tables of a report -------------------------------------------------------------------------------------------


def report_tables(
    found: ReportContents,
    lang: str,
    squares: Mapping[str, str],
    *,
    most: int | None = None,
    is_part: bool = False,
) -> list[Table]:
    """Return the tables of a report in order.

    Parameters
    ----------
    found
        What it says.
    lang
        ``zh`` or ``en``.
    squares
        Code of a grid -> index square of the county's sheet.
    most
        How many places that are not covered, gaps and unknown values the pages list; None for all.
    is_part
        Whether gaps, cameras and unknown values are those of some townships only, which their tables then say.
    """
    make = _Tables(found, lang, is_part=is_part)
    notes = tuple(in_language(note, lang) for note in found.notes)
    tables = [
        *make.rates(notes),
        *make.claims(most),
        make.gaps(most),
        *make.facilities(),
        *make.changes(),
        make.unknowns(most),
        make.directory(squares),
    ]
    return [one for one in tables if one is not None]


class _Tables:
    """Make the tables of one report in one language."""

    def __init__(self, found: ReportContents, lang: str, *, is_part: bool) -> None:
        self.found, self.lang, self.en = found, lang, lang == "en"
        self.part = (self.word("own_part"),) if is_part else ()

    def word(self, key: str, **values: object) -> str:
        return REPORT_WORDS[key][self.en].format(**values)

    def _columns(self, *columns: tuple[str, Kind]) -> dict[str, Kind]:
        return {self.word(name): kind for name, kind in columns}

    def _of_field(self, table: Any, name: str) -> Callable[[Any], Any]:
        known = words(table.field(name), "en" if self.en else "zh")
        return lambda value: known.get(str(value), value)

    def _name(self, code: object) -> object:
        return self.found.names.name(code)

    def rates(self, notes: tuple[str, ...]) -> Iterable[Table]:
        """Yield the rates of the county, by class too, and those of townships by rank."""
        frame = self.found.rates
        of_rate = self._of_field(RATES_OF_RUN, "rate")
        order = {name: k for k, name in enumerate(RATES)}
        rows = sorted(frame.to_dict("records"), key=lambda row: order[row["rate"]])
        numbers: Columns = (
            ("numerator", "count"), ("denominator", "count"), ("value", "share"), ("per_item", "number"),
            ("remark", "text"),
        )  # fmt: skip
        county = [
            (of_rate(row["rate"]), rate_key_word(row["rate"], key, self.lang), *self._figures(row))
            for row in rows
            if row["scope"] == COUNTY
            for key in [None if pd.isna(row["key"]) else str(row["key"])]
            if not is_of_road_name(row["rate"], key)
        ]
        columns = self._columns(("rate", "text"), ("key", "text"), *numbers)
        once = (self.word("rate"),)
        yield Table(self.word("rates"), self.word("county_rates"), columns, county, notes, "P2 P3 P6", once)
        ranked = [row for row in rows if row["scope"] != COUNTY and pd.isna(row["key"])]
        ranked.sort(key=lambda row: (order[row["rate"]], 1e9 if pd.isna(row["rank"]) else row["rank"], row["scope"]))
        townships = [
            (of_rate(row["rate"]), row["rank"], self._name(row["scope"]), row["scope"], *self._figures(row))
            for row in ranked
        ]
        columns = self._columns(("rate", "text"), ("rank", "count"), ("township", "text"), ("code", "text"), *numbers)
        yield Table(self.word("rates"), self.word("township_rates"), columns, townships, (), "P2 P3 P6", once)

    def _figures(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return numerator, denominator, the value as a share or as a number per item, and a remark."""
        value, per_item = row["value"], row["rate"] in PER_ITEM_RATES
        is_open = pd.isna(value) and row["denominator"] > 0
        share, number = (None, value) if per_item else (value, None)
        return row["numerator"], row["denominator"], share, number, NOT_FILLED_IN[self.en] if is_open else None

    def claims(self, most: int | None) -> Iterable[Table]:
        """Yield the claims with their verdicts and both counts, and the places that are not surely covered."""
        names: tuple[tuple[str, Kind], ...] = (
            ("claim", "text"), ("verdict", "text"), ("level", "text"), ("share", "share"), ("places", "count"),
            ("covered", "count"), ("maybe", "count"), ("not_covered", "count"), ("nothing", "count"),
            ("counted", "count"), ("covered_share", "share"),
        )  # fmt: skip
        frame = self.found.claims
        told = [self._of_field(CLAIMS_OF_RUN, name) for name, _ in names]
        rows = [] if frame is None else frame[[name for name, _ in names]].to_dict("records")
        cells = [[say(row[name]) for say, (name, _) in zip(told, names, strict=True)] for row in rows]
        columns = {self._heading(CLAIMS_OF_RUN, name): kind for name, kind in names}
        notes = (self.word("no_claims"),) if frame is None else (self.word("claims_note"),)
        section = self.word("claims")
        yield Table(section, section, columns, cells, notes, "P1 P2 P3 P4")
        if frame is None:
            return
        kinds: tuple[tuple[str, Kind], ...] = (
            ("claim", "text"), ("name", "text"), ("kind", "text"), ("where", "text"), ("code", "text"),
            ("verdict", "text"), ("sure_share", "share"), ("counted", "text"),
        )  # fmt: skip
        of_place = {name: self._of_field(PLACES_OF_RUN, name) for name, _ in kinds if name != "where"}
        places = [
            [of_place[name](row[name]) if name in of_place else row[name] for name, _ in kinds]
            for row in self.found.missed.to_dict("records")
        ]
        heads = {
            self.word(name) if name == "where" else self._heading(PLACES_OF_RUN, name): kind for name, kind in kinds
        }
        once = (self._heading(PLACES_OF_RUN, "claim"),)
        yield Table(section, self.word("missed"), heads, places, (), "P2 P3", once, most)

    def _heading(self, table: Any, name: str) -> str:
        found = table.field(name)
        return str(found.en if self.en else found.zh)

    def gaps(self, most: int | None) -> Table:
        """Return the gaps, the worst first, with where they are."""
        cause, names = self._of_field(GAPS, "cause"), self.found.names
        rows: list[tuple[Any, ...]] = [
            (row["rank"], row["where"], names.township(row["grid"]), names.name(row["grid"]), row["grid"],
             cause(row["cause"]), row["area_m2"], row["weight"])
            for row in self.found.gaps.to_dict("records")
        ]  # fmt: skip
        columns = self._columns(
            ("number", "count"), ("where", "text"), ("township", "text"), ("grid_name", "text"), ("grid", "text")
        )
        columns |= {self._heading(GAPS, "cause"): "text", self.word("area"): "area", self.word("weight"): "number"}
        if all(round(row[-2] or 0.0, 1) == round(row[-1], 1) for row in rows):  # each m2 weighs 1: said once
            rows = [row[:-1] for row in rows]
            columns.pop(self.word("weight"))
        notes = (*self.part, self.word("gaps_note"))
        return Table(self.word("gaps"), self.word("gaps"), columns, rows, notes, "G1 G2 G3 L1", most=most)

    def facilities(self) -> Iterable[Table]:
        """Yield the facilities, and the units without one."""
        kinds = kind_words(FACILITY_KINDS)
        level, link = (self._of_field(LAYERS["facilities"], name) for name in ("level", "link"))
        rows = [
            (kinds.get(row["kind"], (row["kind"], row["kind"]))[self.en], row["name"], row["code"], level(row["level"]),
             self._name(row["township"]), link(row["link"]))
            for row in self.found.facilities.to_dict("records")
        ]  # fmt: skip
        rows.sort(key=lambda row: (str(row[0]), str(row[2])))
        columns = self._columns(("kind", "text"), ("name", "text"), ("code", "text"))
        columns |= {self._heading(LAYERS["facilities"], "level"): "text", self.word("township"): "text"}
        columns |= {self._heading(LAYERS["facilities"], "link"): "text"}
        section, once = self.word("facilities"), (self.word("kind"),)
        bare = self.found.without.to_dict("records")
        units = [(self.word(row["unit"]), row["name"], row["code"], self._name(str(row["code"])[:9])) for row in bare]
        heads = self._columns(("unit", "text"), ("name", "text"), ("code", "text"), ("township", "text"))
        notes = (self.word("without_note" if rows else "no_facilities"),)
        yield Table(section, self.word("without"), heads, units, notes, "P7", (self.word("unit"),))
        yield Table(section, self.word("facilities_listed"), columns, rows, (), "P7", once)

    def changes(self) -> Iterable[Table]:
        """Yield the figures of county and townships before and now, and what changed of gaps and cameras."""
        found, section = self.found.changes, self.word("changes")
        heads = self._columns(
            ("township", "text"), ("code", "text"), ("share_before", "share"), ("share_now", "share"),
            ("share_change", "share"), ("gap_before", "area"), ("gap_now", "area"), ("gap_change", "area"),
        )  # fmt: skip
        if found is None or self.found.before is None:
            yield Table(section, section, heads, [], (self.word("no_before"),))
            return
        rows: list[tuple[Any, ...]] = []
        for layer in ("all", "townships"):
            if layer not in found.zones:
                continue
            old, new = (_by_code(run.layers[layer]) for run in (found.a, found.b))
            for code in sorted({*old, *new}):
                before, now = old.get(code, {}), new.get(code, {})
                name = self.word("whole") if layer == "all" else now.get("name") or before.get("name")
                rows.append((name, None if layer == "all" else code, *_before_and_now(before, now)))
        title = f"{section}：{self.word('changes_since', run=found.a.id)}".replace("：", ": " if self.en else "：")
        notes = (in_language(found.caution, self.lang),) if found.caution else ()
        yield Table(section, title, heads, rows, notes, "Zones", sheet=section)
        names = ("only_before", "only_now")
        counts = [(self.word(name), count) for name, count in zip(names, self.found.gaps_changed or (), strict=False)]
        counts += [(self.word(name), number) for name, number in (self.found.cameras or {}).items()]
        columns = self._columns(("figure", "text"), ("count", "count"))
        yield Table(section, self.word("changes_counts"), columns, counts, self.part, "G1")

    def unknowns(self, most: int | None) -> Table:
        """Return the unknown values, the one most worth measuring first."""
        found = self.found.unknowns
        layer, what = (self._of_field(UNKNOWNS_OF_RUN, name) for name in ("layer", "field"))
        rows = [] if found is None else found.rows.drop(columns=found.rows.geometry.name).to_dict("records")
        cells = [
            (row["rank"], layer(row["layer"]), row["name"], row["id"], what(row["field"]), row["weight"],
             "; ".join(row["claims"]))
            for row in rows
        ]  # fmt: skip
        names: tuple[tuple[str, Kind], ...] = (
            ("rank", "count"), ("layer", "text"), ("name", "text"), ("id", "text"), ("field", "text"),
            ("weight", "number"), ("claims", "text"),
        )  # fmt: skip
        columns = {self._heading(UNKNOWNS_OF_RUN, name): kind for name, kind in names}
        notes = (*self.part, self.word("no_unknowns" if found is None else "unknowns_note"))
        more = () if found is None else tuple(in_language(note, self.lang) for note in found.notes)
        title = self.word("unknowns")
        return Table(title, title, columns, cells, (*notes, *more), "U1 U2 U3", most=most)

    def directory(self, squares: Mapping[str, str]) -> Table:
        """Return the grids with their codes, and where the sheet has them."""
        grids = self.found.grids
        rows = [
            (row["code"], row["name"], self._name(row["village"]) or row["village"], self._name(row["township"]),
             row["area_m2"], squares.get(row["code"]))
            for row in pd.DataFrame(grids.drop(columns=grids.geometry.name)).to_dict("records")
        ]  # fmt: skip
        columns = self._columns(
            ("code", "text"), ("name", "text"), ("village", "text"), ("township", "text"), ("area", "area"),
            ("square", "text"),
        )  # fmt: skip
        title, notes = self.word("directory"), (self.word("directory_note"),)
        return Table(title, title, columns, rows, notes, "L1", (self.word("village"), self.word("township")))


def _by_code(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    names = [name for name in ("name", *RUN_FIGURES) if name in frame]
    codes = frame["code"].astype(str) if "code" in frame else ["" for _ in range(len(frame))]
    return dict(zip(codes, pd.DataFrame(frame)[names].to_dict("records"), strict=True))


def _before_and_now(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Any, ...]:
    out: list[Any] = []
    for name in RUN_FIGURES:
        pair = [None if pd.isna(one.get(name)) else float(one[name]) for one in (before, now)]
        out += [*pair, None if None in pair else pair[1] - pair[0]]  # type: ignore[operator]
    return tuple(out)
