"""Rows of a sheet over HTTP: cameras a page at a time, filters by column, sorted by any column."""

from __future__ import annotations

import json

import pytest

from tests.api.conftest import G1, T1


def ask(client, layer, where=None, **options):
    query = {**options, "where": json.dumps(where)} if where is not None else options
    return client.get(f"/page/latest/rows/{layer}", params=query)


def ids(client, where=None, **options):
    return [one["id"] for one in ask(client, "cameras", where, **options).json()["rows"]]


def test_cameras_come_a_page_at_a_time_filtered_and_sorted(client):
    first = ask(client, "cameras", limit=2).json()
    assert (first["total"], [one["id"] for one in first["rows"]]) == (4, ["c1", "c2"])
    assert (first["rows"][0]["lon"], first["rows"][0]["lat"]) == (102.001, 37.001)
    assert ids(client, offset=3) == ["c4"]
    assert ids(client, sort="azimuth", descending=True) == ["c2", "c1", "c4", "c3"], "nothing is last"
    assert ids(client, {"name": "号", "azimuth": [90, None]}) == ["c1", "c2"]
    assert ids(client, {"status": {"is": "offline"}}) == ids(client, {"class": {"is": 3}}) == ["c4"]
    assert ids(client, {"azimuth": [None, 100]}) == ["c1", "c4"]
    assert ids(client, {"no_column": "x"}) == []
    assert ids(client, {"azimuth": [10**30, None]}) == [], "longer than any integer of a machine"
    assert ids(client, zone=f"townships:{T1}") == ids(client, zone=f"townships:{T1}", where={"lat": [0, 37.002]})
    assert ids(client, zone=f"grids:{G1}") == ["c1", "c2"]
    assert ask(client, "cameras", zone="grids:none").status_code == 404


def test_zones_and_gaps_are_filtered_by_column_too(client):
    assert [one["code"] for one in ask(client, "grids", {"name": "一"}).json()["rows"]] == [G1]
    gaps = ask(client, "gaps", sort="area_m2").json()["rows"]
    areas = [one["area_m2"] for one in gaps]
    assert areas == sorted(areas)
    low = ask(client, "gaps", {"area_m2": [areas[1], None], "grid_name": "格"}, sort="area_m2").json()
    assert [one["rank"] for one in low["rows"]] == [one["rank"] for one in gaps if one["area_m2"] >= areas[1]]
    assert [one["rank"] for one in ask(client, "gaps").json()["rows"]] == sorted(one["rank"] for one in gaps)


@pytest.mark.parametrize(
    "text",
    [
        *("x", "[]", '{"a": [1]}', '{"a": [1, "b"]}', '{"a": null}', '{"a": {"or": 1}}', "[" * 3_000),
        *('{"height": [NaN, null]}', '{"height": [1e999, null]}', '{"height": [1' + "0" * 400 + ", null]}"),
    ],
)
def test_filters_that_are_none_are_refused(client, text):
    answer = client.get("/page/latest/rows/cameras", params={"where": text})
    assert answer.status_code == 400
    assert answer.json()["detail"]
