"""Hold every test to its marks: each follows from a fixture, and nothing that needs one is opened without it."""

from __future__ import annotations

import ast
import multiprocessing
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import browser, needs, postgres
from tests.conftest import ROOT

CONFTESTS = [*(ROOT / "tests").rglob("conftest.py")]
MARKS = {*needs.BY_FIXTURE.values(), *needs.BY_PLACE.values()}


def given_marks(place: str, *fixtures: str) -> set[str]:
    """Return the marks of a test in a file of the tests that asks for these fixtures."""
    got: set[str] = set()
    item = SimpleNamespace(path=ROOT / "tests" / place, fixturenames=fixtures, add_marker=got.add)
    needs.mark([item], ROOT)
    return got


def test_marks_follow_from_fixtures_and_folders() -> None:
    assert given_marks("geo/test_crs.py", "tmp_path") == set()
    assert given_marks("geo/test_crs.py", "database", "server", "clusters") == {"server"}
    assert given_marks("api/test_x.py", "processes", "shared_data", "clusters") == {"process", "realdata", "server"}
    assert given_marks("clients/test_x.py") == {"clients"}
    assert given_marks("clients_of_ours/test_x.py") == set()


def test_every_mark_is_declared_and_every_declared_mark_is_given() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert {line.partition(":")[0] for line in options["markers"]} == MARKS
    assert "--strict-markers" in options["addopts"]


def test_the_fixtures_that_give_marks_are_there_once() -> None:
    """A module that defines one anew would take the mark along for something else."""
    defined = [
        node.name
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and any("fixture" in ast.unparse(one) for one in node.decorator_list)
    ]
    assert {name: defined.count(name) for name in needs.BY_FIXTURE} == dict.fromkeys(needs.BY_FIXTURE, 1)


def test_no_mark_is_written_by_hand() -> None:
    """One value of a parametrised fixture may have one: its neighbour needs no server."""
    names = "|".join(MARKS)
    by_hand = re.compile(rf"^\s*@pytest\.mark\.({names})\b|^pytestmark\b.*\bmark\.({names})\b", re.M)
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if by_hand.search(path.read_text(encoding="utf-8"))]
    assert files == []


def test_what_is_opened_without_its_mark_fails_the_test(tmp_path: Path) -> None:
    """This very test has no mark, so that it may open none of these."""

    def refused(name: str) -> pytest.RaisesExc:
        return pytest.raises(pytest.fail.Exception, match=f"needs the mark {name}")

    with refused("process or clients"):
        subprocess.run([sys.executable, "-c", ""], check=False)
    with refused("process or clients"):
        subprocess.Popen("true", shell=True)
    with refused("server"):
        subprocess.run(["/usr/lib/postgresql/15/bin/postgres", "--version"], check=False)
    with refused("process"):
        multiprocessing.get_context("spawn").Process(target=print).start()
    with refused("server"):
        postgres.Cluster(tmp_path)
    with refused("server"), postgres.fresh_database("postgresql://127.0.0.1:1/postgres"):
        pass
    with refused("browser"), browser.launched():
        pass


def test_files_with_slow_tests_come_first_each_in_one_piece() -> None:
    marks = {"a1": (), "b1": ("server",), "b2": (), "c1": ("process", "server"), "d1": ("browser",)}
    items = [
        SimpleNamespace(name=name, path=Path(name[0]), get_closest_marker=marks[name].__contains__) for name in marks
    ]
    needs.slow_first(items)
    assert [item.name for item in items] == ["c1", "d1", "b1", "b2", "a1"]


def test_light_examples_are_few_whatever_a_test_asks_for() -> None:
    seen: list[int] = []

    @settings(max_examples=200)
    @given(st.integers())
    def many(number: int) -> None:
        seen.append(number)

    @settings(max_examples=2)
    @given(st.integers())
    def few(number: int) -> None:
        seen.append(number)

    needs.lighten([SimpleNamespace(obj=many), SimpleNamespace(obj=few), SimpleNamespace(obj=len), SimpleNamespace()])
    many()
    assert 0 < len(seen) <= needs.LIGHT_EXAMPLES
    seen.clear()
    few()
    assert 0 < len(seen) <= 2
