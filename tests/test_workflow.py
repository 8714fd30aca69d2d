"""Check the hosted checks statically: they were not run where this is developed, so what they name must be there."""

from __future__ import annotations

import re
import shlex
import tomllib
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
JOBS: dict[str, Any] = WORKFLOW["jobs"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]
RUNS = [(name, step["run"]) for name, step in STEPS if "run" in step]


def test_three_systems_with_the_oldest_and_the_newest_dependencies() -> None:
    matrix = JOBS["test"]["strategy"]["matrix"]
    made = set(product((system.split("-")[0] for system in matrix["system"]), matrix["dependencies"]))
    assert made == set(product(("ubuntu", "macos", "windows"), ("oldest", "newest")))
    assert not any("latest" in system for system in matrix["system"]), "a system of its own accord is another one"
    pythons = {one["dependencies"]: one["python"] for one in matrix["include"]}
    assert f">={pythons['oldest']}" == PROJECT["project"]["requires-python"]
    assert _numbers(pythons["newest"]) > _numbers(pythons["oldest"])
    assert JOBS["test"]["runs-on"] == "${{ matrix.system }}"


def test_each_resolution_is_asked_for_once_and_used() -> None:
    resolving = {step.get("if"): step["run"] for _, step in STEPS if "pip compile" in step.get("run", "")}
    assert set(resolving) == {f"matrix.dependencies == '{one}'" for one in ("oldest", "newest")}
    assert "--resolution lowest-direct" in resolving["matrix.dependencies == 'oldest'"]
    assert "--resolution highest" in resolving["matrix.dependencies == 'newest'"]
    assert any("-r resolved.txt" in line for _, line in RUNS)
    for line in resolving.values():
        assert set(re.findall(r"--extra (\S+)", line)) == set(PROJECT["project"]["optional-dependencies"])
        assert line.endswith("-o resolved.txt")


def test_every_bound_below_is_told() -> None:
    """The oldest column installs what pyproject names: a requirement without a lower bound would be anything."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    for requirement in (*PROJECT["project"]["dependencies"], *(one for extra in extras for one in extra)):
        assert ">=" in requirement, requirement


def test_targets_groups_and_modules_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    made = [words[1] for _, line in RUNS if (words := shlex.split(line))[0] == "make"]
    assert set(made) == {"lint", "test", "docs"}
    assert set(made) <= targets
    groups = {group for _, line in RUNS for group in re.findall(r"--group pyproject\.toml:(\S+)", line)}
    assert groups == {"dev", "build"}
    assert groups <= set(PROJECT["dependency-groups"])
    modules = {name for _, line in RUNS for name in re.findall(r"python -m (\S+)", line)}
    assert modules == {"pip", "geo.kernels", "pytest"}
    marks = {mark.split(":")[0] for mark in PROJECT["tool"]["pytest"]["ini_options"]["markers"]}
    (command,) = [line for _, line in RUNS if "-m pytest" in line]
    left_out = set(re.findall(r"not (\w+)", command))
    assert left_out <= marks
    assert (ROOT / JOBS["docs"]["steps"][-1]["with"]["path"]).parent == ROOT / "build"


def test_windows_runs_nothing_that_only_a_posix_shell_has() -> None:
    for name, line in RUNS:
        if name == "test":
            assert not re.search(r"\bmake\b|\bsh\b|apt-get|&&|\$\(|/bin/", line), line


def test_tests_may_skip_what_a_hosted_machine_lacks() -> None:
    """With CI=true, which hosted machines set, a missing database is a failure (tests/conftest.py)."""
    for name in ("test", "everything"):
        assert JOBS[name]["env"]["CI"] == "false"


@pytest.mark.parametrize("action", [step["uses"] for _, step in STEPS if "uses" in step])
def test_actions_are_pinned(action: str) -> None:
    """By the hash of a commit, its release beside it: a tag may be moved."""
    assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)
    assert re.search(rf"{re.escape(action)} # v\d+\.\d+\.\d+$", TEXT, re.M)


def test_one_action_has_one_pin() -> None:
    pins = {tuple(step["uses"].split("@")) for _, step in STEPS if "uses" in step}
    assert len({name for name, _ in pins}) == len(pins)


def test_it_reads_only_and_ends() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "secrets." not in TEXT
    assert all(0 < job["timeout-minutes"] <= 90 for job in JOBS.values())
    # YAML 1.1 reads the word "on" as true.
    assert set(WORKFLOW[True]) == {"push", "pull_request", "workflow_dispatch"}


def test_the_documents_say_that_it_was_not_run() -> None:
    page = (ROOT / "docs" / "develop" / "testing.md").read_text(encoding="utf-8")
    assert "没有运行过" in page
    assert "has not been run" in page


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
