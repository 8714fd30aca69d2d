"""Hold the documents to the code: every command, route, setting, finding and problem is told."""

from __future__ import annotations

import dataclasses
import re
import sys
import tomllib
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from api.cli import COMMANDS
from api.main import create_app
from api.problems import PROBLEMS
from api.settings import Settings
from geo.catalog.layers import LAYERS
from geo.storage.geopackage.schema import LATEST_RUN_VIEWS
from tests import needs
from tests.processes import Processes
from tests.test_architecture import TRACKED

ROOT = Path(__file__).resolve().parent.parent
#: Page, relative to the repository -> its text.
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
}


def test_every_command_is_told() -> None:
    assert len(COMMANDS) > 12
    for name in COMMANDS:
        assert re.search(rf"`gridsight {name}[ `]", PAGES["docs/cli.md"]), name


def test_every_setting_is_told() -> None:
    for one in dataclasses.fields(Settings):
        assert f"`GRIDSIGHT_{one.name.upper()}`" in PAGES["docs/cli.md"], one.name


def test_every_route_is_told(tmp_path: Path) -> None:
    app = create_app(Settings(workspace=tmp_path / "w.gpkg"))
    for path in app.openapi()["paths"]:
        assert path.rstrip("/") in PAGES["docs/api.md"], path


def test_every_problem_is_told() -> None:
    for problem in PROBLEMS.values():
        assert f"`{problem.slug}`" in PAGES["docs/api.md"], problem.slug


def test_every_finding_is_told() -> None:
    slugs = set()
    for path in (ROOT / "geo" / "check").glob("*.py"):
        kinds = "camera|code|grid|village|division|obstacle|road|geometry|far"
        slugs |= set(re.findall(rf'"((?:{kinds})-[a-z-]+)"', path.read_text(encoding="utf-8")))
    assert len(slugs) > 15
    for slug in slugs:
        assert f"`{slug}`" in PAGES["docs/check.md"], slug


@pytest.mark.parametrize("half", [0, 1])
def test_every_marker_and_the_fixture_that_gives_it_are_told(half: int) -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    markers = [line.partition(":")[0] for line in options["markers"]]
    assert len(markers) > 5
    page = PAGES["docs/develop/testing.md"].split("\n## English\n")[half]
    assert [name for name in (*markers, *needs.BY_FIXTURE) if f"`{name}`" not in page] == []


def test_every_target_of_make_that_tests_is_told() -> None:
    page = PAGES["docs/develop/testing.md"]
    for target in ("lint", "check", "test", "bench", "docs", "same-answers"):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M), target
        assert page.count(f"`make {target}`") >= 2, target


def test_every_layer_is_told() -> None:
    for name in LAYERS:
        assert f"`{name}`" in PAGES["docs/layers.md"], name


_FENCE = re.compile(r"^ *```.*?^ *```", re.M | re.S)


def test_both_halves_of_the_readme_tell_the_same() -> None:
    chinese, english = PAGES["README.md"].split("\n## English\n")
    english = english.split("\n## 许可")[0]
    parts = [re.findall(r"^#{2,3} (.+)$", half, re.M) for half in (chinese, english)]
    assert len(parts[0]) == len(parts[1]) == 4
    for pattern in (
        r"\]\(((?:docs|samples)/[^)]+\.md)\)",
        r"`(--[a-z]+|make [a-z]+|demo-county/|[\w/.-]+\.(?:gpkg|csv))",
    ):
        found = [set(re.findall(pattern, half)) for half in (chinese, english)]
        assert found[0] == found[1], pattern


@pytest.mark.parametrize("name", PAGES)
def test_a_table_ends_with_a_blank_line(name: str) -> None:
    """Markdown takes a line of prose directly below a table as one more row of it."""
    lines = _FENCE.sub("", PAGES[name]).splitlines()
    below = [after for row, after in pairwise(lines) if row.lstrip().startswith("|")]
    assert [line for line in below if line.strip() and not line.lstrip().startswith("|")] == []


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", _FENCE.sub("", PAGES[name])):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        page = (ROOT / name).parent / path if path else ROOT / name
        assert page.exists(), f"{name} links to {target}"
        if anchor and page.suffix == ".md":
            assert anchor in anchors(page.read_text(encoding="utf-8")), f"{name} links to {target}"


def anchors(page: str) -> set[str]:
    """Return the anchors of a page: those written as HTML, and those that code hosts make of headings."""
    written = set(re.findall(r'<a id="([\w-]+)">', page))
    headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", page), re.M)
    return written | {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("name", [name for name in PAGES if name.count("/") == 2])
def test_files_that_the_pages_for_developers_name_exist(name: str) -> None:
    """A path in backquotes is a file or a folder of the repository, or has a star or a placeholder in it."""
    home = r"(?:geo|maps|api|migrations|tests|scripts|deploy|docs|\.github)"
    named = re.findall(rf"`({home}/[\w./*<>{{}}-]*|[\w-]+\.(?:lock|toml|md)|Makefile)`", _FENCE.sub("", PAGES[name]))
    for path in named:
        if not re.search(r"[*<>{]", path) and path != "index.md":
            assert (ROOT / path).exists(), f"{name} names {path}"
            assert path.endswith("/") or (ROOT / path).is_dir() or path in TRACKED or not TRACKED, (
                f"{path} is not tracked"
            )


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("docs/develop/")])
def test_names_of_the_code_that_the_pages_for_developers_use_exist(name: str) -> None:
    """A name in backquotes occurs in the code, or in a file that configures it: pages do not outlive what they name."""
    prose = _FENCE.sub("", PAGES[name])
    missing = {word for word in re.findall(r"`([A-Za-z_]\w{3,})(?:\(.*?\))?`", prose) if word not in _code_words()}
    assert missing == set(), missing


@cache
def _code_words() -> set[str]:
    kinds = {".py", ".sql", ".toml", ".sh", ".yml", ".yaml"}
    homes = ("geo", "maps", "api", "migrations", "scripts", "tests", "deploy", ".github")
    files = [path for home in homes for path in (ROOT / home).rglob("*") if path.suffix in kinds]
    files += [ROOT / "pyproject.toml", ROOT / "Makefile"]
    made = set(LATEST_RUN_VIEWS)  # names that the code puts together
    return made | {
        word
        for path in files
        if path != Path(__file__) and "vendor" not in path.parts
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    }


DECISIONS = [name for name in PAGES if name.startswith("docs/decisions/")]


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_has_all_its_parts_in_both_languages(name: str) -> None:
    headings = re.findall(r"^##+ (.*)$", PAGES[name], re.M)
    chinese = ["中文", "背景", "决定", "别的办法", "后果"]
    english = ["English", "Context", "Decision", "Alternatives", "Consequences"]
    assert headings == [*chinese, *english, "文件 · Files"]
    files = PAGES[name].split("## 文件 · Files")[1]
    assert len(re.findall(r"`[\w./-]+`", files)) >= 2, "a decision names the files where it is carried out"


def test_there_are_decisions() -> None:
    assert len(DECISIONS) >= 14


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_in_both_languages(name: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]{2}", PAGES[name]) or name == "CHANGELOG.md"
    assert re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", PAGES[name])


def test_every_table_is_told() -> None:
    from geo.storage.postgis.tables import metadata

    page = PAGES["docs/develop/data_model.md"]
    layers_and_runs = {*LAYERS, *(f"{name}_history" for name in LAYERS)}
    for name in {table.name for table in metadata.tables.values()} - layers_and_runs | set(LATEST_RUN_VIEWS):
        assert f"`{name}`" in page, name


def test_the_citation_is_of_this_version() -> None:
    """The keys that version 1.2 of the Citation File Format asks for and knows; no person is named."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    known = {"type", "abstract", "version", "license", "repository-code", "url", "keywords", "date-released", "doi"}
    assert set(cited) <= known | {"cff-version", "message", "title", "authors"}
    assert (str(cited["cff-version"]), cited["type"]) == ("1.2.0", "software")
    assert (str(cited["version"]), cited["license"]) == (project["version"], project["license"])
    assert [set(author) for author in cited["authors"]] == [{"name"}], "an entity, no person"
    assert len(cited["keywords"]) == len(set(cited["keywords"]))


def test_the_page_on_seeing_names_real_levels() -> None:
    from geo.catalog.editions import EDITIONS

    for levels in EDITIONS.values():
        for density in levels.values():
            assert f"{density:g}" in PAGES["docs/seeing.md"], density


def test_the_tables_of_fields_are_those_of_the_catalogue(processes: Processes) -> None:
    done = processes.run(sys.executable, ROOT / "scripts" / "catalog_tables.py", "--check")
    assert done.returncode == 0, done.stderr
