"""Approve and withdraw changes of grids in either store: what was before the day, what from it on, who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geo.errors import BadValue, ChangedSince, Conflict, NotAllowed
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, Caller, GridDraft
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.grid_approvals import approve_draft, successions, withdraw_draft
from geo.studies.grid_drafts import checked_draft, draft_state, made_grid_draft, named_grid_draft
from geo.studies.locate_positions import locate_point
from tests.geo.storage.conftest import Clock

V = "990101101201"
EAST, WEST = f"{V}001", f"{V}002"
TODAY, BEFORE, DAY = date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)
#: Through the middle of the eastern grid, from south to north.
CUT = {"type": "LineString", "coordinates": [[103.015, 36.9], [103.015, 37.2]]}


def filled(store: Store) -> Store:
    grids = gpd.GeoDataFrame(
        {"code": [EAST, WEST], "name": ["东", "西"], "village": V, "level": 1, "households": [300, 501],
         "staff": [2, 1]},
        geometry=shapely.box([103.01, 103.0], 37.0, [103.02, 103.01], 37.01), crs="EPSG:4326",
    )  # fmt: skip
    camera = gpd.GeoDataFrame(
        {"id": ["c1"], "status": ["online"]}, geometry=shapely.points([[103.016, 37.005]]), crs=4326
    )
    store.write("grids", grids, "upsert", actor="li")
    store.write("cameras", camera, "upsert", actor="li")
    return store


def drafted(store: Store, *operations: dict[str, Any], **more: Any) -> GridDraft:
    asked = list(operations) or [{"change": "split", "grid": EAST, "by": CUT, "names": ["东一", "东二"]}]
    draft = made_grid_draft(store, {"name": "拆", "operations": asked, **more}, LOCAL)
    store.save_grid_draft(draft, if_version=0)
    return store.grid_draft(draft.id)


def codes_at(store: Store, day: date | None = None) -> list[str]:
    return [one[-3:] for one in store.read("grids", at=day)["code"]]


def test_the_day_decides_which_grids_there_are(store: Store, clock: Clock) -> None:
    filled(store)
    approved = approve_draft(store, drafted(store), DAY, LOCAL)
    assert [codes_at(store, day) for day in (TODAY, None, BEFORE, DAY)] == [
        ["001", "002"], ["001", "002"], ["001", "002"], ["002", "003", "004"],
    ]  # fmt: skip
    whole = store.read("grids", at=DAY)
    assert (int(whole["households"].sum()), whole["staff"].tolist()[0]) == (801, 1)
    assert shapely.coverage_is_valid(whole.geometry.to_numpy())
    assert [(one["old"][-3:], one["new"][-3:], one["effective"], one["share"]) for one in successions(store)] == [
        ("001", "003", "2026-04-01", 0.5), ("001", "004", "2026-04-01", 0.5),
    ]  # fmt: skip
    assert [draft_state(approved, day) for day in (BEFORE, DAY)] == ["approved", "carried_out"]
    clock.day = DAY
    assert codes_at(store) == ["002", "003", "004"]
    with pytest.raises(Conflict, match="came into force"):
        withdraw_draft(store, approved, LOCAL)


def test_locate_and_analyze_answer_before_and_after(store: Store) -> None:
    filled(store)
    approve_draft(store, drafted(store), DAY, LOCAL)
    found = [
        locate_point(store, 103.016, 37.005, crs="wgs84", at=day).candidates[0].grid for day in (None, BEFORE, DAY)
    ]
    assert [one["code"][-3:] for one in found] == ["001", "001", "004"]
    zones = {}
    for day in (BEFORE, DAY):
        run = analyze(store, AnalyzeOptions(at=day.isoformat(), domain="all"), actor="li")
        frame = store.run(run.id, layers=["grids"]).layers["grids"]
        zones[day] = frame.set_index(frame["code"].str[-3:])["cameras"].to_dict()
    assert zones == {BEFORE: {"001": 1, "002": 0}, DAY: {"002": 0, "003": 0, "004": 1}}


def test_a_withdrawn_change_never_was(store: Store, clock: Clock) -> None:
    filled(store)
    before = store.read("grids")
    line = {"type": "LineString", "coordinates": [[103.005, 36], [103.005, 38]]}
    asked = [
        {"change": "split", "grid": EAST, "by": CUT},
        {"change": "redraw", "grids": [f"{V}003", WEST], "border": line},
        {"change": "rename", "grid": WEST, "name": "西街"},
    ]  # fmt: skip
    approved = approve_draft(store, drafted(store, *asked), DAY, LOCAL)
    assert store.get("grids", WEST, at=DAY)[0]["properties"]["name"] == "西街"
    assert store.get("grids", WEST)[0]["properties"]["name"] == "西"
    withdrawn = withdraw_draft(store, approved, LOCAL)
    assert (withdrawn.state, withdrawn.decided_by, withdrawn.decided_role) == ("withdrawn", "local", "admin")
    for day in (None, BEFORE, DAY, date(2030, 1, 1)):
        now = store.read("grids", at=day)
        assert now.geometry.to_wkb().tolist() == before.geometry.to_wkb().tolist()
        assert now[["code", "name", "households", "valid_to"]].equals(
            before[["code", "name", "households", "valid_to"]]
        )
    clock.day = date(2026, 3, 10)
    # Codes of what was withdrawn stay used.
    ring = [[103.005, 36], [103.012, 36], [103.012, 38], [103.005, 38], [103.005, 36]]
    piece = {"type": "Polygon", "coordinates": [ring]}
    again = drafted(store, {"change": "hand_over", "from": EAST, "to": WEST, "piece": piece})
    assert again.content["closed"] == []
    assert [one["id"][-3:] for one in drafted(store).content["after"]][-2:] == ["005", "006"]


def test_a_draft_against_grids_that_changed_is_refused_with_both(store: Store) -> None:
    filled(store)
    draft = drafted(store)
    feature, version = store.get("grids", EAST)
    feature["properties"]["name"] = "东街"
    store.put("grids", EAST, feature, if_version=version, actor="wang")
    [changed] = checked_draft(store, draft).changed
    assert (changed["seen_version"], changed["stored_version"]) == (1, 2)
    with pytest.raises(ChangedSince) as caught:
        approve_draft(store, draft, DAY, LOCAL)
    [both] = caught.value.members["changed"]
    assert (both["seen"]["properties"]["name"], both["stored"]["properties"]["name"]) == ("东", "东街")
    assert codes_at(store, DAY) == ["001", "002"]
    # Drafted again on what is stored now it can be approved.
    again = made_grid_draft(store, {"name": "拆", "operations": draft.operations}, LOCAL, before=draft)
    store.save_grid_draft(again, if_version=draft.version)
    approve_draft(store, again, TODAY, LOCAL)
    assert codes_at(store) == ["002", "003", "004"], "from today on"


def test_a_change_of_a_change_waits(store: Store) -> None:
    filled(store)
    approved = approve_draft(store, drafted(store), DAY, LOCAL)
    with pytest.raises(Conflict, match="2026-04-01 already"):
        drafted(store, {"change": "rename", "grid": EAST, "name": "x"})
    # Somebody wrote over what was approved: its withdrawal would undo that too.
    feature, version = store.current("grids", f"{V}003")
    store.put(
        "grids",
        f"{V}003",
        {**feature, "properties": {**feature["properties"], "name": "y"}},
        if_version=version,
        actor="w",
    )
    with pytest.raises(ChangedSince):
        withdraw_draft(store, approved, LOCAL)


def test_who_may(store: Store) -> None:
    filled(store)
    anna = Caller("anna", "planner", ("990101101",), key="k1")
    bert = Caller("bert", "planner", ("990101102",), key="k2")
    value = {"name": "拆", "operations": [{"change": "split", "grid": EAST, "by": CUT}]}
    with pytest.raises(NotAllowed, match="township that is not yours"):
        made_grid_draft(store, value, bert)
    draft = made_grid_draft(store, value, anna)
    store.save_grid_draft(draft, if_version=0)
    with pytest.raises(NotAllowed):
        approve_draft(store, draft, DAY, anna)
    approved = approve_draft(store, draft, DAY, LOCAL)
    with pytest.raises(NotAllowed):
        withdraw_draft(store, approved, anna)
    with pytest.raises(Conflict, match="was approved"):
        approve_draft(store, approved, DAY, LOCAL)


def test_errors_and_past_days_bar_the_approval(store: Store) -> None:
    filled(store)
    micro = gpd.GeoDataFrame({"code": [f"{EAST}01"], "level": [2], "parent": [EAST], "village": [V]},
                             geometry=[shapely.box(103.012, 37.002, 103.018, 37.004)], crs=4326)  # fmt: skip
    store.write("grids", micro, "upsert", actor="li")
    draft = drafted(store)
    with pytest.raises(BadValue, match="1 errors") as caught:
        approve_draft(store, draft, DAY, LOCAL)
    assert [one.field for one in caught.value.rows] == ["microgrid"]
    with pytest.raises(BadValue, match="is past"):
        approve_draft(store, draft, date(2026, 2, 28), LOCAL)
    withdrawn = withdraw_draft(store, draft, LOCAL)
    assert named_grid_draft(store, "拆").state == withdrawn.state == "withdrawn"
    for again in (lambda: withdraw_draft(store, withdrawn, LOCAL), lambda: approve_draft(store, withdrawn, DAY, LOCAL)):
        with pytest.raises(Conflict, match="was withdrawn"):
            again()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"operations": []}, "needs a name"),
        ({"name": "n"}, "list of changes"),
        ({"name": "n", "operations": [{"change": "fold"}]}, "change 1 must be one of"),
        ({"name": "n", "operations": [{"change": "rename", "grid": EAST}]}, "needs the new name"),
        ({"name": "n", "operations": [{"change": "rename", "name": "x"}]}, "lacks the code"),
        ({"name": "n", "operations": [{"change": "rename", "grid": EAST, "colour": 1}]}, "no member colour"),
        ({"name": "n", "operations": [{"change": "split", "grid": EAST}]}, "geometry"),
        ({"name": "n", "operations": [{"change": "rename", "grid": EAST, "name": "x"}], "size": [5, 1]}, "no band"),
        ({"name": "n", "operations": [{"change": "rename", "grid": EAST, "name": "x"}], "by": "cats"}, "households or"),
    ],
)
def test_bad_drafts_are_refused_with_a_sentence(store: Store, value: dict[str, Any], said: str) -> None:
    filled(store)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (each is an error of this project with a sentence)
        made_grid_draft(store, value, LOCAL)
    assert said in caught.value.en  # type: ignore[attr-defined]


def test_an_interrupted_approval_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(store)
    draft = drafted(store)
    with pytest.raises(Conflict):
        approve_draft(store, replace(draft, version=7), DAY, LOCAL)  # refused by its last write
    assert codes_at(store, DAY) == ["001", "002"]
    assert store.grid_draft(draft.id) == draft
