"""Hold every store to divisions that are names and codes only, beside those that have shapes."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import BadGeometry
from geo.storage.protocol import Store
from geo.storage.records import WriteCounts
from geo.storage.transfer import transfer_store
from tests.geo.storage.sample_layers import squares

CODES = ["99", "9901", "990101", "990101100"]
NAMES = ["甲省", "乙市", "丙县", "丁镇"]
LEVELS = ["province", "city", "county", "township"]


def names(**columns: list[object]) -> pd.DataFrame:
    """Return a list of divisions, from the province to the township, without shapes."""
    return pd.DataFrame({"code": CODES, "name": NAMES, "level": LEVELS, **columns})


def drawn() -> gpd.GeoDataFrame:
    """Return the township with its shape, 0.01 degrees square."""
    return squares("990101100", name=["丁镇"], level=["township"])


def test_a_list_of_names_is_kept_row_by_row(store: Store) -> None:
    assert store.write("divisions", names(), "upsert", actor="me") == WriteCounts(4, 0)
    back = store.read("divisions")
    assert back["code"].tolist() == CODES
    assert back["level"].tolist() == LEVELS
    assert back.geometry.isna().all()
    assert store.write("divisions", back, "upsert", actor="me") == WriteCounts(0, 4, 4), "what was read is stored"
    assert (store.count("divisions"), store.extent("divisions")) == (4, None)
    assert len(store.read("divisions", bbox=(-180, -90, 180, 90))) == 0
    feature, version = store.get("divisions", "9901")
    assert (feature["geometry"], feature["properties"]["name"], version) == (None, "乙市", 1)


def test_a_list_of_names_leaves_the_shapes_that_are_there(store: Store) -> None:
    store.write("divisions", drawn(), "upsert", actor="me")
    listed = names()
    changes = store.compare("divisions", listed, "upsert")
    assert (changes.added, changes.updated, changes.unchanged) == (3, 0, 1)
    assert store.write("divisions", listed, "upsert", actor="me") == WriteCounts(3, 1, 1), "the township is the same"
    renamed = names(parent=[None, "99", "9901", "990101"])
    changes = store.compare("divisions", renamed, "upsert")
    assert changes.fields == {"parent": 3}, "no shape is said to change"
    assert store.write("divisions", renamed, "upsert", actor="me") == WriteCounts(0, 4, 1)
    there = store.read("divisions").set_index("code")
    assert there.geometry["990101100"].equals(drawn().geometry.iloc[0])
    assert there["parent"]["990101100"] == "990101"
    assert there.geometry.notna().sum() == 1
    assert store.extent("divisions") == pytest.approx((103, 37, 103.01, 37.01))


def test_shapes_may_come_later(store: Store) -> None:
    store.write("divisions", names(), "upsert", actor="me")
    changes = store.compare("divisions", drawn(), "upsert")
    assert changes.fields == {"geometry": 1}
    assert store.write("divisions", drawn(), "upsert", actor="me") == WriteCounts(0, 1)
    assert store.read("divisions", bbox=(103, 37, 103.001, 37.001))["code"].tolist() == ["990101100"]
    assert store.versions("divisions").history.geometry.isna().all(), "the version without a shape is in history"


def test_replace_and_put_store_what_they_bring(store: Store) -> None:
    store.write("divisions", drawn(), "upsert", actor="me")
    feature, version = store.get("divisions", "990101100")
    store.put("divisions", "990101100", {**feature, "geometry": None}, if_version=version, actor="me")
    assert store.read("divisions").geometry.isna().all()
    store.write("divisions", drawn(), "upsert", actor="me")
    store.write("divisions", names(), "replace", actor="me")
    assert store.read("divisions").geometry.isna().all(), "the layer was emptied first"


def test_other_layers_need_shapes_as_before(store: Store) -> None:
    for layer in ("grids", "villages"):
        with pytest.raises(BadGeometry):
            store.write(layer, pd.DataFrame({"code": ["g1"]}), "upsert", actor="me")
    with pytest.raises(BadGeometry):
        store.write("divisions", drawn().set_geometry([shapely.Point(103, 37)], crs=4326), "upsert", actor="me")


def test_many_names_among_shapes_keep_the_index_of_the_shapes(store: Store) -> None:
    """More rows than are indexed one by one."""
    many = pd.DataFrame({"code": [f"9901011{k:05d}" for k in range(6_000)], "level": "village"})
    store.write("divisions", drawn(), "upsert", actor="me")
    assert store.write("divisions", many, "upsert", actor="me") == WriteCounts(6_000, 0)
    assert store.read("divisions", bbox=(103, 37, 104, 38))["code"].tolist() == ["990101100"]
    assert store.extent("divisions") == pytest.approx((103, 37, 103.01, 37.01))


def test_names_move_to_another_store(make_store) -> None:  # type: ignore[no-untyped-def]
    one, other = make_store(), make_store()
    one.write("divisions", names(aliases=[None, None, "丙州;老丙县", None]), "upsert", actor="me")
    one.write("divisions", names(aliases=[None, None, "丙州", None]), "upsert", actor="me")
    transfer_store(one, other)
    assert other.read("divisions")["aliases"].dropna().tolist() == ["丙州"]
    assert other.versions("divisions").history["aliases"].tolist() == ["丙州;老丙县"]
    assert other.read("divisions").geometry.isna().all()


@pytest.mark.parametrize("layer", ["divisions", "grids", "villages", "roads", "places"])
def test_layers_that_name_places_keep_other_names(store: Store, layer: str) -> None:
    frame = squares("a", aliases=["旧名;俗名"])
    if layer == "roads":
        frame = frame.rename(columns={"code": "id"}).set_geometry(frame.boundary)
    store.write(layer, frame, "upsert", actor="me")
    assert store.read(layer)["aliases"].tolist() == ["旧名;俗名"]
