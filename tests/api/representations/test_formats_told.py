"""The page on downloads lists the formats that there are, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.representations.downloads import DOWNLOAD_FORMATS

PAGE = Path(__file__).parents[3] / "docs" / "downloads.md"
HEADS = ("| `f=` | 格式 | 后缀 | 图形 | 表头 |", "| `f=` | Format | Suffix | Shapes | Headings |")
#: Formats whose columns are named in a language; the others keep the names of fields.
HEADED = ("csv", "xlsx", "kml")


@pytest.mark.parametrize("language", [0, 1])
def test_the_table_of_formats_is_in_step(language: int) -> None:
    listed = PAGE.read_text("utf-8").partition(HEADS[language])[2].partition("\n\n")[0].splitlines()[2:]
    shapes, names = ("有", "字段名") if language == 0 else ("yes", "names of fields")
    assert listed == [
        f"| `{one.name}` | {one.title} | `{one.suffix}` | {shapes if one.geometry else '-'} "
        f"| {'`lang`' if one.name in HEADED else names} |"
        for one in DOWNLOAD_FORMATS.values()
    ]
