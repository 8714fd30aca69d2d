"""Draw a fictional county and run the complete workflow on it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, program, store_options
from api.commands.serve import DEFAULT_PORT, bound_socket, serve
from geo.demo.county_sizes import SIZES, SizeName
from geo.errors import Conflict

if TYPE_CHECKING:
    from geo.catalog.headings import TableLanguage
    from geo.storage.protocol import Store
    from geo.types import Run

_HOST = "127.0.0.1"
_TABLES = ("grids", "gaps")
_FORMS = ("csv", "xlsx")
#: Writer of the fictional county, in history and revisions: what is its own may be drawn anew.
_ACTOR = "demo"


@click.command("demo")
@click.option("--size", type=click.Choice(list(SIZES)), default="gulang", show_default=True)
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-county"),
    show_default=True,
)
@click.option("--no-serve", is_flag=True, help="不提供网页 / do not serve the page")
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True)
@store_options
def demo_command(console: Console, size: SizeName, directory: Path, no_serve: bool, port: int) -> int:
    """画一个虚构县，导入、分析、出图，然后提供网页。 / Draw a fictional county, import, analyse, map, print, serve.

    \b
    gridsight demo --size small --no-serve --dir county
    """  # noqa: D301
    with ExitStack() as stack:
        # A busy port is found now, not after two minutes of work.
        sock = None if no_serve else stack.enter_context(bound_socket(_HOST, port))
        answer = _run_workflow(console, size, directory)
        if sock is None:
            console.print_json(answer)
        print_summary(console, answer)
        if sock is not None:
            serve(console, _HOST, port, sock=sock)
    return 0


def _run_workflow(console: Console, size: SizeName, directory: Path) -> dict[str, Any]:
    """Draw, import, analyse, map and print; return what was done and written."""
    from api.representations.frame_records import records
    from api.representations.map_data_of_run import stored_map_data
    from geo.demo.claimed_places import claimed_places
    from geo.demo.county import draw
    from geo.demo.governance_centres import governance_centres
    from geo.kernels import BackgroundCompilation
    from geo.studies.analysis import analyze
    from geo.studies.analyze_options import AnalyzeOptions
    from geo.studies.import_files import import_frames
    from geo.studies.place_claims import claims
    from geo.studies.run_files import make_directory
    from maps.print.sheet import write_sheet
    from maps.web.pages import write_map

    make_directory(directory)
    console.workspace = directory / "workspace.gpkg"
    require_own_folder(console, directory)
    clock = _Clock()
    kernels = BackgroundCompilation()
    frames = draw(size, progress=console.progress)
    frames |= {**claimed_places(frames), "facilities": governance_centres(frames)}
    clock.mark("draw")
    with console.store(create=True) as store:
        counts = import_frames(store, frames, actor=_ACTOR, progress=console.progress)
        clock.mark("import")
        frames["places"] = _derive_claimed(console, store)
        counts["places"] = len(frames["places"])
        clock.mark("derive")
        console.progress("编译计算内核，只在第一次 / compiling kernels, the first time only", 0.0)
        kernels.join()
        clock.mark("compile")
        run = analyze(store, AnalyzeOptions(), actor=_ACTOR, progress=console.progress)
        clock.mark("analyze")
        verdicts = records(claims(store, run.id)[1][["claim", "verdict", "share", "places", "covered", "counted"]])
        data = stored_map_data(store, run.id)
        name = store.name
    console.progress("写地图 / writing the map", 0.0)
    write_map(data, directory / "map.html", lang=console.lang)
    clock.mark("map")
    console.progress("写图纸 / writing the sheet", 0.3)
    write_sheet(data, directory / "sheet.pdf", lang=console.lang)
    clock.mark("sheet")
    console.progress("写表格 / writing the tables", 0.6)
    written = [console.workspace, directory / "map.html", directory / "sheet.pdf"]
    written += _write_tables(directory, run, frames, console.lang)
    clock.mark("tables")
    return {
        "store": name,
        "size": size,
        "counts": counts,
        "run": run.id,
        "totals": run.summary["totals"],
        "claims": verdicts,
        "written": [str(path) for path in written],
        "timing": clock.laps,
        "seconds": clock.total(),
    }


def _derive_claimed(console: Console, store: Store) -> Any:
    """Derive crossings, sections, rings and gates, name the claim of the main road sections, and return all places."""
    from geo.demo.claimed_places import CLAIM_OF_KIND, MAIN_CLASSES
    from geo.studies.derive_places import DeriveOptions, derive_places

    # of a county drawn anew in its own folder nothing was deleted by hand
    options = DeriveOptions(classes=MAIN_CLASSES, restore=True)
    derive_places(store, options, actor=_ACTOR, progress=console.progress)
    sections = store.read("places")
    sections = sections[sections["kind"] == "section"]
    store.write("places", sections.assign(claim=CLAIM_OF_KIND["section"]), "upsert", actor=_ACTOR)
    return store.read("places")


def require_own_folder(console: Console, directory: Path) -> None:
    """Raise Conflict where the folder holds a workspace, or files of the same names, that are not of a demo."""
    from api.open_store import written_by_others

    workspace = directory / "workspace.gpkg"
    if workspace.exists():
        with console.store() as store:
            foreign = written_by_others(store, _ACTOR)
        if foreign:
            listed = ", ".join(foreign)
            raise Conflict(
                f"{workspace} 里有不是演示写入的数据（{listed}），演示会替换它；请用 --dir 另指文件夹",
                f"{workspace} holds data that no demo wrote ({listed}), and a demo would replace them; "
                "name another folder with --dir",
            )
        return
    names = ["map.html", "sheet.pdf", *(f"{name}.{form}" for name in (*_TABLES, "cameras") for form in _FORMS)]
    there = [name for name in names if (directory / name).exists()]
    if there:
        listed = ", ".join(there)
        raise Conflict(
            f"{directory} 里已有 {listed}，演示会覆盖；请用 --dir 另指文件夹",
            f"{directory} already holds {listed}, and a demo would overwrite them; name another folder with --dir",
        )


def _write_tables(directory: Path, run: Run, frames: Mapping[str, Any], lang: TableLanguage) -> list[Path]:
    """Write the tables that people open: figures of grids, gaps and cameras, with headings and names."""
    from api.commands.export import write_file
    from api.representations.downloads import encode_frame
    from api.representations.tables import TableOptions
    from geo.studies.names_of_codes import names_in

    names = names_in(frames)
    written = []
    of_run = [(name, run.layers[name], True) for name in _TABLES if name in run.layers]
    for name, frame, is_result in (*of_run, ("cameras", frames["cameras"], False)):
        options = TableOptions(lang, names=names, of_run=is_result)
        for form in _FORMS:
            path = directory / f"{name}.{form}"
            write_file(path, encode_frame(frame, form, layer=name, options=options))
            written.append(path)
    return written


def print_summary(console: Console, answer: dict[str, Any]) -> None:
    """Print what was drawn, found and written, and how to open it again."""
    from geo.catalog.claims import CLAIM_VERDICT_WORDS, LEAST_SEEN_OF_CLAIM
    from geo.figure_text import percent_text

    counted = ", ".join(f"{name} {count:,}" for name, count in answer["counts"].items())
    console.print(f"虚构县：{counted}", f"fictional county: {counted}")
    totals = answer["totals"]
    if totals.get("sure_share") is not None:
        console.print(
            f"确定覆盖 {percent_text(totals['sure_share'])}，可能覆盖 {percent_text(totals['possible_share'])}",
            f"surely seen {percent_text(totals['sure_share'])}, possibly {percent_text(totals['possible_share'])}",
        )
    for one in answer["claims"]:
        zh, en = CLAIM_VERDICT_WORDS[one["verdict"]]
        places, covered, counted = one["places"], one["covered"], one["counted"]
        asked = one["share"]
        least = LEAST_SEEN_OF_CLAIM if asked is None else (percent_text(asked), percent_text(asked))
        console.print(
            f"{one['claim']}：{zh}，要求占比 {least[0]}，{places} 个中确定覆盖 {covered} 个，"
            f"附近有在线点位 {counted} 个",
            f"{one['claim']}: {en}; share asked {least[1]}; {covered} of {places} places are surely covered, {counted} "
            "have a site near",
        )
    for path in answer["written"]:
        console.print(f"  {path}", f"  {path}")
    laps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in answer["timing"].items())
    console.print(f"用时 {answer['seconds']:.1f} 秒（{laps}）", f"{answer['seconds']:.1f} s ({laps})")
    store = f'"{answer["store"]}"' if " " in answer["store"] else answer["store"]
    sectors = max(4, answer["counts"].get("villages", 0) // 2)  # rounds that a day is enough for
    for words in ("claims", "rates", "reach --kind 综治中心 --limit 5000", f"patrol --sectors {sectors}"):
        ask = f"{program()} {words} --workspace {store}"
        console.print(f"接着可以问：{ask}", f"ask next: {ask}")
    again = f"{program()} serve --workspace {store}"
    console.print(f"以后再打开：{again}", f"to open it again: {again}")


class _Clock:
    """Time the steps."""

    def __init__(self) -> None:
        self._begun = self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def mark(self, name: str) -> None:
        """Note the seconds since the last step."""
        now = time.perf_counter()
        self.laps[name], self._last = round(now - self._last, 3), now

    def total(self) -> float:
        """Return the seconds since the start."""
        return round(self._last - self._begun, 3)


COMMANDS = {"demo": demo_command}
