"""Compare the zones of two offices: what they share, misfits, and suggested common borders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.console import Console, store_options, suffix_among
from geo.sentences import both

if TYPE_CHECKING:
    import pandas as pd

    from geo.studies.offices_zones import OfficesZones

_SUFFIXES = (".csv", ".geojson", ".gpkg", ".xlsx")
#: Rows that are listed; --json and --out have all.
_LISTED = 20
_MISFITS = {
    "layer": ("图层", "layer"), "code": ("代码", "code"), "best": ("最合的", "best"), "fit": ("重合度", "fit"),
    "parts": ("落在几处", "parts"), "moved_m2": ("其余（平方米）", "rest (m2)"),
    "moved_buildings": ("其余建筑", "its buildings"),
}  # fmt: skip
_MOVES = {
    "piece": ("块", "piece"), "a": ("甲的区域", "zone of A"), "from_b": ("乙现属", "now of B"),
    "to_b": ("改归乙", "then of B"), "area_m2": ("面积（平方米）", "area (m2)"), "buildings": ("建筑", "buildings"),
}  # fmt: skip


@click.command("overlay-zones", short_help="几个部门的区域对照 / zones of two offices compared")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--crs", help="文件没有写明时的坐标系 / the CRS of files that name none")
@click.option("--at", "moment", help="哪一天 / on that day, YYYY-MM-DD")
@click.option(
    "--table",
    "which",
    type=click.Choice(["pairs", "misfits", "moves"]),
    default="pairs",
    show_default=True,
    help="写哪一个表 / the table to write",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="写到文件 / file to write")
@store_options
def overlay_zones_command(
    console: Console, a: str, b: str, crs: str | None, moment: str | None, which: str, out: Path | None
) -> int:
    """两套区域的面积、建筑、户数对照：哪些相同，哪些不合，怎样共用边界（以 A 的边界为准）。

    Zones of two offices: what they share in area, buildings and households, which are the same, which do not fit, and
    how B could take the borders of A. A and B are grids, microgrids, villages, townships, areas:KIND, or files.

    \b
    gridsight overlay-zones grids 公安警格.geojson
    gridsight overlay-zones grids 公安警格.shp --crs gcj02 --table moves --out 边界建议.geojson
    """  # noqa: D301, D400
    from geo.errors import BadValue
    from geo.studies.analyze_options import day
    from geo.studies.offices_zones import compare_zones

    form = None if out is None else suffix_among(out, _SUFFIXES)
    if form in (".geojson", ".gpkg") and which != "moves":
        raise BadValue("只有 --table moves 有图形", "only --table moves has shapes")
    console.require_not_store(out)
    if out is not None:
        console.require_possible_file(out)
    with console.store() as store:
        found = compare_zones(store, a, b, crs=crs, at=day(moment))
    if out is not None and form is not None:
        _write(getattr(found.overlay, which), out, form, which)
    _print(console, found, which, out)
    return 0


def _write(table: pd.DataFrame, out: Path, form: str, which: str) -> None:
    from api.representations.downloads import encode_frame
    from geo.files import write_atomically

    if form in (".csv", ".xlsx") and "geometry" in table:
        table = table.drop(columns="geometry")
    body = encode_frame(table, form.removeprefix("."), layer=which)
    write_atomically(out, lambda temporary: temporary.write_bytes(body))


def _print(console: Console, found: OfficesZones, which: str, out: Path | None) -> None:
    overlay = found.overlay
    same = int(overlay.pairs["is_same"].sum())
    moves = overlay.moves.drop(columns="geometry")
    console.print_json(
        {
            "a": found.names[0], "b": found.names[1], "same": same, "outside_m2": list(overlay.outside),
            "pairs": overlay.pairs.to_dict("records"), "misfits": overlay.misfits.to_dict("records"),
            "moves": moves.to_dict("records"), "notes": list(found.notes), "out": None if out is None else str(out),
        }
    )  # fmt: skip
    for note in found.notes:
        console.print_note(*both(note))
    left = {name: int((overlay.misfits["layer"] == name).sum()) for name in "ab"}
    console.print(
        f"{same} 对区域相同（两边都有 99 % 以上）；"
        f"{found.names[0]} 有 {left['a']} 个、{found.names[1]} 有 {left['b']} 个不合",
        f"{same} pairs are the same (99 % of both); {left['a']} of {found.names[0]} and {left['b']} of {found.names[1]}"
        " do not fit",
    )
    outside = [round(one / 1e6, 3) for one in overlay.outside]
    console.print(
        f"{found.names[0]} 有 {outside[0]} 平方公里在 {found.names[1]} 之外，反过来 {outside[1]} 平方公里",
        f"{outside[0]} km2 of {found.names[0]} are outside {found.names[1]}, {outside[1]} km2 the other way round",
    )
    for title, rows, columns in (
        (("不合的，最差的在前", "misfits, the worst first"), overlay.misfits, _MISFITS),
        (("边界建议：这些块改归", "for common borders these pieces would change hands"), moves, _MOVES),
    ):
        if len(rows):
            console.print(*title)
            console.print_table(rows.head(_LISTED).to_dict("records"), columns)
        if len(rows) > _LISTED:
            rest = len(rows) - _LISTED
            console.print(f"……另有 {rest} 行", f"... and {rest} more rows")
    if out is not None:
        console.print(f"已写 {out}（{which}）", f"wrote {out} ({which})")


COMMANDS = {"overlay-zones": overlay_zones_command}
