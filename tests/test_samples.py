"""Hold the sample files to the script that writes them, and to what they may hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts import make_samples

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


def test_the_script_writes_what_is_kept() -> None:
    kept = {path.name: path.read_bytes() for path in SAMPLES.iterdir() if path.name != "README.md"}
    assert make_samples.files() == kept


def test_the_readme_lists_every_file() -> None:
    listed = re.findall(r"^\| `([^`]+\.\w+)` \| \w+ \|", (SAMPLES / "README.md").read_text(encoding="utf-8"), re.M)
    assert listed == list(make_samples.files())


@pytest.mark.parametrize("rows", [make_samples.cameras(), make_samples.addresses(), make_samples.grids()])
def test_codes_are_fictional_and_nobody_is_named(rows: list[dict[str, object]]) -> None:
    for row in rows:
        for name, value in row.items():
            assert not re.search(r"电话|手机|姓名|责任人|身份证", name)
            if name in ("设备编码", "网格编码", "所属村社区"):
                assert str(value).startswith(make_samples.COUNTY)
            assert not re.fullmatch(r"1\d{10}", str(value)), "a mobile number"
            if name == "IP地址":
                assert str(value).startswith("192.0.2."), "set aside for documents"
