"""Hold every store to keeping the settings of base maps, and to whom it lets change them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from geo.catalog.base_maps import MAX_BASE_MAPS, BaseMap
from geo.errors import BadValue, Conflict, NotAllowed, NotFound
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.storage.transfer import transfer_store

IMAGE = BaseMap(
    "影像 2025", "mbtiles", "maps/影像.mbtiles", "gcj02", levels=(8, 17), attribution="© 县自然资源局",
    review_number="甘S(2025)7号", data_date="2025-06", secret_class="内部", opacity=0.6,
)  # fmt: skip
ROADS = BaseMap("a", "wmts", "http://10.1.2.3/wmts?tk=secret", "4490", layer="vec")


def test_base_maps_are_kept_by_name(store: Store) -> None:
    assert store.base_maps() == []
    store.save_base_map(IMAGE)
    store.save_base_map(ROADS)
    assert store.base_maps() == [ROADS, IMAGE]
    with pytest.raises(Conflict, match="already"):
        store.save_base_map(IMAGE)
    store.remove_base_map("a")
    assert store.base_maps() == [IMAGE]
    with pytest.raises(NotFound, match="no base map a"):
        store.remove_base_map("a")
    assert store.time_zone() == "Asia/Shanghai", "other settings are left alone"


@pytest.mark.parametrize("role", ["viewer", "planner"])
def test_everybody_may_know_them_and_only_an_admin_changes_them(store: Store, role: str) -> None:
    store.save_base_map(IMAGE)
    other = store.acting(Caller("li", role, townships=("620622101",) if role == "planner" else ()))
    assert other.base_maps() == [IMAGE]
    for change in (lambda: other.save_base_map(ROADS), lambda: other.remove_base_map(IMAGE.name)):
        with pytest.raises(NotAllowed, match="admin"):
            change()
    assert store.base_maps() == [IMAGE]


def test_a_store_keeps_so_many_and_no_more(store: Store) -> None:
    with store.transaction():
        for number in range(MAX_BASE_MAPS):
            store.save_base_map(BaseMap(f"m{number:03}", "xyz", "t", "3857"))
    with pytest.raises(BadValue, match="as many as there may be"):
        store.save_base_map(IMAGE)


def test_they_move_with_the_store(make_store: Callable[[], Store]) -> None:
    source, target = make_store(), make_store()
    source.save_base_map(IMAGE)
    transfer_store(source, target)
    assert target.base_maps() == [IMAGE]
