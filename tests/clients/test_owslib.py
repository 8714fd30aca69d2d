"""Walk through the service as scripts with OWSLib do: collections, queryables, filters, edits."""

from __future__ import annotations

import json

import pytest
from owslib.ogcapi.features import Features

from geo.catalog.layers import LAYERS
from tests.clients.conftest import COUNTS, PLACED, Served
from tests.owslib_clients import own_client


@pytest.fixture(scope="module")
def service(served: Served) -> Features:
    return own_client(Features, f"{served.ogc}/", served.headers)


def test_every_layer_is_found_described_and_read(service: Features) -> None:
    assert len(service.conformance()["conformsTo"]) > 10
    assert service.api()["openapi"] == "3.0.3"
    assert sorted(service.feature_collections()) == sorted(PLACED)
    for name, count in COUNTS.items():
        assert service.collection(name)["id"] == name
        assert set(service.collection_queryables(name)["properties"]) == {*LAYERS[name].names, "geometry"}
        page = service.collection_items(name, limit=2)
        assert (page["numberMatched"], page["numberReturned"]) == (count, min(2, count))
        key = page["features"][0]["id"]
        assert service.collection_item(name, key)["id"] == key


def test_filters_and_boxes_are_taken(service: Features) -> None:
    def ids(**query: object) -> list[str]:
        return [one["id"] for one in service.collection_items("cameras", **query)["features"]]

    assert ids(filter="kind = 'ptz' OR class = 2") == ["c3", "c4"]
    assert ids(bbox=[102.0029, 37.0029, 102.0031, 37.0031]) == ["c4"]
    assert ids(datetime_="2026-01-01/..", kind="ptz") == ["c4"]
    tree = {"op": "like", "args": [{"property": "name"}, "三%"]}
    assert ids(filter=json.dumps(tree), **{"filter-lang": "cql2-json"}) == ["c3"]


def test_a_script_adds_changes_and_removes_a_feature(service: Features, served: Served) -> None:
    given = {"type": "Feature", "id": "by-owslib", "properties": {"weight": 1.5}}
    given["geometry"] = {"type": "Point", "coordinates": [102.001, 37.001]}
    service.headers = {**served.headers, "Content-Type": "application/geo+json"}
    assert service.collection_item_create("demand", json.dumps(given))
    given["properties"] = {"weight": 2.5}
    service.headers |= {"If-Match": "*"}
    try:
        assert service.collection_item_update("demand", "by-owslib", json.dumps(given))
        assert service.collection_item("demand", "by-owslib")["properties"]["weight"] == 2.5
    finally:
        assert service.collection_item_delete("demand", "by-owslib")
        service.headers = served.headers
    assert service.collection_items("demand")["numberMatched"] == COUNTS["demand"]


def test_a_client_sends_no_header_of_another(served: Served) -> None:
    own_client(Features, f"{served.ogc}/", {**served.headers, "X-Of-One": "1"})
    other = own_client(Features, f"{served.ogc}/", served.headers)
    assert "X-Of-One" not in other.headers
