"""Ask /suggest of the drawn county: order, the view, kept answers, and what is refused."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from fastapi.testclient import TestClient

from tests.api.conftest import G1, G2, G3, G4, T1, V1


def ask(client: TestClient, **query: object) -> list[dict]:
    answer = client.get("/suggest", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_name_is_found_by_character_pinyin_and_initials(client: TestClient) -> None:
    for text, why in (("南", "prefix"), ("nan", "pinyin"), ("n", "pinyin")):
        found = ask(client, q=text)
        assert [(one["text"], one["level"], one["code"], one["why"]) for one in found[:2]] == [
            ("南镇 (试验县)", "township", T1, why),
            ("南镇南村 (试验县)", "village", V1, why),
        ]
    (town,) = ask(client, q="nz")
    assert (town["code"], town["why"]) == (T1, "initials")
    assert ask(client, q="syx")[0]["text"] == "试验县"


def test_stored_addresses_have_the_grid_that_has_all_of_them(client: TestClient) -> None:
    (east,) = ask(client, q="东街")
    # No. 1 is in G1's microgrid and no. 2 in G2: the village has the street.
    assert (east["text"], east["level"], east["code"]) == ("南镇南村东街 (试验县)", "address", V1)
    (depot,) = ask(client, q="老粮")
    assert depot["code"].startswith(G1)
    assert (depot["lon"], depot["lat"]) == (102.0005, 37.0011)


def test_what_is_nearer_to_the_view_is_first(client: TestClient) -> None:
    """一格 and 二格 are side by side in the south, 三格 and 四格 in the north; all end in 格 and have four initials."""
    south = ask(client, q="南镇", lon=102.003, lat=37.001)
    assert south[0]["code"] == T1
    grids = [one["code"] for q in ("一格", "二格", "三格", "四格") for one in ask(client, q=q)]
    assert grids == [G1, G2, G3, G4]
    # 二 is er, 一 is yi, 三 and 四 are both s…: of these the nearer one is first.
    assert [one["code"] for one in ask(client, q="sg", lon=102.0, lat=37.003)] == [G3, G4]
    assert [one["code"] for one in ask(client, q="sg", lon=102.004, lat=37.003)] == [G4, G3]


def test_an_answer_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/suggest?q=nan")
    again = client.get("/suggest?q=nan", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/suggest?q=bei", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_roads_that_have_no_stored_address_are_suggested(writer: TestClient) -> None:
    store = writer.app.state.store  # type: ignore[attr-defined]
    line = shapely.LineString([(102.0, 37.0), (102.002, 37.0)])
    roads = gpd.GeoDataFrame({"id": ["r1"], "name": ["滨江路"]}, geometry=[line], crs=4326)
    store.write("roads", roads, "upsert", actor="li")
    told = {"text": "滨江路", "level": "road", "code": None, "lon": 102.001, "lat": 37.0}
    for text, why in (("滨江", "prefix"), ("binj", "pinyin"), ("bjl", "initials")):
        assert ask(writer, q=text) == [{**told, "why": why}]


def test_nothing_is_found_of_nothing_and_at_most_as_many_as_asked(client: TestClient) -> None:
    assert ask(client, q="") == ask(client, q="无此处") == []
    assert len(ask(client, q="n", limit=1)) == 1


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": "古" * 201},
        {"q": "n", "lon": 102},
        {"q": "n", "lon": 181, "lat": 0},
        {"q": "n", "lon": "nan", "lat": 0},
        {"q": "n", "limit": 0},
        {"q": "n", "limit": 51},
        {"q": "n", "at": "2026-13-01"},
        {"q": "n", "colour": "red"},
    ],
)
def test_bad_queries_are_400(client: TestClient, query: dict) -> None:
    answer = client.get("/suggest", params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), answer.text
