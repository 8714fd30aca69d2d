"""Tell once what was done to a workspace of an earlier version: a command on stderr, a service in its log."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import logs
from api.cli import main
from api.commands import serve
from api.main import create_app
from api.settings import Settings
from geo.storage.geopackage import schema, upgrades
from tests.conftest import ROOT

DAY = "2099-01-01"
ZH, EN = f"登记甲表（{DAY}）", f"registered table A ({DAY})"


@pytest.fixture
def old(quiet: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a workspace of an earlier version, before a day on which a step was written by hand."""
    monkeypatch.setattr(schema, "DAYS", (*schema.DAYS, DAY))
    monkeypatch.setattr(upgrades, "DAYS", schema.DAYS)
    step = upgrades.HandWritten("登记甲表", "registered table A", lambda _conn: None)
    monkeypatch.setattr(upgrades, "STRUCTURE", {**upgrades.STRUCTURE, DAY: step})
    monkeypatch.setattr(schema, "SCHEMA_VERSION", schema.SCHEMA_VERSION + 1)
    path = tmp_path / "old.gpkg"
    shutil.copyfile(ROOT / "tests" / "data" / "workspaces" / "2026-11-22-embedded.gpkg", path)
    return path


@pytest.mark.parametrize("options", [[], ["--json"]])
@pytest.mark.parametrize(("lang", "told", "other"), [("en", EN, ZH), ("zh", ZH, EN)])
def test_a_command_tells_an_upgrade_once_on_stderr(
    old: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
    lang: str, told: str, other: str, options: list[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("GRIDSIGHT_LANG", lang)
    assert main(["runs", "--workspace", str(old), *options]) == 0
    out, err = capfd.readouterr()
    assert err.count(told) == 1
    assert str(old) in err
    assert other not in err
    assert told not in out
    if options:
        assert len(json.loads(out)["runs"]) == 1
    assert main(["runs", "--workspace", str(old), *options]) == 0
    assert capfd.readouterr().err == ""


def test_a_transfer_tells_the_upgrade_of_its_source(
    old: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRIDSIGHT_LANG", "en")
    assert main(["db", "move", "--from", str(old), "--to", "new.gpkg"]) == 0
    assert capfd.readouterr().err.count(EN) == 1


def test_a_service_logs_an_upgrade_at_start(old: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="gridsight"), TestClient(create_app(Settings(workspace=old))):
        pass
    assert [one.getMessage() for one in caplog.records].count(f"workspace upgraded: {EN}") == 1


def test_serve_leaves_the_upgrade_to_the_log(
    old: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    served: list[tuple[str, ...]] = []
    monkeypatch.setattr(logs, "configure", lambda _settings: None)  # it changes the handlers of the whole process
    monkeypatch.setattr(serve, "_serve", lambda _console, _settings, store, *_: served.append(store.upgraded))
    assert main(["serve", "--port", "0", "--workspace", str(old)]) == 0
    (told,) = served
    assert told.count(f"{ZH} / {EN}") == 1
    assert EN not in capfd.readouterr().err
