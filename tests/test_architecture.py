"""Hold the house to its shape: one-way imports, one file for EPSG codes, sizes, no traces of a machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from geo.catalog.results import CAUSES, FIGURES, ZONE_LAYERS
from tests.processes import Processes

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("geo", "maps", "api", "migrations")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
#: Files that git tracks; none where this is no checkout.
TRACKED = set(
    subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()
)


def _id(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_import_contracts_hold(processes: Processes) -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = processes.run(lint, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_module_opens_with_one_line() -> None:
    first = {_id(path): _first_line(path) for path in MODULES}
    without = [name for name, line in first.items() if not line]
    assert without == [], "a module opens with one imperative line"
    unended = {name: line for name, line in first.items() if not line.endswith(".")}
    assert unended == {}


def _first_line(path: Path) -> str:
    return (ast.get_docstring(_tree(path)) or "").split("\n")[0]


def test_no_module_outgrows_its_room() -> None:
    lines = {_id(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count > 600} == {}


#: Packages of algorithms: each of their modules has a test file of its own.
ALGORITHMS = ("overlay", "visibility", "assessment", "places", "registers")


def test_each_algorithm_has_a_test_file_of_its_name() -> None:
    """`geo/<package>/x.py` and `_x.py` are tested by `tests/geo/<package>/test_x.py`."""
    found = [path for package in ALGORITHMS for path in (ROOT / "geo" / package).rglob("*.py")]
    modules = [path for path in found if path.name != "__init__.py"]
    tests = [ROOT / "tests" / path.relative_to(ROOT).with_name(f"test_{path.stem.lstrip('_')}.py") for path in modules]
    assert {path.parent.name for path in modules} >= set(ALGORITHMS)
    assert not [_id(path) for path in tests if not path.is_file() or "def test_" not in path.read_text("utf-8")]


#: File names that occur in several packages -> the one thing that they stand for there.
SHARED_NAMES = {
    "audit": "who did what",
    "claims": "claims about places, and whether they hold",
    "connections": "connections of a store",
    "crosswalk": "codes of grids of one day and those of another",
    "drafts": "changes of cameras kept under a name",
    "grid_drafts": "changes of grids kept under a name until they are approved or withdrawn",
    "job_files": "files that jobs made",
    "jobs": "analyses that wait or run",
    "layer_history": "past versions of a layer's rows",
    "locate": "which grid owns a place",
    "previews": "what changes of cameras would do",
    "runs": "stored analyses",
    "several_edits": "several edits that are stored together or not at all",
    "shapes": "shapes that are split and merged",
    "store": "an implementation of the protocol",
    "survey_form": "the form that unknown values are collected in",
    "tables": "tables of the server database",
    "tiles": "vector tiles",
    "unknowns": "unknown values worth measuring",
    "verify": "a report checked against the store",
    "worker": "the process that takes jobs",
    "writes": "changes to the rows of a layer",
}


def test_a_file_name_stands_for_one_thing() -> None:
    """Files in different packages share a name where they treat the same thing; any other name occurs once."""
    names = [path.stem for path in MODULES if path.stem not in ("__init__", "__main__")]
    shared = {name for name in names if names.count(name) > 1}
    assert shared == set(SHARED_NAMES)


def test_only_crs_names_epsg_codes() -> None:
    code = re.compile(r"EPSG:\d{4,5}|epsg=\d{4,5}|(?:to_crs|set_crs|crs)\s*[=(]\s*\d{4,5}")
    naming = [_id(path) for path in MODULES if any(code.search(text) for text in _texts(path))]
    assert all(re.fullmatch(r"geo/crs(_\w+)?\.py", name) for name in naming), set(naming)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _texts(path: Path) -> list[str]:
    """Return the texts of a module that are no docstrings."""
    nodes = list(ast.walk(_tree(path)))
    docs = {id(node.body[0].value) for node in nodes if _has_docstring(node)}
    texts = [node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [node.value for node in texts if id(node) not in docs]


def _has_docstring(node: ast.AST) -> bool:
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, holders) and ast.get_docstring(node) is not None


#: Modules that list names of the catalogue -> why.
LISTING = {
    "geo/assessment/causes.py": "has a test of its own for each cause",
    "geo/check/topology.py": "tells which zones lie within which (rule D5)",
    "geo/studies/known_counts.py": "counts each layer by a function of its own",
    "geo/studies/facility_reach.py": "tells of which units reach is asked (rule P7)",
    "geo/demo/county.py": "draws each layer by a function of its own",
}


def test_names_of_results_are_listed_in_the_catalogue_only() -> None:
    """A literal with two figures, causes or zone layers would miss the next one that the catalogue declares."""
    groups = [set(ZONE_LAYERS), set(FIGURES), set(CAUSES)]
    listing: dict[str, list[list[str]]] = {}
    for path in MODULES:
        if _id(path).startswith(("geo/catalog/", "migrations/")):
            continue
        for node in ast.walk(_tree(path)):
            parts = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else getattr(node, "keys", ())
            names = {one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str)}
            if any(len(names & group) > 1 for group in groups):
                listing.setdefault(_id(path), []).append(sorted(names))
    assert {name: lists for name, lists in listing.items() if name not in LISTING} == {}
    assert set(LISTING) <= set(listing), "an exception that nothing needs"


#: A colour as CSS, SVG or a data address writes it.
_COLOUR = re.compile(
    r"(?<![\w&])(?:#|%23)(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})(?![\w-])|\b(?:rgb|hsl)a?\(\s*[\d.]", re.IGNORECASE
)
_PALETTE = "geo/catalog/palette.py"
#: The pictures of the documentation have colours of their own, in one module.
_PICTURES, _PICTURE_COLOURS = "scripts/docs_site/pictures", "scripts/docs_site/pictures/svg.py"


def test_only_the_palette_has_colours() -> None:
    found = [path for package in ("geo", "maps", "api", _PICTURES) for path in (ROOT / package).rglob("*.*")]
    ours = [path for path in found if path.suffix in {".py", ".css", ".js", ".html"} and "vendor" not in path.parts]
    assert {path.suffix for path in ours} == {".py", ".css", ".js", ".html"}
    colours = {_id(path): _COLOUR.findall(path.read_text(encoding="utf-8")) for path in ours}
    assert colours.pop(_PALETTE), "the pattern knows a colour"
    assert colours.pop(_PICTURE_COLOURS)
    assert {name: texts for name, texts in colours.items() if texts} == {}, f"colours belong to {_PALETTE}"


def test_no_colour_is_written_twice() -> None:
    """Things of one colour refer to one value; the pictures take from the palette what it has."""
    written = [text for name in (_PALETTE, _PICTURE_COLOURS) for text in _texts(ROOT / name) if text.startswith("#")]
    other = [text for text in written if not re.fullmatch(r"#[0-9a-f]{6}(?:[0-9a-f]{2})?", text)]
    assert other == [], "colours are written as #rrggbb or #rrggbbaa in small letters"
    assert sorted({text for text in written if written.count(text) > 1}) == []


def test_the_pattern_of_colours_knows_each_form() -> None:
    for text in (
        "#fff",
        "#0008",
        "#12AB34",
        "#12ab34cd",
        "fill='%23253494'",
        "rgb(1, 2, 3)",
        "rgba(0,0,0,.5)",
        "hsl(9 9% 9%)",
    ):
        assert _COLOUR.search(text), text
    for text in (
        'href="#gap-list"',
        "#rrggbb",
        "geos#1487",
        "&#123;",
        "def rgb(colour)",
        "_rgba(edge)",
        "#add-one",
        "# a",
    ):
        assert not _COLOUR.search(text), text


def test_only_one_module_imports_each_drawing_library() -> None:
    for library, homes in {
        "folium": {"maps/web/pages.py", "maps/web/assets.py"},
        "sqlite3": {"geo/storage", "geo/readers/geodata/geopackage_guard.py", "geo/basemaps/mbtiles_file.py"},
        "PIL": {"geo/basemaps"},
    }.items():
        for path in MODULES:
            text = path.read_text(encoding="utf-8")
            if re.search(rf"^\s*(import|from) {library}\b", text, re.M):
                assert any(_id(path).startswith(home) for home in homes), f"{_id(path)} imports {library}"


#: What only the extra `server` or `telemetry` brings.
_SERVER = ("sqlalchemy", "geoalchemy2", "alembic", "psycopg", "asyncpg", "procrastinate", "jwt", "uvloop")
_EMBEDDED = f"""
import sys
for name in {_SERVER!r}:
    sys.modules[name] = None  # to import it is an ImportError, as where the extra is absent
import api.cli, api.main
for name in api.cli.COMMANDS:
    assert api.cli.gridsight.get_command(None, name) is not None, name
from api.settings import Settings
from fastapi.testclient import TestClient
with TestClient(api.main.create_app(Settings()), base_url="http://127.0.0.1:8000") as client:
    assert client.get("/health").status_code == 200
    assert client.get("/ogc/conformance").status_code == 200
assert api.cli.main(["runs", "--database", "postgresql://nobody@127.0.0.1:1/none"]) == 2
"""


def test_embedded_mode_needs_no_server_package(processes: Processes, tmp_path: Path) -> None:
    """Everything but the server store works where its packages are absent, and asking for it says what to install."""
    done = processes.run(sys.executable, "-c", _EMBEDDED, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "gridsight[server]" in done.stderr
    assert "Traceback" not in done.stderr


def test_roles_are_set_for_one_transaction_only() -> None:
    """A plain SET ROLE survives into the pool: only set_config(..., true) is allowed outside migrations."""
    plain = re.compile(r"\bset\s+(session\s+|local\s+)?role\b|set_config\([^)]*false\s*\)", re.I)
    for path in MODULES:
        if _id(path).startswith("migrations/") or _id(path) == "geo/storage/postgis/maintenance.py":
            continue
        for text in _texts(path):
            assert not plain.search(text), f"{_id(path)}: {text[:80]}"


def test_the_project_speaks_of_itself_only() -> None:
    """No machine path, no package index, in any tracked text file of our own."""
    banned = re.compile(r"/work/(?:main|shared)|/root/\.|files\.pythonhosted|registry\.npmjs|/opt/wheels")
    for name in sorted(TRACKED):
        path = ROOT / name
        if (
            "vendor/" in name
            or not path.is_file()
            or path.suffix in {".png", ".ttf", ".woff2", ".gpkg", ".pdf", ".ico"}
        ):
            continue
        if path == Path(__file__):
            continue
        assert not banned.search(path.read_text(encoding="utf-8", errors="replace")), name
