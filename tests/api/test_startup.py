"""Hold the command line to what it may load: a subprocess tells which modules each command brought in."""

from __future__ import annotations

import ast
import os
import shutil
import sys
from pathlib import Path

import pytest

import geo
from api.cli import COMMANDS, gridsight
from tests.processes import Processes

ROOT = Path(__file__).resolve().parents[2]
#: What only an analysis, a frame or a service needs: loading one of these takes a tenth of a second or more.
HEAVY = {
    "numpy", "pandas", "shapely", "geopandas", "pyproj", "pyogrio", "numba", "fastapi", "starlette", "uvicorn",
    "pydantic", "pydantic_settings", "sqlalchemy", "folium", "reportlab", "osmium",
}  # fmt: skip
_TELL = """
import contextlib, io, sys
from api.cli import main
with contextlib.redirect_stdout(io.StringIO()) as out:
    code = main(sys.argv[1:])
print(code, *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded(processes: Processes, *words: object, code: int = 0) -> set[str]:
    """Return the top-level packages that a command loads, run in a process of its own."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("GRIDSIGHT", "COV"))}
    done = processes.run(sys.executable, "-c", _TELL, *words, cwd=ROOT, env=env)
    assert done.returncode == 0, done.stderr
    found, *names = done.stdout.split()
    assert int(found) == code, done.stderr
    return set(names)


def _words() -> list[tuple[str, ...]]:
    """Return the words that ask for each help page, those of groups and of their commands included."""
    words: list[tuple[str, ...]] = [("--help",), ("--version",)]
    for name in COMMANDS:
        words.append((name, "--help"))
        inner = getattr(gridsight.get_command(None, name), "commands", {})
        words += [(name, one, "--help") for one in inner]
    return words


@pytest.mark.parametrize("words", _words(), ids=" ".join)
def test_help_loads_no_engine(processes: Processes, words: tuple[str, ...]) -> None:
    assert not loaded(processes, *words) & HEAVY


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("startup") / "workspace.gpkg"
    shutil.copyfile(ROOT / "tests" / "data" / "workspaces" / "2026-11-22-embedded.gpkg", path)
    return path


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (("runs",), set()),
        (("gaps",), set()),
        (("gaps", "--json"), set()),
        (("outage", "p1"), {"numpy", "pandas", "shapely", "geopandas", "pyproj"}),
        (
            ("locate", "--lon", "102.1", "--lat", "37.1", "--crs", "wgs84"),
            {"numpy", "pandas", "shapely", "geopandas", "pyproj"},
        ),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_short_commands_load_what_they_need(
    processes: Processes, workspace: Path, words: tuple[str, ...], allowed: set[str]
) -> None:
    found = loaded(processes, *words, "--workspace", workspace) & HEAVY
    assert found <= allowed


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "geo" / "catalog").glob("[a-z]*.py")))
def test_the_catalogue_is_plain_python(processes: Processes, name: str) -> None:
    done = processes.run(sys.executable, "-c", f"import sys, geo.catalog.{name}; print(*sys.modules)", cwd=ROOT)
    assert not {one.partition(".")[0] for one in done.stdout.split()} & HEAVY


def test_the_stable_names_load_when_they_are_asked_for(processes: Processes) -> None:
    program = "import sys, geo.errors; print('numpy' in sys.modules); geo.Locator; print('numpy' in sys.modules)"
    done = processes.run(sys.executable, "-c", program, cwd=ROOT)
    assert done.stdout.split() == ["False", "True"]


def test_public_modules_are_found_from_the_package_alone(processes: Processes) -> None:
    names = sorted(path.stem for path in (ROOT / "geo").iterdir() if path.stem.isidentifier() and path.stem[0] != "_")
    assert {"errors", "types", "crs", "catalog", "storage"} <= set(names)
    told = "; ".join(f"print(geo.{name}.__name__)" for name in names)
    done = processes.run(sys.executable, "-c", f"import geo; {told}", cwd=ROOT)
    assert done.stdout.split() == [f"geo.{name}" for name in names], done.stderr


def test_type_checkers_see_the_stable_names_where_they_are() -> None:
    tree = ast.parse((ROOT / "geo" / "__init__.py").read_text(encoding="utf-8"))
    branch = next(node for node in tree.body if isinstance(node, ast.If))
    told = {
        one.name: node.module.removeprefix("geo.")
        for node in branch.body
        if isinstance(node, ast.ImportFrom) and node.module
        for one in node.names
    }
    assert told == geo._HOMES
    assert sorted(geo.__all__) == sorted(told)
    for name in geo.__all__:
        assert getattr(geo, name) is not None
    assert set(geo.__all__) <= set(dir(geo))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        geo.nothing  # noqa: B018
