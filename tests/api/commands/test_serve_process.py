"""Run the command line as people do: a process of its own, pipes, signals, a served page."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.processes import Processes

ENV = {key: value for key, value in os.environ.items() if not key.startswith("GRIDSIGHT")} | {"GRIDSIGHT_LANG": "en"}
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(processes: Processes, tmp_path: Path) -> Start:
    """Return what starts the program in an empty folder."""

    def begun(*words: object) -> subprocess.Popen[str]:
        command = (sys.executable, "-m", "api", *words)
        return processes.start(*command, cwd=tmp_path, env=ENV, stderr=subprocess.PIPE)

    return begun


def test_version_and_usage(start: Start) -> None:
    process = start("--version")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "gridsight" in out
    process = start("nonsense")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.count("\n")) == (2, "", 1)


def test_json_and_chinese_through_a_pipe(start: Start, drawn: Path, tmp_path: Path) -> None:
    process = start("locate", "老粮站", "--json", "--workspace", drawn)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    assert json.loads(out)["query"] == "老粮站"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="head and signals are POSIX")
def test_a_reader_that_goes_away_is_no_error(start: Start, drawn: Path) -> None:
    process = start("gaps", "--workspace", drawn)
    process.stdout.close()
    _, err = b"", process.stderr.read()
    process.wait(timeout=120)
    assert "Traceback" not in err
    process.stderr.close()


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_serve_answers_until_it_is_stopped(start: Start, workspace: Path) -> None:
    process = start("serve", "--port", "0", "--json", "--workspace", workspace)
    try:
        told = json.loads(process.stdout.readline())
        assert told["url"].startswith("http://127.0.0.1:")
        with urllib.request.urlopen(told["url"] + "health", timeout=30) as answer:
            assert json.load(answer)["status"] == "ok"
        with urllib.request.urlopen(told["url"], timeout=30) as page:
            assert "nonce-" in page.headers["content-security-policy"]
            assert "server" not in page.headers
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert "Traceback" not in out + err
