"""Tell the borders of grids in words, and how to walk round them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.console import Console, store_options, suffix_among
from geo.sentences import in_language

if TYPE_CHECKING:
    import pandas as pd

    from geo.studies.grid_boundaries import GridBoundaries

_SUFFIXES = (".csv", ".xlsx")
#: Rows that are listed; --json and --out have all.
_LISTED = 20
_COLUMNS = {
    "code": ("代码", "code"), "name": ("名称", "name"), "east": ("东", "east"), "south": ("南", "south"),
    "west": ("西", "west"), "north": ("北", "north"),
}  # fmt: skip
_LEGS = {
    "code": ("代码", "code"), "leg": ("段", "leg"), "along": ("沿", "along"), "heading": ("走向", "heading"),
    "length_m": ("长度（米）", "length (m)"), "lon": ("起点经度", "lon"), "lat": ("起点纬度", "lat"),
}  # fmt: skip
_ALONG = {
    "road": ("无名路", "a road without a name"), "water": ("水边", "water"), "grid": ("网格", "a grid"),
    "outside": ("界外", "outside the grids"),
}  # fmt: skip


@click.command("boundaries", short_help="网格四至 / borders of grids in words")
@click.option("--grid", "codes", multiple=True, help="只要这个网格，可重复 / this grid only; repeatable")
@click.option("--level", type=click.IntRange(1, 2), default=1, show_default=True, help="网格还是微网格 / or microgrids")
@click.option("--walk", is_flag=True, help="沿界怎么走，一段一行 / how to walk round, a row a leg")
@click.option("--at", "moment", help="哪一天 / on that day, YYYY-MM-DD")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="写到 .csv .xlsx / file to write")
@store_options
def boundaries_command(
    console: Console, codes: tuple[str, ...], level: int, walk: bool, moment: str | None, out: Path | None
) -> int:
    """网格四至：东南西北各到哪条路、哪条河、哪个网格，多少米。

    The borders of grids in words: along which road, river or neighbour each side runs, and how far.

    \b
    gridsight boundaries --out 四至.xlsx
    gridsight boundaries --grid 990101101201001 --walk
    """  # noqa: D301, D400
    from geo.studies.analyze_options import day
    from geo.studies.grid_boundaries import describe_boundaries

    form = None if out is None else suffix_among(out, _SUFFIXES)
    console.require_not_store(out)
    if out is not None:
        console.require_possible_file(out)
    with console.store() as store:
        found = describe_boundaries(store, codes, level=level, at=day(moment), walk=walk)
        name = store.name
    table, columns = (_legs(found, console.lang), _LEGS) if walk else (_sides(found, console.lang), _COLUMNS)
    if out is not None and form is not None:
        _write(table, columns, out, form, console.lang)
    console.print_json({"store": name, "rows": table.to_dict("records"), "out": None if out is None else str(out)})
    if out is None:
        console.print_table(table.head(_LISTED).to_dict("records"), columns)
        if len(table) > _LISTED:
            rest = len(table) - _LISTED
            console.print(f"……另有 {rest} 行，用 --out 写出全部", f"... and {rest} more rows: --out writes all")
    else:
        console.print(f"已写 {out}，{len(table)} 行", f"wrote {out}, {len(table)} rows")
    return 0


def _sides(found: GridBoundaries, lang: str) -> pd.DataFrame:
    table = found.table[[*_COLUMNS]]
    for side in ("east", "south", "west", "north"):
        table = table.assign(**{side: [None if one is None else in_language(one, lang) for one in table[side]]})
    return table


def _legs(found: GridBoundaries, lang: str) -> pd.DataFrame:
    from geo.derivation.place_words import direction_word

    walk, en = found.walk, lang == "en"
    along = [name or _ALONG[kind][en] for kind, name in zip(walk["kind"], walk["name"], strict=True)]
    heading = [direction_word(one, lang) for one in walk["azimuth"]]
    return walk.assign(along=along, heading=heading)[[*_LEGS]]


def _write(table: pd.DataFrame, columns: dict[str, tuple[str, str]], out: Path, form: str, lang: str) -> None:
    from api.representations.downloads import encode_frame
    from geo.files import write_atomically

    headings = {name: words[lang == "en"] for name, words in columns.items()}
    body = encode_frame(table.rename(columns=headings), form.removeprefix("."), layer="boundaries")
    write_atomically(out, lambda temporary: temporary.write_bytes(body))


COMMANDS = {"boundaries": boundaries_command}
