"""Install the built wheel in an empty venv outside the checkout and do the main job with it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import postgres
from tests.processes import Processes

ROOT = Path(__file__).resolve().parent.parent


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def outside(processes: Processes) -> Run:
    """Return what runs a command as if there were no checkout."""

    def call(*words: object, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
        env = {key: value for key, value in os.environ.items() if not key.startswith(("GRIDSIGHT", "PYTHON"))}
        return processes.run(*words, cwd=cwd, env=env | more)

    return call


@pytest.fixture(scope="module")
def wheel(outside: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    done = outside(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


def test_wheel_carries_assets_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"geo", "maps", "api", "migrations"}
    assert any(name.endswith(".ttf") for name in names), "the print font ships in the wheel"
    assert any(name.endswith("leaflet.js") for name in names)
    assert not any("__pycache__" in name or name.startswith("tests/") for name in names)


def test_the_source_carries_what_a_newcomer_needs(outside: Run, tmp_path: Path) -> None:
    done = outside(sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        path.relative_to(ROOT).as_posix() for folder in ("samples", "scripts") for path in (ROOT / folder).glob("*.*")
    }
    assert {"README.md", "Makefile", "requirements.lock", *wanted} <= inside


@pytest.fixture(scope="module")
def python(outside: Run, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of a venv with the wheel in it, outside the checkout."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(home, with_pip=False)
    found = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    # The locked dependencies are already on this machine: the new venv reads them from the test venv's site-packages,
    # so that only the wheel itself is under test and no index is asked.
    site = next(path for path in sys.path if path.endswith("site-packages"))
    own = _packages(outside, found)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", own, wheel]
    installed = outside(*pip, cwd=home)
    assert installed.returncode == 0, installed.stderr
    (own / "locked.pth").write_text(site + "\n", encoding="utf-8")
    _bring_kernels(own)
    return found


def _packages(outside: Run, python: Path) -> Path:
    found = outside(python, "-c", "import site; print(site.getsitepackages()[0])", cwd=python.parent)
    return Path(found.stdout.strip())


def _bring_kernels(own: Path) -> None:
    """Copy compiled kernels of the checkout beside the modules installed, where a module is the same to the byte.

    To compile them all takes more than a minute of processor time. Those of ``geo.places`` stay behind: that a kernel
    is compiled and kept where the wheel was installed is part of its job.
    """
    for module in sorted((ROOT / "geo").rglob("*.py")):
        installed = own / module.relative_to(ROOT)
        compiled = list((module.parent / "__pycache__").glob(f"{module.stem}.*.nb[ic]"))
        if not compiled or module.parent.name == "places" or installed.read_bytes() != module.read_bytes():
            continue
        shutil.copystat(module, installed)  # numba knows a source by its time and size
        (installed.parent / "__pycache__").mkdir(exist_ok=True)
        for file in compiled:
            shutil.copy2(file, installed.parent / "__pycache__")


def test_wheel_does_the_main_job_outside_the_checkout(outside: Run, python: Path, tmp_path: Path) -> None:
    where = outside(
        python, "-c", "import geo, maps, api; print(geo.__file__, maps.__file__, api.__file__)", cwd=tmp_path
    )
    assert str(ROOT) not in where.stdout, where.stdout + where.stderr
    command = [python, "-m", "api", "demo", "--size", "small", "--no-serve", "--dir", tmp_path / "county", "--json"]
    done = outside(*command, cwd=tmp_path, PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["counts"]["cameras"] > 0
    for name in ("workspace.gpkg", "map.html", "sheet.pdf"):
        assert (tmp_path / "county" / name).stat().st_size > 0
    assert list((_packages(outside, python) / "geo" / "places" / "__pycache__").glob("*.nbc")), "kernels are kept there"


def test_wheel_carries_the_migrations(outside: Run, wheel: Path, python: Path, server: str, tmp_path: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("migrations/")}
    files = [path for path in (ROOT / "migrations").rglob("*.*") if "__pycache__" not in path.parts]
    here = {path.relative_to(ROOT).as_posix() for path in files}
    assert inside == here
    found = outside(python, "-c", "import migrations; print(migrations.__file__)", cwd=tmp_path)
    assert str(ROOT) not in found.stdout, found.stdout + found.stderr
    with postgres.fresh_database(server) as url:
        command = [python, "-m", "api", "db", "upgrade", "--json", "--database", url]
        done = outside(*command, cwd=tmp_path, PYTHONDONTWRITEBYTECODE="1")
        assert done.returncode == 0, done.stdout + done.stderr
        answer = json.loads(done.stdout)
        dated = sorted(name for name in here if name.startswith("migrations/versions/2") and name.endswith(".py"))
        assert [step.split()[1] for step in answer["steps"]] == [name.split("_")[1] for name in dated]
        assert answer["to"] == dated[-1].split("_")[1]
