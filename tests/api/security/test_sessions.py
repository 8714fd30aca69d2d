"""Seal a session for one use and one time."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from api import problems
from api.security.sessions import Sessions
from geo.errors import BadValue


def test_a_sealed_text_is_for_one_use_and_one_time() -> None:
    now = [1000.0]
    sessions = Sessions(b"x" * 32, hours=1, clock=lambda: now[0])
    text = sessions.seal({"key": "k"}, kind="a")
    assert sessions.open(text, kind="a") == {"key": "k"}
    body, mac = text.split(".")
    forged = base64.urlsafe_b64encode(b'{"key":"q","until":9999999999}').decode().rstrip("=")
    bad = [
        (text, "b"),
        (f"{forged}.{mac}", "a"),
        (f"{body}.", "a"),
        (body, "a"),
        ("", "a"),
        ("é.é", "a"),
        (f"{text}A", "a"),
    ]
    for other, kind in bad:
        with pytest.raises(problems.NotSignedIn):
            sessions.open(other, kind=kind)
    with pytest.raises(problems.NotSignedIn):
        Sessions(b"y" * 32).open(text, kind="a")
    now[0] += 3600
    with pytest.raises(problems.NotSignedIn):
        sessions.open(text, kind="a")


def test_a_session_secret_must_be_one(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"short")
    for one in (path, tmp_path / "none"):
        with pytest.raises(BadValue):
            Sessions.from_file(one, hours=1)
    path.write_bytes(b"s" * 32 + b"\n")
    text = Sessions.from_file(path, hours=1).seal({"key": "k"}, kind="a")
    assert Sessions.from_file(path, hours=1).open(text, kind="a") == {"key": "k"}  # another process of the server
