"""Hold the documents to the code: every command, route, setting, finding and problem is told."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from api.cli import COMMANDS
from api.main import create_app
from api.problems import TABLE
from api.settings import Settings
from geo.catalog.layers import LAYERS
from tests.processes import Processes

ROOT = Path(__file__).resolve().parent.parent
PAGES = {path.name: path.read_text(encoding="utf-8") for path in [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]}


def test_every_command_is_told() -> None:
    assert len(COMMANDS) > 12
    for name in COMMANDS:
        assert re.search(rf"`gridsight {name}[ `]", PAGES["cli.md"]), name


def test_every_setting_is_told() -> None:
    for name in Settings.model_fields:
        assert f"`GRIDSIGHT_{name.upper()}`" in PAGES["cli.md"], name


def test_every_route_is_told(tmp_path: Path) -> None:
    app = create_app(Settings(workspace=tmp_path / "w.gpkg"))
    for path in app.openapi()["paths"]:
        assert path.rstrip("/") in PAGES["api.md"], path


def test_every_problem_is_told() -> None:
    for problem in TABLE.values():
        assert f"`{problem.slug}`" in PAGES["api.md"], problem.slug


def test_every_finding_is_told() -> None:
    slugs = set()
    for path in (ROOT / "geo" / "check").glob("*.py"):
        kinds = "camera|code|grid|village|division|obstacle|road|geometry|far"
        slugs |= set(re.findall(rf'"((?:{kinds})-[a-z-]+)"', path.read_text(encoding="utf-8")))
    assert len(slugs) > 15
    for slug in slugs:
        assert f"`{slug}`" in PAGES["check.md"], slug


def test_every_layer_is_told() -> None:
    for name in LAYERS:
        assert f"`{name}`" in PAGES["layers.md"], name


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    home = ROOT if name == "README.md" else ROOT / "docs"
    for target in re.findall(r"\]\(([^)#]+)\)", PAGES[name]):
        if not target.startswith(("http://", "https://")):
            assert (home / target).exists(), f"{name} links to {target}"


def test_the_page_on_seeing_names_real_levels() -> None:
    from geo.catalog.editions import EDITIONS

    for levels in EDITIONS.values():
        for density in levels.values():
            assert f"{density:g}" in PAGES["seeing.md"], density


def test_the_tables_of_fields_are_those_of_the_catalogue(processes: Processes) -> None:
    done = processes.run(sys.executable, ROOT / "scripts" / "catalog_tables.py", "--check")
    assert done.returncode == 0, done.stderr
