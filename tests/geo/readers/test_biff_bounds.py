"""A damaged BIFF workbook is refused before the parser asks for memory that there is none of."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from geo.errors import UnreadableFile
from geo.readers.sheets.biff_sheets import read_biff
from geo.readers.source import FileLimits
from tests.geo.readers.workbook_files import Tab, biff_stream, compound, write_xls

HEADINGS, ROW_1, ROW_2 = ["编号", "名称", "层"], ["c1", "东门", 3], ["c2", "西门", 4]


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ((0, 3, 0, 8), None),
        ((0, 0, 0, 0), None),  # an empty sheet
        ((0, 0xFFFFFFFF, 0, 8), "damaged"),
        ((0, 3, 0, 0xFFFF), "damaged"),
        ((3, 1, 0, 8), "damaged"),
        ((0, 3, 8, 1), "damaged"),
    ],
)
def test_a_biff_sheet_that_says_it_is_endless_does_not_end_the_process(
    tmp_path: Path, sizes: tuple[int, ...], said: str | None
) -> None:
    """The parser asks for memory for all of it, and where there is none the process is gone."""
    stream = biff_stream(Tab("甲", [HEADINGS, ROW_1]))
    place = stream.rfind(struct.pack("<HH", 0x0809, 16)) + 20
    record = struct.pack("<HHIIHHH", 0x0200, 14, *sizes, 0)
    path = tmp_path / "f.xls"
    path.write_bytes(compound({"Workbook": stream[:place] + record + stream[place:]}))
    if said is None:
        assert len(read_biff(path, FileLimits())[0].rows) == 2
        return
    with pytest.raises(UnreadableFile, match=said):
        read_biff(path, FileLimits())


@pytest.mark.parametrize(("row", "is_read"), [(1_000, True), (65_000, False)])
def test_cells_of_a_biff_sheet_that_are_far_apart_are_bounded(tmp_path: Path, row: int, is_read: bool) -> None:
    """65,000 rows of three columns are more cells than 100,000."""
    path = write_xls(tmp_path / "f.xls", Tab("甲", [HEADINGS, ROW_1, ROW_2], numbers=[1, 2, row]))
    limits = FileLimits(xlsx_cells=100_000)
    if is_read:
        assert len(read_biff(path, limits)[0].rows) == 3
        return
    with pytest.raises(UnreadableFile, match="places without a cell: more than 100,000"):
        read_biff(path, limits)


def test_one_cell_far_away_takes_no_gigabyte(tmp_path: Path) -> None:
    wide = [None] * 254 + ["末"]
    path = write_xls(tmp_path / "f.xls", Tab("甲", [HEADINGS, wide], numbers=[1, 65_536]))
    with pytest.raises(UnreadableFile, match="places without a cell: more than 5,000,000"):
        read_biff(path, FileLimits())
