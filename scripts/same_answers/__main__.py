"""Ask, keep and compare; see the package."""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import scripts.same_answers as package
from scripts.same_answers import comparing, county, edits, features, imports, pages, places
from scripts.same_answers.answers import Answers
from scripts.same_answers.normalise import Normaliser
from scripts.same_answers.program import AskingFailed, Program

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parent.parent
#: What decides about numbers and files beside our own code.
_PACKAGES = (
    "numpy", "pandas", "shapely", "geopandas", "pyproj", "pyogrio", "pyarrow", "numba", "osmium", "folium", "reportlab",
    "fonttools", "fastapi", "starlette", "pydantic", "click", "orjson", "mapbox-vector-tile", "uvicorn", "pypdf",
    "pypdfium2",
)  # fmt: skip
#: Commands, and commands within them, that have a help text.
COMMANDS = (
    "demo", "import", "check", "analyze", "runs", "publish", "gaps", "claims", "rates", "ledger", "unknowns", "outage",
    "compare", "locate", "divide", "code", "crosswalk", "map", "print", "report", "reach", "patrol", "verify",
    "boundaries", "overlay-zones", "reconcile", "places", "places derive",
    "grids", "grids draft", "grids list", "grids show", "grids check", "grids approve", "grids withdraw",
    "grids succession",
    "template", "export", "db", "db upgrade", "db backup", "db restore", "db move", "worker", "keys", "keys create",
    "keys list", "keys revoke", "audit", "time-zone", "basemap", "basemap add", "basemap list",
    "basemap check", "basemap remove", "serve",
)  # fmt: skip
Group = Callable[[Program, Path, Path], None]


def main(words: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    given = list(sys.argv[1:] if words is None else words)
    try:
        if given[:1] == ["ask"]:
            return _ask(_parser_of_ask().parse_args(given[1:]))
        if given[:1] == ["compare"]:
            return _compare(_parser_of_compare().parse_args(given[1:]))
        return _whole(_parser().parse_args(given))
    except AskingFailed as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "same_answers", description=package.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", metavar="BASE", help="the commit that is right")
    parser.add_argument("--small", action="store_true", help="leave the large county away")
    parser.add_argument("--fresh", action="store_true", help="ask BASE again, whatever is kept")
    return parser


def _parser_of_ask() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("same_answers ask")
    parser.add_argument("out", type=Path, help="a folder that is made anew")
    parser.add_argument("--code", type=Path, default=_ROOT, help="the folder of the code (default: this one)")
    parser.add_argument("--small", action="store_true", help="leave the large county away")
    return parser


def _parser_of_compare() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("same_answers compare")
    parser.add_argument("a", type=Path)
    parser.add_argument("b", type=Path)
    return parser


def _whole(given: argparse.Namespace) -> int:
    commit = _git("rev-parse", "--verify", f"{given.base}^{{commit}}").decode().strip()
    kept = _ROOT / "build" / "same-answers"
    size = "small" if given.small else "full"
    base, now = kept / f"{commit[:12]}-{size}", kept / f"now-{size}"
    wanted = {now: _ROOT}
    if given.fresh or _about(base) != _circumstances():
        wanted[base] = _unpacked(commit, kept / f"{commit[:12]}-code")
    _ask_all(wanted, small=given.small)
    return _compare(argparse.Namespace(a=base, b=now))


def _ask(given: argparse.Namespace) -> int:
    _ask_all({given.out: given.code}, small=given.small)
    return 0


def _compare(given: argparse.Namespace) -> int:
    a, b = _about(given.a), _about(given.b)
    if a != b:
        differ = sorted(name for name in {**a, **b} if a.get(name) != b.get(name))
        print(f"asked under other circumstances, which may tell in the answers: {', '.join(differ)}")
    try:
        differences = comparing.compare(given.a, given.b)
    except ValueError as error:
        raise AskingFailed(str(error)) from None
    print(comparing.report(differences, max(comparing.count(given.a), comparing.count(given.b))))
    return 1 if differences else 0


def _ask_all(wanted: Mapping[Path, Path], *, small: bool) -> None:
    """Ask the code of folders all questions, groups side by side; the answers of all are there, or of none."""
    begun = time.monotonic()
    groups = {name: ask for name, ask in GROUPS.items() if not (small and name == "county-gulang")}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        new = {out: Path(folder, str(number)) for number, out in enumerate(wanted)}
        for code in wanted.values():
            Program(code).require_own()
        tasks = {
            (name, out): pool.submit(_ask_group, ask, Program(code), new[out], Path(folder, f"{number}-{name}"))
            for name, ask in groups.items()
            for number, (out, code) in enumerate(wanted.items())
        }
        for (name, out), task in tasks.items():
            print(f"{name}: {task.result():.0f} s -> {out.name}", flush=True)
        for out, made in new.items():
            (made / comparing.ABOUT).write_text(json.dumps(_circumstances(), indent=1), encoding="utf-8")
            out.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(out, ignore_errors=True)
            shutil.move(made, out)
            print(f"{comparing.count(out)} answers in {out}")
    print(f"{time.monotonic() - begun:.0f} s")


def _ask_group(ask: Group, program: Program, out: Path, work: Path) -> float:
    begun = time.monotonic()
    work.mkdir()
    with program:
        ask(program, out, work)
    return time.monotonic() - begun


def _normaliser(program: Program, work: Path) -> Normaliser:
    normalise = Normaliser()
    normalise.know(str(work), "<work>")
    normalise.know(str(program.root), "<code>")
    return normalise


def _county_of(size: str) -> Group:
    def ask(program: Program, out: Path, work: Path) -> None:
        answers = Answers(out, f"county-{size}", _normaliser(program, work))
        folder = county.draw(program, answers, work, size)
        whole = size == "small"
        county.ask(program, answers, folder, size)
        with program.serve(folder / county.WORKSPACE, folder) as service:
            answers.normalise.know(service.place, "<host>")
            questions = places.rows(service)
            places.ask(service, answers, questions)
            features.ask(service, answers, whole=whole)
            pages.ask_runs(service, answers, county.sites_of(folder), whole=whole)
            if whole:
                pages.ask_pages(service, answers)
                county.analyze_files(program, answers, folder, service)
        county.locate(program, answers, folder, places.for_batch(questions), whole=whole)

    return ask


def _edits(program: Program, out: Path, work: Path) -> None:
    answers = Answers(out, "edits", _normaliser(program, work))
    folder = county.draw_in_english(program, answers, work)
    _frames(program, Answers(out, "python", answers.normalise), folder)
    edits.ask(program, answers, folder)


def _frames(program: Program, answers: Answers, folder: Path) -> None:
    out = folder / "frames.json"
    done = program.script(_HERE / "frames.py", [county.WORKSPACE, out.name], folder)
    if done.code:
        raise AskingFailed(f"the names of `import geo` cannot be asked: {done.err[-3000:]}")
    for name, text in json.loads(out.read_text(encoding="utf-8")).items():
        answers.write(f"{name}.txt", text)
    answers.write("stderr.txt", done.err)


def _imports(program: Program, out: Path, work: Path) -> None:
    answers = Answers(out, "imports", _normaliser(program, work))
    imports.ask(program, answers, work)
    _words(program, Answers(out, "words", answers.normalise), work)


def _words(program: Program, answers: Answers, work: Path) -> None:
    helped = [[*name.split(), "--help"] for name in COMMANDS]
    for args in ([], ["--help"], ["--version"], ["dream"], *helped):
        for lang in county.LANGUAGES:
            name = "-".join(args).replace("--", "") or "none"
            answers.command(f"{lang}/{name}", args, program.quick(args, work, lang=lang))


#: What is asked side by side, the longest first; `edits` writes `python` too, and `imports` writes `words`.
GROUPS: Mapping[str, Group] = {
    "county-gulang": _county_of("gulang"),
    "county-small": _county_of("small"),
    "edits": _edits,
    "imports": _imports,
}


def _unpacked(commit: str, folder: Path) -> Path:
    """Return a folder with the code of a commit; it stays, with the kernels that are compiled in it."""
    if not (folder / "pyproject.toml").exists():
        with tarfile.open(fileobj=io.BytesIO(_git("archive", "--format=tar", commit))) as archive:
            archive.extractall(folder, filter="data")
    return folder


def _git(*words: str) -> bytes:
    done = subprocess.run(["git", *words], cwd=_ROOT, capture_output=True, check=False)
    if done.returncode:
        raise AskingFailed(f"git {' '.join(words)}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def _circumstances() -> dict[str, str]:
    """Return what answers depend on beside the code asked: the questions, the python, its packages."""
    sources = b"".join(path.read_bytes() for path in sorted([*_HERE.glob("*.py"), *_HERE.glob("odd/*")]))
    found = {"questions": hashlib.sha256(sources).hexdigest()[:16], "python": platform.python_version()}
    return found | {name: importlib.metadata.version(name) for name in _PACKAGES}


def _about(folder: Path) -> dict[str, str]:
    path = folder / comparing.ABOUT
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


if __name__ == "__main__":
    sys.exit(main())
