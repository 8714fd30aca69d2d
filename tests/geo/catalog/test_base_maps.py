"""Refuse settings of base maps that cannot be, and hide keys in the URLs that are shown."""

from __future__ import annotations

from typing import Any

import pytest

from geo.catalog.base_maps import BaseMap, from_text, readable, to_text
from geo.errors import BadValue, GeoError

GOOD: dict[str, Any] = {"name": "影像", "kind": "mbtiles", "source": "a.mbtiles", "crs": "3857"}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"crs": "bd09"}, "cannot be bd09"),
        ({"crs": "epsg:3857"}, "cannot be"),
        ({"kind": "wms"}, "no kind"),
        ({"levels": (9, 8)}, "levels"),
        ({"levels": (0, 23)}, "levels"),
        ({"opacity": 1.5}, "opacity"),
        ({"opacity": float("nan")}, "opacity"),
        ({"data_date": "last year"}, "data date"),
        ({"attribution": "a\nb"}, "one line"),
        ({"attribution": "a" * 301}, "one line"),
        ({"source": 5}, "source"),
        ({"first_level": "1"}, "first level"),
        *(({"name": name}, "named") for name in ("", ".", "..", "a/b", "a\\b", "-a", "a..b", "a\0", "a\n", "a" * 61)),
    ],
)  # fmt: skip
def test_settings_that_cannot_be(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(GeoError, match=says):
        BaseMap(**(GOOD | changed))


@pytest.mark.parametrize("day", ["", "2025", "2025-06", "2025-06-30"])
@pytest.mark.parametrize("name", ["影像", "a", "2025 影像（内部）", "a.b_c-d"])
def test_what_is_stored_comes_back(day: str, name: str) -> None:
    base = BaseMap(**(GOOD | {"name": name, "data_date": day, "levels": (3, 4), "first_level": 0, "opacity": 0.0}))
    assert from_text(to_text(base)) == base


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"name": 1}', to_text(BaseMap(**GOOD)).replace("3857", "x")])
def test_settings_spoilt_by_hand_are_left_out(text: str) -> None:
    with pytest.raises(BadValue):
        from_text(text)
    assert readable([text, to_text(BaseMap(**GOOD))]) == [BaseMap(**GOOD)]


def test_keys_in_urls_are_not_shown() -> None:
    url = "http://10.0.0.1/{z}/{x}/{y}?tk=abc&style={s}&empty="
    record = BaseMap("a", "xyz", url, "3857").as_record()
    assert record["url"] == "http://10.0.0.1/{z}/{x}/{y}?tk=***&style={s}&empty="
    assert "abc" not in str(record)
