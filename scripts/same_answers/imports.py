"""Import small odd files, and ask the workspace they make."""

from __future__ import annotations

from pathlib import Path

from scripts.same_answers import county, odd_files
from scripts.same_answers.answers import Answers, safe
from scripts.same_answers.program import Program

#: In order, as later ones meet the rows of earlier ones: a name, and what follows `import`.
_IMPORTS: tuple[tuple[str, str], ...] = (
    ("divisions", "files/divisions.geojson --layer divisions"),
    ("villages", "files/villages.geojson --layer villages"),
    ("grids", "files/grids.geojson --layer grids --rejects grids-rejects.csv"),
    ("cameras", "files/cameras-gbk.csv --layer cameras --crs gcj02 --encoding GBK --rejects cameras-rejects.csv"),
    ("cameras-again", "files/cameras.xlsx --layer cameras --crs gcj02 --source-layer 台账 --rejects again-rejects.csv"),
    ("cameras-append", "files/cameras-bom.csv --layer cameras --crs wgs84 --mode append"),
    ("cameras-append-taken", "files/cameras-bom.csv --layer cameras --crs wgs84 --mode append"),
    ("cameras-bd09", "files/cameras-bom.csv --layer cameras --crs bd09"),
    ("cameras-eastings", "files/eastings.csv --layer cameras --crs cgcs2000"),
    ("cameras-mapped", "files/eastings.csv --layer cameras --crs EPSG:4522 --map name=编号"),
    ("cameras-overpass", "files/overpass.json --layer cameras --profile osm --rejects overpass-rejects.csv"),
    ("cameras-osm", "files/small.osm.pbf --layer cameras"),
    ("cameras-gbt28181", "files/gbt28181.csv --layer cameras --profile gbt28181 --crs wgs84"),
    ("cameras-gat1400", "files/gbt28181.csv --layer cameras --profile gat1400 --crs wgs84"),
    ("obstacles-shp", "files/obstacles.zip --layer obstacles --rejects shp-rejects.csv"),
    ("obstacles-gpkg", "files/obstacles.gpkg --layer obstacles --source-layer houses"),
    ("obstacles-parquet", "files/obstacles.parquet --layer obstacles"),
    ("obstacles-fgb", "files/obstacles.fgb --layer obstacles"),
    ("obstacles-osm", "files/small.osm.pbf --layer obstacles --rejects osm-rejects.csv"),
    ("obstacles-overpass", "files/overpass.json --layer obstacles --rejects ways-rejects.csv"),
    ("obstacles-city", "files/city.json --layer obstacles"),
    ("roads", "files/roads.geojson --layer roads"),
    ("roads-osm", "files/small.osm.pbf --layer roads"),
    ("roads-overpass", "files/overpass.json --layer roads"),
    ("demand", "files/wkt.csv --layer demand --crs wgs84 --rejects demand-rejects.csv"),
    ("protected", "files/protected.geojson --layer protected"),
    ("addresses", "files/addresses.csv --layer addresses --crs wgs84"),
    ("addresses-osm", "files/small.osm.pbf --layer addresses"),
    ("villages-replace", "files/villages.geojson --layer villages --mode replace"),
    ("grids-replace", "files/grids.geojson --layer grids --mode replace"),
    ("other-store", "files/cameras-bom.csv --layer cameras --crs wgs84 --workspace other.gpkg"),
    (
        "replace-by-nothing",
        "files/all-bad.csv --layer cameras --crs wgs84 --mode replace --rejects bad-rejects.csv --workspace other.gpkg",
    ),
    ("all-bad", "files/all-bad.csv --layer cameras --crs wgs84"),
    ("no-crs-table", "files/cameras-bom.csv --layer cameras"),
    ("no-crs-package", "files/no-crs.gpkg --layer cameras"),
    ("unknown-crs", "files/cameras-bom.csv --layer cameras --crs moon"),
    ("unknown-layer", "files/cameras-bom.csv --layer moons --crs wgs84"),
    ("unknown-sheet", "files/cameras.xlsx --layer cameras --crs wgs84 --source-layer 无"),
    ("several-layers", "files/obstacles.gpkg --layer obstacles"),
    ("unknown-profile", "files/cameras-bom.csv --layer cameras --crs wgs84 --profile x"),
    ("unknown-field", "files/cameras-bom.csv --layer cameras --crs wgs84 --map colour=id"),
    ("unknown-column", "files/cameras-bom.csv --layer cameras --crs wgs84 --map name=colour"),
    ("no-pair", "files/cameras-bom.csv --layer cameras --crs wgs84 --map name"),
    ("unknown-encoding", "files/cameras-bom.csv --layer cameras --crs wgs84 --encoding klingon"),
    ("no-file", "files/none.csv --layer cameras --crs wgs84"),
    ("empty", "files/empty.csv --layer cameras --crs wgs84"),
    ("head-only", "files/head-only.csv --layer cameras --crs wgs84"),
    ("broken-json", "files/broken.geojson --layer cameras"),
    ("broken-package", "files/broken.gpkg --layer cameras"),
    ("broken-workbook", "files/broken.xlsx --layer cameras --crs wgs84"),
    ("no-format", "files/notes.txt --layer cameras --crs wgs84"),
    ("no-text", "files/latin.csv --layer cameras --crs wgs84"),
    ("wrong-shapes", "files/roads.geojson --layer cameras"),
)  # fmt: skip
#: Asked for in both languages, as people see it.
_TOLD = ("cameras", "obstacles-overpass", "no-crs-table", "broken-json", "unknown-layer")
#: Asked of the workspace that all of them make.
_QUESTIONS = (
    ["check"],
    ["check", "--json"],
    ["check", "moons"],
    ["analyze"],
    ["analyze", "--domain", "demand", "--json"],
    ["analyze", "--domain", "streets", "--at", "2001-02-03"],
    ["gaps"],
    ["gaps", "--json"],
    ["runs"],
    ["locate", "南镇南村东街1号", "--json"],
    ["locate", "老粮站"],
    ["locate", "北村"],
    ["locate", "--lon", "102.9", "--lat", "37.5005", "--crs", "wgs84", "--json"],
)


def ask(program: Program, answers: Answers, work: Path) -> None:
    """Import the files one after another, then ask the workspace they have made."""
    odd_files.write(work / "files")
    for name, text in _IMPORTS:
        args = ["import", *text.split(), "--json"]
        answers.command(f"reports/{name}", args, program.quick(args, work))
    for path in sorted(work.glob("*-rejects.csv")):
        answers.file(f"rejects/{path.name}", path)
    for lang in county.LANGUAGES:
        for name, text in _IMPORTS:
            if name in _TOLD:
                args = ["import", *text.split(), "--workspace", f"{lang}.gpkg"]
                answers.command(f"told/{lang}/{name}", args, program.quick(args, work, lang=lang))
        for args in _QUESTIONS:
            done = program.quick(args, work, lang=lang)
            answers.command(f"asked/{lang}/{safe(' '.join(args))}", args, done)
    for args in (["import", "files/sea.csv", "--layer", "cameras", "--crs", "wgs84"], ["check"], ["analyze"]):
        answers.command(f"far-away/{args[0]}", args, program.quick(args, work))
    county.tables(answers, "workspace", work / county.WORKSPACE)
    left = sorted(str(path.relative_to(work)) for path in work.rglob("*") if path.is_file())
    answers.write("files-left.txt", "\n".join(left))
