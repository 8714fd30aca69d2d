"""Ask the demo county through commands and files."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd

from scripts.same_answers import ZONE_LAYERS, contents
from scripts.same_answers.answers import Answers
from scripts.same_answers.program import AskingFailed, Program, Service

LANGUAGES = ("zh", "en")
WORKSPACE = "workspace.gpkg"
#: Size -> paper, zone and language of the sheets to print.
_SHEETS = {
    "small": (("A4", None, "zh"), ("A1", None, "en"), ("A3", "township", "zh"), ("A3", "grid", "en")),
    "gulang": (("A0", None, "en"),),
}


def draw(program: Program, answers: Answers, work: Path, size: str) -> Path:
    """Draw a demo county of a size, write down what it made, and return its folder."""
    args = ["demo", "--size", size, "--no-serve", "--dir", size, "--json"]
    done = program.run(args, work)
    if done.code:
        raise AskingFailed(f"gridsight {' '.join(args)} ended with {done.code}: {done.err[-2000:]}")
    answers.command("demo/said", args, done)
    folder = work / size
    for path in sorted(folder.iterdir()):
        if path.suffix in (".csv", ".xlsx", ".html", ".pdf", ".gpkg"):
            answers.file(f"demo/{path.name}", path)
    answers.write("demo/files.txt", "\n".join(sorted(path.name for path in folder.iterdir())))
    return folder


def draw_in_english(program: Program, answers: Answers, work: Path) -> Path:
    """Draw the small county in English, without JSON, and return its folder."""
    args = ["demo", "--size", "small", "--no-serve", "--dir", "county"]
    done = program.run(args, work, lang="en")
    if done.code:
        raise AskingFailed(f"gridsight {' '.join(args)} ended with {done.code}: {done.err[-2000:]}")
    answers.command("demo/said", args, done)
    for name in ("map.html", "sheet.pdf"):
        answers.file(f"demo/{name}", work / "county" / name)
    return work / "county"


def ask(program: Program, answers: Answers, folder: Path, size: str) -> None:
    """Ask every command that reads a workspace with a run in it, in both languages."""
    runs, gaps = (program.quick([name, "--json"], folder).json() for name in ("runs", "gaps"))
    first = runs["runs"][0]["id"]
    grids = sorted({gap["grid"] for gap in gaps["gaps"]})
    sites = sites_of(folder)
    if size == "small":
        for name, args in {
            "second-run": ["analyze", "--level", "recognise", "--domain", "buildings", "--zones", "grids,villages"],
            "third-run": ["analyze", "--edition", "iec62676-4:2025", "--target-height", "1.2", "--domain", "all"],
        }.items():
            answers.command(f"commands/{name}", args, program.quick([*args, "--json"], folder))
    questions = {
        "runs": ["runs"],
        "runs-json": ["runs", "--json"],
        "gaps": ["gaps"],
        "gaps-json": ["gaps", first, "--json"],
        "gaps-of-zone": ["gaps", first, "--zone", grids[len(grids) // 2], "--limit", "5"],
        "gaps-of-zone-json": ["gaps", first, "--zone", grids[0], "--limit", "2", "--json"],
        "outage": ["outage", *sites, "--run", first],
        "check": ["check"],
        "check-json": ["check", "--json"],
        "check-some-json": ["check", "cameras", "grids", "--json"],
        "locate-nowhere": ["locate", "--lon", "0", "--lat", "0", "--crs", "wgs84"],
        "no-run": ["gaps", "00000000-0000-7000-8000-000000000000"],
        "no-site": ["outage", "nowhere", "--json"],
        "no-layer": ["outage", sites[0], "--layer", "streets"],
        "no-level": ["analyze", "--level", "see", "--json"],
        "no-paper": ["print", "--paper", "B7", "--out", "b7.pdf"],
        "no-zone": ["print", "--zone", "1", "--out", "none.pdf"],
        "no-crs": ["locate", "--lon", "103", "--lat", "37.5"],
        "crs-twice": ["analyze", "--crs", "wgs84"],
        "no-workspace": ["gaps", "--workspace", "none.gpkg"],
        "both-stores": ["gaps", "--workspace", WORKSPACE, "--database", "postgresql://nobody@127.0.0.1/none"],
    }
    for layer in ZONE_LAYERS:
        questions[f"outage-{layer}-json"] = ["outage", *sites, "--layer", layer, "--run", first, "--json"]
    if size == "small":
        questions["compare"] = ["compare", first, "latest"]
        questions["compare-json"] = ["compare", first, "latest", "--json"]
    else:  # each takes its time on a large county, and says nothing that the small one does not say
        for name in ("check", "check-some-json", "outage"):
            del questions[name]
    for lang in LANGUAGES if size == "small" else LANGUAGES[:1]:
        for name, args in questions.items():
            # JSON is the same in both languages, but for errors.
            if lang == "zh" or "--json" not in args or name.startswith("no-"):
                answers.command(f"commands/{lang}/{name}", args, program.quick(args, folder, lang=lang))
    _maps_and_sheets(program, answers, folder, size, first, grids[0])


def locate(program: Program, answers: Answers, folder: Path, rows: list[dict[str, Any]], *, whole: bool) -> None:
    """Ask for single places and batches of them on the command line."""
    table = io.StringIO()
    writer = csv.DictWriter(table, ["id", "address", "lon", "lat", "crs"], restval="")
    writer.writeheader()
    writer.writerows(rows)
    (folder / "batch.csv").write_text("\ufeff" + table.getvalue(), encoding="utf-8", newline="")
    (folder / "batch.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    for lang in LANGUAGES if whole else LANGUAGES[:1]:
        for name, args in {
            "csv-to-csv": ["locate", "--batch", "batch.csv", "--out", f"{lang}.csv"],
            "json-to-json": ["locate", "--batch", "batch.json", "--out", f"{lang}.json", "--json"],
            "csv-said": ["locate", "--batch", "batch.csv", "--accuracy", "100"],
            "json-told": ["locate", "--batch", "batch.json", "--json"],
        }.items():
            if not whole and "--out" not in args:
                continue
            answers.command(f"locate-batch/{lang}/{name}", args, program.quick(args, folder, lang=lang))
        for form in ("csv", "json"):
            answers.file(f"locate-batch/{lang}/written.{form}", folder / f"{lang}.{form}")
    for number, row in enumerate(rows[:: max(len(rows) // 7, 1)] if whole else ()):
        args = ["locate", row["address"]] if "address" in row else ["locate"]
        for name in ("lon", "lat", "crs"):
            args += [f"--{name}", str(row[name])] if name in row else []
        lang = LANGUAGES[number % 2]
        answers.command(f"locate/{number}", args, program.quick(args, folder, lang=lang))
        args = [*args, "--accuracy", "200", "--at", "2001-02-03", "--json"]
        answers.command(f"locate/{number}-json", args, program.quick(args, folder, lang=lang))


def analyze_files(program: Program, answers: Answers, folder: Path, service: Service) -> None:
    """Analyse files without a workspace: as downloaded, in a projected CRS, broken; and a workspace into files."""
    for layer, form in {
        "cameras": "gpkg", "obstacles": "geojson", "grids": "gpkg", "villages": "geojson", "divisions": "gpkg",
        "roads": "geojson",
    }.items():  # fmt: skip
        reply = service.ask("GET", f"/ogc/collections/{layer}/items?limit=10000&f={form}")
        (folder / f"in-{layer}.{form}").write_bytes(reply.body)
    cameras = gpd.read_file(folder / "in-cameras.gpkg")
    cameras.to_crs("EPSG:4543").to_file(folder / "projected.gpkg", layer="cameras")
    broken = cameras.drop(columns="geometry").head(40).astype(object).where(lambda table: table.notna(), "")
    for name, values in (("lon", cameras.geometry.x), ("lat", cameras.geometry.y)):
        broken[name] = values.head(40).round(7).astype(object)
    broken.loc[3, "hfov"], broken.loc[5, "lon"], broken.loc[7, "tilt"] = 400, "103.02.1", "steep"
    broken.loc[9, "id"] = broken.loc[8, "id"]
    broken.to_csv(folder / "broken.csv", index=False)
    rest = ["--obstacles", "in-obstacles.geojson", "--grids", "in-grids.gpkg", "--roads", "in-roads.geojson"]
    zones = ["--villages", "in-villages.geojson", "--divisions", "in-divisions.gpkg"]
    for name, given in {
        "whole": ["--cameras", "in-cameras.gpkg", *rest, *zones, "--json"],
        "projected": ["--cameras", "projected.gpkg", *rest, "--level", "observe"],
        "broken": ["--cameras", "broken.csv", "--crs", "wgs84", "--json"],
        "store": ["--zones", "townships", "--domain", "all"],
        "no-crs": ["--cameras", "broken.csv", "--json"],
        "no-file": ["--cameras", "none.csv", "--crs", "wgs84"],
    }.items():
        args = ["analyze", *given, "--out", f"out-{name}"]
        answers.command(f"files/{name}", args, program.quick(args, folder))
        out = folder / f"out-{name}"
        for path in sorted(out.iterdir()) if out.is_dir() else ():
            answers.file(f"files/{name}/{path.name}", path)
    args = ["analyze", "--cameras", "in-cameras.gpkg", "--out", "out-en"]
    answers.command("files/english", args, program.quick(args, folder, lang="en"))
    shutil.rmtree(folder / "out-en")


def tables(answers: Answers, name: str, workspace: Path) -> None:
    """Write down every table of a workspace."""
    for table, text in contents.database(workspace).items():
        answers.write(f"{name}/{table}.txt", text)


def sites_of(folder: Path) -> list[str]:
    """Return three sites with online cameras."""
    with (folder / "cameras.csv").open(encoding="utf-8-sig", newline="") as file:
        found = sorted({row["site"] for row in csv.DictReader(file) if row["status"] == "online"})
    return [found[len(found) * part // 4] for part in (1, 2, 3)]


def _maps_and_sheets(program: Program, answers: Answers, folder: Path, size: str, run: str, grid: str) -> None:
    zones = {None: [], "township": ["--zone", grid[:9]], "grid": ["--zone", grid]}
    for lang in LANGUAGES:
        args = ["map", "--out", f"{lang}.html", "--lang", lang, "--run", run, "--json"]
        done = program.quick(args, folder, lang="en")
        answers.command(f"commands/map-{lang}", args, done)
        answers.file(f"commands/map-{lang}.html", folder / f"{lang}.html")
    for paper, zone, lang in _SHEETS[size]:
        name = "-".join(filter(None, ("sheet", paper, zone, lang)))
        args = ["print", "--paper", paper, *zones[zone], "--out", f"{name}.pdf", "--run", run, "--json"]
        answers.command(f"commands/{name}", args, program.quick(args, folder, lang=lang))
        answers.file(f"commands/{name}.pdf", folder / f"{name}.pdf")
