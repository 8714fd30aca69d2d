"""Hold that every finding of docs/check.md has a way to be mended, in both languages, and nothing else has."""

from __future__ import annotations

import re
from pathlib import Path

from geo.check.remedies import _REMEDIES, remedy
from geo.sentences import both

PAGE = (Path(__file__).parents[3] / "docs/check.md").read_text("utf-8")


def test_every_finding_has_a_way_to_be_mended() -> None:
    told = {
        code
        for line in PAGE.splitlines()
        if line.startswith("| `")
        for code in re.findall(r"`([a-z-]+)`", line.split("|")[1])
    }
    assert set(_REMEDIES) == told
    for code in told:
        zh, en = both(remedy(code))
        assert zh
        assert en
        assert zh != en
    assert remedy("none-such") == ""
