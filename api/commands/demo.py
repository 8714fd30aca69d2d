"""Draw a fictional county and do the whole main job with it."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

import click

from api.commands.console import Console, desk
from api.commands.serve import serve
from api.representations import tables
from api.representations.map_data_of_run import map_data_of_run
from geo.demo.county import draw
from geo.demo.county_sizes import SizeName
from geo.files import write_atomically
from geo.kernels import BackgroundCompilation
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.import_files import import_frames
from geo.studies.run_files import make_directory
from geo.types import Run
from maps.print.sheet import write_sheet
from maps.web.pages import write_map

_TABLES = ("grids", "gaps")


@click.command("demo")
@click.option("--size", type=click.Choice(["small", "gulang", "yangxian"]), default="gulang", show_default=True)
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-county"),
    show_default=True,
)
@click.option("--no-serve", is_flag=True, help="不提供网页 / do not serve the page")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@desk
def demo_command(console: Console, size: SizeName, directory: Path, no_serve: bool, port: int) -> int:
    """画一个虚构县，导入、分析、出图，然后提供网页。 / Draw a fictional county, import, analyse, map, print, serve.

    \b
    gridsight demo --size small --no-serve --dir county
    """  # noqa: D301
    make_directory(directory)
    console.workspace = directory / "workspace.gpkg"
    clock = _Clock()
    kernels = BackgroundCompilation()
    frames = draw(size, progress=console.progress)
    clock.lap("draw")
    with console.store(create=True) as store:
        counts = import_frames(store, frames, actor="demo", progress=console.progress)
        clock.lap("import")
        kernels.join()
        clock.lap("compile")
        run = analyze(store, AnalyzeOptions(), actor="demo", progress=console.progress)
        clock.lap("analyze")
        beneath: dict[str, Any] = {
            name: frames[name] for name in ("divisions", "villages", "roads", "obstacles") if name in frames
        }
        data = map_data_of_run(run, store.read("cameras"), beneath)
        name = store.name
    write_map(data, directory / "map.html", lang=console.lang)
    clock.lap("map")
    write_sheet(data, directory / "sheet.pdf", lang=console.lang)
    clock.lap("sheet")
    written = [console.workspace, directory / "map.html", directory / "sheet.pdf"]
    written += _write_tables(directory, run, frames["cameras"])
    clock.lap("tables")
    answer: dict[str, Any] = {
        "store": name,
        "size": size,
        "counts": counts,
        "run": run.id,
        "totals": run.summary["totals"],
        "written": [str(path) for path in written],
        "timing": clock.laps,
        "seconds": clock.total(),
    }
    if no_serve:
        console.result(answer)
    _tell(console, answer)
    if not no_serve:
        serve(console, "127.0.0.1", port)
    return 0


def _write_tables(directory: Path, run: Run, cameras: Any) -> list[Path]:
    written = []
    for name, frame in (*((name, run.layers[name]) for name in _TABLES if name in run.layers), ("cameras", cameras)):
        for form in ("csv", "xlsx"):
            path = directory / f"{name}.{form}"
            write_atomically(path, partial(_write_table, frame, form, name))
            written.append(path)
    return written


def _write_table(frame: Any, form: str, layer: str, path: Path) -> None:
    path.write_bytes(tables.encode_frame(frame, form, layer=layer))


def _tell(console: Console, answer: dict[str, Any]) -> None:
    counted = ", ".join(f"{name} {count:,}" for name, count in answer["counts"].items())
    console.say(f"虚构县：{counted}", f"fictional county: {counted}")
    totals = answer["totals"]
    if totals.get("sure_share") is not None:
        console.say(
            f"确定覆盖 {totals['sure_share']:.1%}，可能覆盖 {totals['possible_share']:.1%}",
            f"surely seen {totals['sure_share']:.1%}, possibly {totals['possible_share']:.1%}",
        )
    for path in answer["written"]:
        console.say(f"  {path}", f"  {path}")
    laps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in answer["timing"].items())
    console.say(f"用时 {answer['seconds']:.1f} 秒（{laps}）", f"{answer['seconds']:.1f} s ({laps})")


class _Clock:
    """Time the steps."""

    def __init__(self) -> None:
        self._begun = self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Note the seconds since the last step."""
        now = time.perf_counter()
        self.laps[name], self._last = round(now - self._last, 3), now

    def total(self) -> float:
        """Return the seconds since the start."""
        return round(self._last - self._begun, 3)


COMMANDS = {"demo": demo_command}
