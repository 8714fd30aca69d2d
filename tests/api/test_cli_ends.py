"""See how a command ends where its output cannot be written, is closed, or Ctrl+C comes at an odd moment."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from geo.storage.geopackage import schema
from tests.conftest import ROOT
from tests.processes import Processes

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes, devices and signals as POSIX has them")
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="a device that is always full, as Linux has it")


def shell(processes: Processes, line: str, workspace: Path) -> tuple[int, str, str]:
    """Run a line of the shell, in which $G is the program, and return exit code, stdout and stderr."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("GRIDSIGHT")}
    env |= {"G": f"{sys.executable} -m api", "GRIDSIGHT_WORKSPACE": str(workspace), "GRIDSIGHT_LANG": "en"}
    done = processes.run("bash", "-c", f"set -o pipefail; {line}", cwd=ROOT, env=env)
    return done.returncode, done.stdout, done.stderr


@needs_full
@pytest.mark.parametrize("options", ["", "--json"])
def test_a_full_disk_is_one_sentence(processes: Processes, drawn: Path, options: str) -> None:
    code, _, err = shell(processes, f"$G gaps {options} > /dev/full", drawn)
    assert (code, err) == (2, "error: cannot read or write: No space left on device\n")


@needs_full
def test_an_error_that_cannot_be_written_is_its_exit_code(processes: Processes, drawn: Path) -> None:
    assert shell(processes, "$G nothing 2> /dev/full", drawn) == (2, "", "")


@pytest.mark.parametrize(
    "line", ["$G gaps | true", "$G runs | true", "$G --help | true", "$G gaps --json | head -c 1 > /dev/null"]
)
def test_a_reader_that_leaves_early_is_no_failure(processes: Processes, drawn: Path, line: str) -> None:
    assert shell(processes, line, drawn) == (0, "", "")


def test_commands_that_show_progress_work_without_stderr(processes: Processes, drawn: Path, tmp_path: Path) -> None:
    mine = shutil.copy(drawn, tmp_path / "w.gpkg")
    code, out, _ = shell(processes, "$G analyze --json 2>&-", mine)
    assert code == 0, out


@pytest.mark.parametrize("module", ["click", "shapely"], ids=["while the program loads", "in a command"])
def test_ctrl_c_is_one_line_and_exit_2(processes: Processes, tmp_path: Path, module: str) -> None:
    """It comes within `exec`, as while a dataclass is made: after that `python -m` kills itself if it ends as usual."""
    interrupt = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    (tmp_path / f"{module}.py").write_text(f"exec({interrupt!r})\n", encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]), "GRIDSIGHT_LANG": "zh"}
    done = processes.run(sys.executable, "-m", "api", "check", cwd=tmp_path, env=env)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.lstrip("\n") in {"已中断 / interrupted\n", "已中断\n"}  # click ends the line of the ^C


def test_ctrl_c_after_the_work_is_done_changes_nothing(processes: Processes, drawn: Path) -> None:
    program = (
        "import atexit, os, signal, sys; from api.cli import main\n"
        "atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "sys.exit(main())"
    )
    done = processes.run(sys.executable, "-c", program, "runs", "--workspace", drawn, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_twice_ends_the_service_quietly(processes: Processes, drawn: Path, tmp_path: Path) -> None:
    mine = shutil.copy(drawn, tmp_path / "w.gpkg")
    words = [sys.executable, "-m", "api", "serve", "--port", "0", "--workspace", mine]
    process = processes.start(*words, cwd=ROOT, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith("http://")
    time.sleep(0.5)  # the service has installed its handlers
    process.send_signal(signal.SIGINT)
    time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
    said = process.stderr.read()
    assert "Cancelled" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("port", ["70000", "0", "abc", "", "²"])
def test_the_demo_refuses_what_is_no_port_in_one_sentence(processes: Processes, port: str) -> None:
    done = processes.run("make", "port", f"PORT={port}", cwd=ROOT)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(said) == 1
    assert " / a port is a number from 1 to 65535" in said[0]


def test_ctrl_c_while_the_environment_is_made_is_one_line(processes: Processes, tmp_path: Path) -> None:
    """A package of a slow name stands for pip at work: it is what the script runs by `-c`."""
    (tmp_path / "ensurepip.py").write_text("", encoding="utf-8")
    (tmp_path / "venv.py").write_text(
        "import sys, time\nif __name__ == '__main__':\n    print('at work', flush=True)\n    time.sleep(60)\n",
        encoding="utf-8",
    )
    script = ROOT / "scripts" / "make_venv.sh"
    process = processes.start(
        "sh", script, "none.lock", cwd=tmp_path, env={**os.environ, "PYTHON": sys.executable},
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    while "at work" not in (line := process.stdout.readline()):
        assert line, process.stderr.read()
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert process.stderr.read() == "已中断 / interrupted\n"


def test_ctrl_c_while_a_workspace_is_made_leaves_no_file(
    run: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "create_statements", interrupted)
    (tmp_path / "cams.csv").write_text("id,lon,lat\nk1,102,37\n", encoding="utf-8")
    run("import", "cams.csv", "--layer", "cameras", "--crs", "wgs84", "--workspace", "new.gpkg", code=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cams.csv"]


def test_a_pipe_is_no_workspace(processes: Processes, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gpkg")
    code, _, err = shell(processes, "timeout 20 $G runs", tmp_path / "pipe.gpkg")
    assert (code, err) == (2, f"error: {tmp_path / 'pipe.gpkg'} is no file\n")
