"""Read settings of every type from the environment, and name every one that cannot be used."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from api.settings import Settings
from geo.errors import BadValue


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith("GRIDSIGHT_"):
            monkeypatch.delenv(name)


def test_without_an_environment_the_defaults_hold() -> None:
    assert Settings.read() == Settings()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("workspace", "a/b.gpkg", Path("a/b.gpkg")),
        ("database_url", "postgresql://ann@h/db", "postgresql://ann@h/db"),
        ("pool_size", " 12 ", 12),
        ("pool_size", "12.0", 12),
        ("statement_seconds", "0.5", 0.5),
        ("log_format", "json", "json"),
        ("session_hours", "720", 720.0),
        ("tile_cache_bytes", "0", 0),
    ],
)
def test_a_variable_sets_its_value(monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object) -> None:
    for spelled in (f"GRIDSIGHT_{name.upper()}", f"gridsight_{name}"):
        monkeypatch.setenv(spelled, text)
        assert Settings.read() == dataclasses.replace(Settings(), **{name: value})
        monkeypatch.delenv(spelled)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pool_size", "many"), ("pool_size", "0"), ("pool_size", "201"), ("pool_size", "1.5"), ("pool_size", ""),
        ("statement_seconds", "0"), ("statement_seconds", "nan"), ("session_hours", "721"),
        ("log_format", "xml"), ("jobs_waiting", "901"), ("max_body_bytes", "999"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    monkeypatch.setenv(f"GRIDSIGHT_{name.upper()}", text)
    monkeypatch.setenv("GRIDSIGHT_RATE_PER_MINUTE", "-1")
    with pytest.raises(BadValue) as refused:
        Settings.read()
    named = [f"GRIDSIGHT_{one.name.upper()}" for one in dataclasses.fields(Settings)]
    expected = [one for one in named if one in (f"GRIDSIGHT_{name.upper()}", "GRIDSIGHT_RATE_PER_MINUTE")]
    assert refused.value.en == f"the value of {', '.join(expected)} cannot be used"


def test_values_that_a_caller_gives_are_checked_too() -> None:
    with pytest.raises(BadValue, match="GRIDSIGHT_JOB_ATTEMPTS"):
        Settings(job_attempts=0)


def test_every_type_of_setting_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in dataclasses.fields(Settings):
        monkeypatch.setenv(
            f"GRIDSIGHT_{one.name.upper()}", str(one.default or 1) if one.name != "log_format" else "text"
        )
    Settings.read()


@pytest.mark.parametrize("name", ["workspace", "database_url", "session_secret_file"])
def test_an_empty_variable_of_what_may_be_absent_is_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"GRIDSIGHT_{name.upper()}", " ")
    assert getattr(Settings.read(), name) is None
