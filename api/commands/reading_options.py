"""Give commands the options on how a file is read: layer, sheets, heading, CRS, encoding, profile, columns."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import click

from geo.catalog.options import MAX_SHEET_ROWS
from geo.errors import BadValue
from geo.readers.read_options import ReadOptions

_OPTIONS = (
    click.option("--source-layer", help="文件里的图层或工作表 / layer or sheet of the file"),
    click.option("--sheet", "sheets", multiple=True, help="只读这些工作表 / read this sheet only (repeatable)"),
    click.option(
        "--header-row",
        type=click.IntRange(1, MAX_SHEET_ROWS),
        help="表头在第几行 / row of the heading, as the program numbers it",
    ),
    click.option(
        "--crs",
        multiple=True,
        help="坐标系，也可按工作表、来源、承建单位 / EPSG:n, wgs84, cgcs2000, gcj02, bd09; NAME=CRS for a part",
    ),
    click.option("--encoding", help="文字编码 / text encoding, such as GBK"),
    click.option("--profile", help="来源格式 / osm, gbt28181, gat1400, yjyd"),
    click.option(
        "--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="字段对应 / which column is which field"
    ),
)


def reading_options(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command the options on reading, as ``reading``."""

    @functools.wraps(function)
    def wrapped(
        *args: Any,
        source_layer: str | None,
        sheets: Sequence[str],
        header_row: int | None,
        crs: Sequence[str],
        encoding: str | None,
        profile: str | None,
        mapping: Sequence[str],
        **options: Any,
    ) -> int | None:
        reading = ReadOptions(
            source_layer=source_layer,
            crs=";".join(crs) or None,
            encoding=encoding,
            profile=profile,
            mapping=_column_pairs(mapping) or None,
            sheets=sheets,
            header_row=header_row,
        )
        return function(*args, reading=reading, **options)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _column_pairs(texts: Sequence[str]) -> dict[str, str]:
    """Return field -> column; raise BadValue where a field has two columns, of which one would be lost unsaid."""
    found: dict[str, str] = {}
    for field, column in map(_column_pair, texts):
        if found.setdefault(field, column) != column:
            raise BadValue(
                f"--map 给了字段 {field} 两列：{found[field]}、{column}",
                f"--map gives the field {field} two columns: {found[field]}, {column}",
            )
    return found


def _column_pair(text: str) -> tuple[str, str]:
    """Return field and column of one ``--map FIELD=COLUMN``; raise BadValue where it is none."""
    field, mark, column = text.partition("=")
    if not (field and mark and column):
        raise BadValue(f"--map {text} 应为 字段=列名", f"--map {text} should be field=column")
    return field, column
