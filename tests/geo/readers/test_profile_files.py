"""Read an office's profiles of codes from a file, and refuse what is none in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import BadValue, UnreadableFile
from geo.readers.profile_files import read_profiles

TEXT = '["本县"]\nsegments = [{ of = "village", digits = 12 }, { of = "number", digits = 4 }]\n'


def test_a_file_with_a_mark_and_chinese_names_is_read(tmp_path: Path) -> None:
    path = tmp_path / "规则.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert read_profiles(path)["本县"].digits == 16


def test_what_is_no_text_no_file_or_too_large_is_refused(tmp_path: Path) -> None:
    for name, data, said in (
        ("a.toml", TEXT.encode("gb18030"), "a.toml"),
        ("b.toml", b" " * 1_000_001, "b.toml"),
        ("c.json", b"[" * 100_000, "c.json: it is nested too deep|c.json: it is no TOML or JSON"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises((UnreadableFile, BadValue), match=said):
            read_profiles(tmp_path / name)
    with pytest.raises(UnreadableFile, match=r"none\.toml"):
        read_profiles(tmp_path / "none.toml")
