"""Lines of sight over HTTP: what is in the way in the small county, and what is refused.

b1 is 10 m high from 102.0013 to 102.0016; b2, of unknown height, stands at 102.0005 to 102.0008, 37.003 to 37.0033.
"""

from __future__ import annotations

import pytest

from geo.storage.geopackage.store import GeoPackageStore


def ask(client, start="102.001,37.001", end="102.002,37.001", **options):
    query = {"from": start, "to": end, "from_height": 6, **options}
    return client.get("/sightline", params=query)


def test_a_building_is_told_with_where_it_blocks_and_how_high_it_is(client):
    found = ask(client).json()
    assert (found["answer"], found["reason"], found["first"]) == ("blocked", "obstacle", 0)
    assert found["distance_m"] == pytest.approx(89.0, abs=0.2)
    (one,) = found["passed"]
    assert (one["obstacle"], one["height"], one["blocks"]) == ("b1", 10.0, True)
    # three tenths and six tenths of the way, from 6 m down to 1.6 m
    assert one["meets_m"] == one["start_m"] == pytest.approx(0.3 * found["distance_m"], abs=0.05)
    assert one["line_end_m"] == pytest.approx(6 - 0.6 * 4.4, abs=0.01)
    high = ask(client, from_height=40, to_height=1.5).json()
    assert high["answer"] == "clear"
    assert high["passed"][0]["over_m"] < 0
    assert high["to_height"] == 1.5
    assert ask(client, end="102.0012,37.001").json()["passed"] == []


def test_an_unknown_height_leaves_it_possible(client):
    found = ask(client, start="102.0002,37.0031", end="102.0012,37.0031").json()
    assert (found["answer"], found["reason"]) == ("possible", "unknown_height")
    assert found["passed"][0]["height"] is None
    assert found["passed"][0]["possible_meets_m"] is None


def test_no_obstacle_is_read_for_a_line_that_is_too_long(client, monkeypatch):
    read = []
    monkeypatch.setattr(GeoPackageStore, "read", lambda *_, **options: read.append(options))
    answer = ask(client, end="103,37.001")
    assert (answer.status_code, read) == (400, [])
    assert "at most 2,000 m apart" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"start": "102"}, 400),
        ({"start": "102,37,1"}, 400),
        ({"start": "nan,37"}, 400),
        ({"end": "37,102"}, 400),
        ({"end": "102.1,37"}, 400),
        ({"end": "-60,-37"}, 400),
        ({"end": "102.001,37.001"}, 400),
        ({"from_height": -1}, 400),
        ({"from_height": "inf"}, 400),
        ({"at": "yesterday"}, 400),
        ({"crs": "gcj02"}, 400),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(client, options, status):
    answer = ask(client, **options)
    assert answer.status_code == status
    assert answer.json()["detail"]
