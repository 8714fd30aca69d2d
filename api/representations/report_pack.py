"""Make the pack of a report: its pages as PDF and its tables as a workbook, the same bytes for the same run."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from api.representations.report_settings import ReportSettings
from api.representations.report_tables import printed_table, report_tables, sheet_of_table
from api.representations.workbook_files import tables_workbook
from geo.catalog.papers import PAPERS
from geo.studies.report_contents import ReportContents
from maps.map_data import MapData
from maps.print.report_pages import PrintedReport, ReportHead, write_report
from maps.print.sheet_dates import moment_of
from maps.print.sheet_squares import sheet_squares

#: Names of the files of a pack.
PDF, XLSX = "report.pdf", "report.xlsx"
#: How many gaps, and unknown values, the pages list where no other number is asked for.
LISTED = 300
#: Paper of the county's sheet whose squares the directory of grids names.
SQUARES_OF = next(name for name in PAPERS if name == "A3")
_TITLE = ("覆盖与网格管理报告", "Report on coverage and grid management")
_CLASSIFICATION = ("内部资料 不得公开", "Internal: not for publication")
# Of every entry of a pack: the file has no other day than the run's.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class ReportPack:
    """The files of a report by name, and what was printed."""

    files: Mapping[str, bytes]
    printed: PrintedReport
    tables: Mapping[str, int]


def report_pack(
    found: ReportContents, data: MapData, settings: ReportSettings, lang: str, *, most: int | None = LISTED
) -> ReportPack:
    """Return the pack of a report.

    Parameters
    ----------
    found
        What it says, with words of place in the language.
    data
        The map of the same run, for the squares of its sheet.
    settings
        Titles, unit, classification, logo; what it leaves out is the county's name with a title of ours, a line to
        write the unit on, and the classification of maps.
    lang
        ``zh`` or ``en``.
    most
        How many gaps and unknown values the pages list; the workbook has all. None for all.
    """
    en = lang == "en"
    squares = sheet_squares(data, found.grids.geometry, paper=SQUARES_OF)
    places = dict(zip(found.grids["code"], squares, strict=True))
    tables = report_tables(found, lang, places, most=most, is_part=data.partial == "townships")
    head = ReportHead(
        title=settings.text("title", lang) or _own_title(found, en=en),
        unit=settings.text("unit", lang),
        classification=settings.text("classification", lang) or _CLASSIFICATION[en],
        logo=settings.logo,
        logo_size=settings.logo_size,
        day=found.day.isoformat(),
        run=found.run.id,
        made=moment_of(found.run.created),
        lang=lang,
    )
    out = BytesIO()
    printed = write_report(head, [printed_table(one, lang) for one in tables], out)
    book = tables_workbook([sheet_of_table(one) for one in tables], made=head.made)
    counts = {one.title: len(one.rows) for one in tables}
    return ReportPack({PDF: out.getvalue(), XLSX: book}, printed, counts)


def zipped(pack: ReportPack) -> bytes:
    """Return the files of a pack as one ZIP file; the same files give the same bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in pack.files.items():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            file.writestr(entry, data)
    return out.getvalue()


def _own_title(found: ReportContents, *, en: bool) -> str:
    """Return a title with the name of the county, where the store has one."""
    title, county = _TITLE[en], found.county
    return f"{title}, {county}" if en and county else f"{county}{title}"
