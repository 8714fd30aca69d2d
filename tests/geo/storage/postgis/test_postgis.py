"""Show what the server's store does beyond the contract: rights, races, lost connections, indexes."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date

import geopandas as gpd
import numpy as np
import psycopg
import pytest
import shapely

from geo.catalog.layers import LAYERS
from geo.errors import BadValue, Conflict, GeoError, NotAllowed, NotFound, StoreBroken, StoreBusy, StoreDown
from geo.storage.filters import selects
from geo.storage.postgis import connections
from geo.storage.postgis.maintenance import newest, upgrade
from geo.storage.postgis.store import PostgisStore, open_database
from geo.storage.records import LOCAL, AuditEntry, Caller
from geo.studies.analysis import compute_run
from geo.studies.analyze_options import AnalyzeOptions
from tests import postgres
from tests.geo.storage import sample_layers
from tests.geo.storage.conftest import Clock
from tests.geo.storage.sample_layers import cameras, feature, squares

ONE, TWO = "620622100", "620622101"
LI, WANG = Caller("li", "planner", (ONE,)), Caller("wang", "planner", (TWO,))
ALL = Caller("zhao", "planner", None)
WORKER, VIEWER, PUBLIC = Caller("worker", "worker", None), Caller("sun", "viewer"), Caller("", "public")
#: In the first township, in the second, and outside both.
HERE, THERE, OUT = 103.005, 103.015, 104.0


@pytest.fixture
def county(server_store: PostgisStore) -> PostgisStore:
    """Return a store with two townships, a camera in each and one outside, and two grids."""
    server_store.write("divisions", squares(ONE, TWO, level=["township"] * 2), "upsert", actor="me")
    frame = cameras("a", "b", "c", x=HERE, kind=["fixed"] * 3)
    frame["geometry"] = shapely.points([HERE, THERE, OUT], [37.005] * 3)
    server_store.write("cameras", frame, "upsert", actor="me")
    server_store.write("grids", squares("g1", "g2"), "upsert", actor="me")
    return server_store


def at(x: float, **properties: object) -> dict:
    return feature(x=x, y=37.005, **properties)


@contextmanager
def other(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as conn:
        yield conn


# -- rights ------------------------------------------------------------------------------------------------------------


def test_a_planner_sees_the_rows_of_its_townships_alone(county: PostgisStore, clock: Clock) -> None:
    clock.day = date(2026, 4, 1)
    for key, x in (("a", HERE), ("b", THERE), ("c", OUT)):
        county.put("cameras", key, at(x, kind="ptz"), if_version=1, actor="me")
    li = county.acting(LI)
    for day in (None, date(2026, 3, 15), (None, None)):
        assert li.read("cameras", at=day)["id"].tolist() == ["a"]
        assert li.count("cameras", at=day) == 1
    assert county.acting(WANG).read("cameras")["id"].tolist() == ["b"]
    assert county.acting(ALL).read("cameras")["id"].tolist() == ["a", "b"]
    assert county.acting(WORKER).count("cameras") == county.count("cameras") == 3
    assert li.extent("cameras") == (HERE, 37.005, HERE, 37.005)
    assert li.versions("cameras").history["id"].tolist() == ["a"]
    assert li.count("cameras", bbox=(100, 30, 110, 40)) == 1
    assert li.count("cameras", where={"op": "=", "args": [{"property": "id"}, "b"]}) == 0
    nobody = county.acting(dataclasses.replace(LI, townships=()))
    assert nobody.count("cameras", at=(None, None)) == 0
    odd = county.acting(dataclasses.replace(LI, townships=(f"{ONE},{TWO}", "'; --")))
    assert odd.count("cameras") == 0


def test_a_key_out_of_scope_answers_as_one_that_is_not_there(county: PostgisStore) -> None:
    li = county.acting(LI)
    for call in (
        lambda key: li.get("cameras", key),
        lambda key: li.get("cameras", key, at=date(2026, 3, 1)),
        lambda key: li.delete("cameras", key, if_version=None, actor="li"),
        lambda key: li.put("cameras", key, at(HERE), if_version=1, actor="li"),
    ):
        said = []
        for key in ("b", "z"):
            with pytest.raises(NotFound) as error:
                call(key)
            said.append(str(error.value).replace(key, "?"))
        assert said[0] == said[1]
    with pytest.raises(Conflict) as taken:
        li.put("cameras", "b", at(HERE), if_version=None, actor="li")
    with pytest.raises(Conflict) as mine:
        li.put("cameras", "a", at(HERE), if_version=0, actor="li")
    assert str(taken.value) == str(mine.value)
    assert county.get("cameras", "b")[0]["properties"]["kind"] == "fixed"


def test_a_planner_writes_in_its_townships_alone(county: PostgisStore) -> None:
    li = county.acting(LI)
    assert li.put("cameras", "new", at(HERE), if_version=0, actor="li") == 1
    assert li.write("cameras", cameras("n1", "n2", x=HERE - 0.001).iloc[:1], "upsert", actor="li").imported == 1
    revision = county.revision("cameras")
    two = cameras("x", "y", x=HERE)  # the second stands in the second township
    refused: list[Callable[[], object]] = [
        lambda: li.put("cameras", "a", at(THERE), if_version=None, actor="li"),
        lambda: li.put("cameras", "far", at(THERE), if_version=0, actor="li"),
        lambda: li.put("cameras", "out", at(OUT), if_version=0, actor="li"),
        lambda: li.write("cameras", two, "upsert", actor="li"),
        lambda: li.put("grids", "g2", square(THERE), if_version=1, actor="li"),
        lambda: li.put("grids", "g1", square(THERE), if_version=1, actor="li"),
        lambda: li.put("grids", "g3", square(THERE), if_version=0, actor="li"),
        lambda: li.delete("grids", "g2", if_version=None, actor="li"),
        lambda: li.write("grids", squares("g1"), "replace", actor="li"),
        lambda: li.put("divisions", ONE, square(THERE), if_version=1, actor="li"),
        lambda: li.save_run(sample_layers.run()),
    ]
    for call in refused:
        with pytest.raises(NotAllowed):
            call()
    assert county.revision("cameras") == revision
    assert li.put("grids", "g1", square(HERE), if_version=1, actor="li") == 2
    # Replacing all that it sees leaves what it does not see.
    li.write("cameras", cameras("only", x=HERE), "replace", actor="li")
    assert county.read("cameras")["id"].tolist() == ["b", "c", "only"]


def square(x: float) -> dict:
    shape = shapely.box(x - 0.001, 37.004, x + 0.001, 37.006)
    return {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(shape)}


def test_coverage_in_degrees_is_measured_in_metres(analysed: PostgisStore) -> None:
    """A run of a store is kept in degrees; demand that is points is covered by points, whose area is none."""
    run = analysed.run("latest")
    degrees = {name: frame.to_crs("EPSG:4326") for name, frame in run.layers.items()}
    analysed.acting(WORKER).save_run(dataclasses.replace(run, id="0192-degrees", layers=degrees))
    frame = analysed.acting(LI).run("0192-degrees", layers=["coverage"]).layers["coverage"]
    assert frame["area_m2"].tolist() == pytest.approx([44.5], abs=0.1)
    points = gpd.GeoDataFrame(
        {"k": [1, 2], "area_m2": [0.0, 0.0]},
        geometry=[shapely.MultiPoint([(114.0, 37.0), (114.0001, 37.0), (114.0002, 37.0)]), shapely.Point(114.0002, 37)],
        crs="EPSG:4326",
    )
    analysed.acting(WORKER).save_run(dataclasses.replace(run, id="0193-points", layers={**degrees, "coverage": points}))
    whole = analysed.run("0193-points", layers=["coverage"]).layers["coverage"]
    assert [shapely.get_num_geometries(one) for one in whole.geometry] == [3, 1]
    li, wang = (analysed.acting(one).run("0193-points", layers=["coverage"]).layers["coverage"] for one in (LI, WANG))
    assert [shapely.get_num_geometries(one) for one in li.geometry] == [1]
    assert (wang["k"].tolist(), wang["area_m2"].tolist()) == ([1, 2], [0.0, 0.0])
    assert [shapely.get_num_geometries(one) for one in wang.geometry] == [2, 1]


@pytest.mark.parametrize("caller", [VIEWER, PUBLIC], ids=lambda one: one.role)
def test_viewers_read_reference_layers_and_write_nothing(county: PostgisStore, caller: Caller) -> None:
    store = county.acting(caller)
    assert store.count("grids") == 2
    for call in (
        lambda: store.read("cameras"),
        lambda: store.count("cameras", at=date(2026, 3, 1)),
        lambda: store.get("cameras", "a"),
        lambda: store.extent("cameras"),
        lambda: store.put("grids", "g1", square(HERE), if_version=None, actor="sun"),
        lambda: store.delete("grids", "g1", if_version=None, actor="sun"),
        lambda: store.save_run(sample_layers.run()),
        store.audit,
    ):
        with pytest.raises(NotAllowed):
            call()
    assert county.revision("grids") == 1


def test_a_change_of_divisions_moves_the_scope(county: PostgisStore) -> None:
    swapped = squares(TWO, ONE, level=["township"] * 2)
    county.write("divisions", swapped, "upsert", actor="me")
    assert county.acting(LI).read("cameras")["id"].tolist() == ["b"]
    assert county.get("cameras", "b")[1] == 1  # a township is no field: nobody edited the camera
    county.delete("divisions", ONE, if_version=None, actor="me")
    assert county.acting(LI).count("cameras") == 0
    county.put("divisions", ONE, square(OUT) | {"properties": {"level": "township"}}, if_version=0, actor="me")
    assert county.acting(LI).read("cameras")["id"].tolist() == ["c"]


def test_history_names_the_actor_and_the_audit_the_caller(county: PostgisStore) -> None:
    li = county.acting(dataclasses.replace(LI, key="k1", request="r1", address="192.0.2.7"))
    before = len(county.audit())
    with li.transaction():
        li.put("cameras", "a", at(HERE, kind="ptz"), if_version=1, actor="li in place of wang")
        li.record(AuditEntry("replace", layer="cameras", feature="a", before="b0", after="a1", detail={"f": "甲"}))

    def give_up() -> None:
        with li.transaction():
            li.record(AuditEntry("delete"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        give_up()
    history = county.versions("cameras").history
    assert history["changed_by"].tolist() == ["li in place of wang"]
    newest, *rest = county.audit(limit=2)
    assert {name: newest[name] for name in ("who", "key", "role", "action", "layer", "feature", "before", "after")} == {
        "who": "li", "key": "k1", "role": "planner", "action": "replace", "layer": "cameras", "feature": "a",
        "before": "b0", "after": "a1",
    }  # fmt: skip
    assert (newest["address"], newest["request"], newest["detail"]) == ("192.0.2.7", "r1", {"f": "甲"})
    assert len(county.audit()) == before + 1
    assert county.audit(before=newest["id"], limit=1) == rest
    with pytest.raises(NotAllowed):
        li.audit()
    with pytest.raises(BadValue):
        county.audit(before="1")


def test_nothing_of_a_caller_is_left_on_the_connection(county: PostgisStore, county_server: str) -> None:
    with open_database(postgres.service_url(county_server), pool_size=1) as store:
        store.acting(LI).count("cameras")
        with pytest.raises(NotFound):
            store.acting(LI).put("cameras", "b", at(HERE), if_version=7, actor="li")
        with store.acting(LI).transaction():
            store.acting(LI).put("cameras", "q", at(HERE), if_version=None, actor="li")
        with store._pool._engine.connect() as raw:
            asked = "SELECT current_user, coalesce(current_setting('app.townships', true), ''), "
            asked += "coalesce(current_setting('app.actor', true), ''), current_setting('statement_timeout')"
            assert tuple(raw.exec_driver_sql(asked).one()) == ("gridsight", "", "", "0")


# -- runs --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def analysed(server_store: PostgisStore) -> PostgisStore:
    """Return a store with a run over 30 m, its first 4.45 m in one township and the rest in another."""
    border = 114.00005
    towns = [shapely.box(113.9, 36.9, border, 37.1), shapely.box(border, 36.9, 114.1, 37.1)]
    frame = gpd.GeoDataFrame({"code": [ONE, TWO], "level": "township"}, geometry=towns, crs="EPSG:4326")
    server_store.write("divisions", frame, "upsert", actor="me")
    stood = cameras("c0", "c1", "c2")
    stood["geometry"] = shapely.points([114.0, 114.0001, 114.0002], [37.0] * 3)
    server_store.write("cameras", stood, "upsert", actor="me")
    run = sample_layers.run(count=3)
    gaps = run.layers["gaps"].assign(camera=["c1", "c0"], distance_m=[12.5, 3.0])
    whole = shapely.box(500_000, 4_100_000, 500_030, 4_100_010)
    coverage = gpd.GeoDataFrame(
        {"k": [1, 2, 3], "area_m2": [100.0, 200.0, 0.0]},
        geometry=[
            shapely.box(500_000, 4_100_000, 500_010, 4_100_010),
            shapely.difference(whole, shapely.box(500_000, 4_100_000, 500_010, 4_100_010)),
            shapely.Polygon(),
        ],
        crs=sample_layers.METRES,
    )
    server_store.acting(WORKER).save_run(
        dataclasses.replace(run, layers={**run.layers, "gaps": gaps, "coverage": coverage})
    )
    return server_store


def test_a_planner_gets_its_part_of_a_run(analysed: PostgisStore) -> None:
    li, wang = (analysed.acting(one).run("latest").layers for one in (LI, WANG))
    assert li["views"]["id"].tolist() == li["possible"]["id"].tolist() == ["c0"]
    assert wang["views"]["id"].tolist() == ["c1", "c2"]
    assert (li["gaps"]["rank"].tolist(), wang["gaps"]["rank"].tolist()) == ([1], [2])
    for mine in (li, wang):  # each gap names the camera of the other township
        assert mine["gaps"]["camera"].isna().all()
        assert mine["gaps"]["distance_m"].isna().all()
    both = analysed.acting(ALL).run("latest").layers
    assert both["gaps"]["camera"].tolist() == ["c1", "c0"]
    assert both["gaps"]["distance_m"].tolist() == [12.5, 3.0]
    admin = analysed.run("latest").layers
    assert admin["gaps"].equals(both["gaps"])
    for name in ("grids", "townships"):
        assert li[name].equals(admin[name])  # a figure does not depend on who asks
        assert analysed.acting(PUBLIC).run("latest", layers=[name]).layers[name].equals(admin[name])


def test_a_camera_that_moved_while_it_was_analysed_shows_its_view_where_it_stood(county: PostgisStore) -> None:
    run = compute_run(county, AnalyzeOptions(domain="all"))
    county.put("cameras", "b", at(HERE), if_version=None, actor="me")
    county.acting(WORKER).save_run(run)
    seen = {one.name: county.acting(one).run("latest").layers["views"]["id"].tolist() for one in (LI, WANG)}
    assert seen == {"li": ["a"], "wang": ["b"]}
    county.write("divisions", squares(ONE, TWO, level=["township"] * 2, name=["x", "y"]), "upsert", actor="me")
    assert county.acting(LI).run("latest").layers["views"]["id"].tolist() == ["a"]


def test_coverage_is_cut_by_township_and_dissolved_again(analysed: PostgisStore) -> None:
    li, wang, both = (
        analysed.acting(one).run("latest", layers=["coverage"]).layers["coverage"] for one in (LI, WANG, ALL)
    )
    # The border is 0.00005 degrees of longitude east of x = 500,000: 4.45 m at 37 N.
    assert li["k"].tolist() == [1]
    assert li["area_m2"].tolist() == pytest.approx([44.5], abs=0.1)
    assert wang["k"].tolist() == [1, 2]
    assert wang["area_m2"].tolist() == pytest.approx([55.5, 200.0], abs=0.1)
    assert both["area_m2"].tolist() == pytest.approx([100.0, 200.0], abs=1e-6)
    for frame in (li, wang, both):
        assert frame.geometry.area.tolist() == pytest.approx(frame["area_m2"].tolist(), abs=1e-3)
    assert li.geometry.iloc[0].intersection(wang.geometry.union_all()).area < 1e-6


@pytest.mark.parametrize("caller", [VIEWER, PUBLIC], ids=lambda one: one.role)
def test_viewers_get_zone_layers_alone(analysed: PostgisStore, caller: Caller) -> None:
    store = analysed.acting(caller)
    assert list(store.run("latest").layers) == ["grids", "townships"]
    assert [one.id for one in store.runs()] == ["0199-a"]
    for name in ("views", "possible", "coverage", "gaps"):
        with pytest.raises(NotAllowed):
            store.run("latest", layers=[name])
    for one in (caller, LI):
        for call in (
            lambda one=one: analysed.acting(one).run("latest", layers=[], incidence=True),
            lambda one=one: analysed.acting(one).stored_run("latest"),
        ):
            with pytest.raises(NotAllowed):
                call()
        with pytest.raises((NotAllowed, NotFound)):
            analysed.acting(one).delete_run("0199-a")
    assert len(analysed.run("latest", incidence=True).layers) == 6


# -- races and failures ------------------------------------------------------------------------------------------------


def test_of_two_planners_editing_one_feature_exactly_one_wins(county: PostgisStore) -> None:
    callers = [dataclasses.replace(LI, name=f"p{number}") for number in range(4)]
    version = 1
    with ThreadPoolExecutor(4) as pool:
        for turn in range(6):
            gate = threading.Barrier(4)

            def edit(caller: Caller, seen: int = version, turn: int = turn, gate: threading.Barrier = gate) -> str:
                gate.wait()
                try:
                    body = at(HERE, name=f"{turn} {caller.name}")
                    county.acting(caller).put("cameras", "a", body, if_version=seen, actor=caller.name)
                except Conflict:
                    return ""
                return caller.name

            won = [name for name in pool.map(edit, callers) if name]
            assert len(won) == 1
            got, version = county.get("cameras", "a")
            assert got["properties"]["name"] == f"{turn} {won[0]}"
            assert version == turn + 2
    assert len(county.versions("cameras").history) == 6


@pytest.mark.parametrize("deed", ["edit what is valid", "edit what is scheduled", "delete", "cancel"])
def test_of_writers_at_a_key_with_a_scheduled_version_exactly_one_wins(county: PostgisStore, deed: str) -> None:
    """All have read the same version, the one valid today or the one that begins in 2099: both may be written to."""
    county.put("cameras", "a", at(HERE, name="later", valid_from="2099-01-01"), if_version=1, actor="me")
    valid, scheduled = county.get("cameras", "a")[1], county.current("cameras", "a")[1]
    assert (valid, scheduled) == (1, 2)
    seen = valid if deed in ("edit what is valid", "delete") else scheduled
    gate, width = threading.Barrier(6), 6

    def write(number: int) -> int | None:
        store = county.acting(dataclasses.replace(LI, name=f"p{number}"))
        gate.wait()
        try:
            if deed.startswith("edit"):
                when = {"valid_from" if seen == scheduled else "valid_to": "2099-01-01"}
                store.put("cameras", "a", at(HERE, name=f"p{number}", **when), if_version=seen, actor=f"p{number}")
            else:
                store.delete("cameras", "a", if_version=seen, actor=f"p{number}")
        except (Conflict, NotFound):
            return None
        return number

    with ThreadPoolExecutor(width) as pool:
        won = [f"p{number}" for number in pool.map(write, range(width)) if number is not None]
    assert len(won) == 1
    there = {one: [row["name"] for row in _there(county, one)] for one in (None, date(2099, 2, 1))}
    assert (
        there
        == {
            "edit what is valid": {None: won, date(2099, 2, 1): ["later"]},
            "edit what is scheduled": {None: [None], date(2099, 2, 1): won},
            "delete": {None: [], date(2099, 2, 1): []},
            "cancel": {None: [None], date(2099, 2, 1): [None]},
        }[deed]
    )


def _there(store: PostgisStore, day: date | None) -> list[dict]:
    """Return the properties of the version of camera a that is valid on a day, none where there is none."""
    try:
        return [store.get("cameras", "a", at=day)[0]["properties"]]
    except NotFound:
        return []


def test_of_two_who_create_one_key_exactly_one_does(county: PostgisStore) -> None:
    gate = threading.Barrier(4)

    def create(number: int) -> bool:
        gate.wait()
        try:
            county.put("cameras", "new", at(HERE, name=str(number)), if_version=0, actor=str(number))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(create, range(4))) == 1
    assert county.get("cameras", "new")[1] == 1


def test_a_key_that_another_program_takes_meanwhile_is_a_conflict(county: PostgisStore, county_server: str) -> None:
    insert = (
        "INSERT INTO gridsight.roads (id, geom) VALUES ('r', ST_SetSRID('MULTILINESTRING((0 0, 1 1))'::geometry, 4326))"
    )
    line = {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}}
    with psycopg.connect(county_server) as conn, ThreadPoolExecutor(1) as pool:
        conn.execute(insert)
        mine = pool.submit(county.put, "roads", "r", line, if_version=0, actor="me")
        with other(county_server) as watch:
            postgres.wait_until(lambda: waiting(watch))
        conn.commit()
        with pytest.raises(Conflict):
            mine.result()
    assert county.versions("roads").revision[2] == "external"


WAITING = """
SELECT pid FROM pg_stat_activity WHERE application_name = 'gridsight' AND wait_event_type = 'Lock'
AND datname = current_database()
"""


def waiting(watch: psycopg.Connection) -> list:
    return watch.execute(WAITING).fetchall()


def test_a_connection_killed_in_the_middle_of_a_write_leaves_nothing(county: PostgisStore, county_server: str) -> None:
    numbers = np.arange(3_000)
    frame = gpd.GeoDataFrame(
        {"id": [f"{number:05d}" for number in numbers]},
        geometry=shapely.points(103 + numbers / 1e5, 37.0),
        crs="EPSG:4326",
    )
    with psycopg.connect(county_server) as conn, ThreadPoolExecutor(1) as pool, other(county_server) as watch:
        # Every write counts the revision up after its rows are in: there it stops.
        conn.execute("SELECT 1 FROM gridsight.revisions WHERE layer = 'addresses' FOR UPDATE")
        writing = pool.submit(county.write, "addresses", frame, "upsert", actor="me")
        (pid,) = postgres.wait_until(lambda: waiting(watch))[0]
        watch.execute("SELECT pg_terminate_backend(%s)", (pid,))
        with pytest.raises(StoreDown):
            writing.result()
        conn.rollback()
    assert county.count("addresses") == 0
    assert county.revision("addresses") == 0
    assert county.write("addresses", frame, "upsert", actor="me").imported == 3_000


def test_the_first_request_after_all_connections_died_succeeds(county: PostgisStore, county_server: str) -> None:
    gate = threading.Barrier(4)

    def read(_number: int) -> int:
        with county.snapshot():
            gate.wait()
            return county.count("cameras")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(4))) == [3] * 4  # four connections in the pool
    with other(county_server) as watch:
        watch.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'gridsight' AND datname = current_database()"
        )
    assert county.put("cameras", "a", at(HERE, kind="ptz"), if_version=1, actor="me") == 2
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(4))) == [3] * 4


def test_who_waits_too_long_is_told_that_the_store_is_busy(
    county: PostgisStore, county_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LOCK_SECONDS", 0.2)
    with psycopg.connect(county_server) as conn:
        conn.execute("SELECT 1 FROM gridsight.revisions WHERE layer = 'cameras' FOR UPDATE")
        with pytest.raises(StoreBusy):
            county.put("cameras", "a", at(HERE, kind="ptz"), if_version=1, actor="me")
    with open_database(postgres.service_url(county_server), statement_seconds=0.2) as hurried:
        with pytest.raises(StoreBusy), hurried._reading() as conn:
            conn.rows("SELECT pg_sleep(10)")
        assert hurried.count("cameras") == 3
    assert county.get("cameras", "a")[1] == 1


def test_who_finds_no_free_connection_is_told_that_the_store_is_busy(
    county: PostgisStore, county_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geo.storage.postgis import store as module

    monkeypatch.setattr(module, "_POOL_SECONDS", 0.2)
    with open_database(postgres.service_url(county_server), pool_size=1) as one:
        with one.snapshot(), ThreadPoolExecutor(1) as pool, pytest.raises(StoreBusy):
            pool.submit(one.count, "cameras").result()
        assert one.count("cameras") == 3


def test_a_database_that_cannot_be_used_says_why(server: str, county_server: str, county: PostgisStore) -> None:
    nowhere = "postgresql://gridsight:secret@127.0.0.1:1/nowhere"
    with pytest.raises(StoreDown) as error:
        open_database(nowhere)
    assert "secret" not in str(error.value)
    with pytest.raises(BadValue):
        open_database("mysql://a@b/c")
    with postgres.fresh_database(server) as url:
        for one in (url, postgres.service_url(url)):
            with pytest.raises(StoreBroken, match="db upgrade"):
                open_database(one)
    with other(county_server) as conn:
        conn.execute("UPDATE gridsight.alembic_version SET version_num = '0001'")
        try:
            with pytest.raises(StoreBroken, match=r"0001.*db upgrade"):
                open_database(postgres.service_url(county_server))
            conn.execute("UPDATE gridsight.alembic_version SET version_num = '9999'")
            for call in (lambda: open_database(postgres.service_url(county_server)), lambda: upgrade(county_server)):
                with pytest.raises(StoreBroken, match=f"9999.*{newest()}: use a newer one") as newer:
                    call()
                assert "db upgrade" not in str(newer.value)
        finally:
            conn.execute("UPDATE gridsight.alembic_version SET version_num = %s", (newest(),))
    with open_database(county_server) as operator:  # a superuser's login serves the command line
        assert operator.acting(LI).count("cameras") == 1


def test_no_error_tells_sql_or_names_of_constraints(county: PostgisStore) -> None:
    li = county.acting(LI)
    calls: list[Callable[[], object]] = [
        lambda: li.put("cameras", "b", at(HERE), if_version=None, actor="li"),
        lambda: li.put("cameras", "a", at(THERE), if_version=None, actor="li"),
        lambda: county.acting(VIEWER).read("cameras"),
        lambda: county.put("cameras", "a\x00b", at(HERE), if_version=None, actor="me"),
        lambda: county.put("cameras", "a", at(HERE, name="\x00"), if_version=None, actor="me"),
        lambda: county.get("cameras", "\x00"),
        lambda: county.read("cameras", after="\x00"),
        lambda: county.write("cameras", cameras("a", "b", name=["\x00", "b"]), "upsert", actor="me"),
    ]
    for call in calls:
        with pytest.raises(GeoError) as error:
            call()
        said = str(error.value).lower()
        for word in ("select", "insert", "policy", "constraint", "_key", "relation", "township", "nul ("):
            assert word not in said


# -- indexes -----------------------------------------------------------------------------------------------------------


def test_boxes_and_pages_take_their_index_under_a_policy(county: PostgisStore, county_server: str) -> None:
    numbers = np.arange(4_000)
    frame = gpd.GeoDataFrame(
        {"id": [f"k{number:05d}" for number in numbers]},
        geometry=shapely.points(103 + numbers % 100 / 1e4, 37 + numbers // 100 / 1e4),
        crs="EPSG:4326",
    )
    county.write("cameras", frame, "upsert", actor="me")
    with other(county_server) as conn:
        conn.execute("ANALYZE gridsight.cameras")
    layer, today = LAYERS["cameras"], date(2026, 3, 1)
    asked = {
        "cameras_geom": selects.select(
            layer, today=today, bbox=(103.001, 37.001, 103.0012, 37.0012), dialect="postgis"
        ),
        "cameras_id_key": selects.select(layer, today=today, after="k03000", limit=10, dialect="postgis"),
    }
    for caller in (LI, LOCAL):
        with county.acting(caller)._reading() as conn:
            for index, one in asked.items():
                plan = "\n".join(row[0] for row in conn.rows(f"EXPLAIN {one.sql}", **one.params))
                assert index in plan or (index == "cameras_id_key" and "cameras_township" in plan)
                assert "Seq Scan on cameras t" not in plan
    page = county.acting(LI).read("cameras", after="k03000", limit=3)
    assert page["id"].tolist() == ["k03001", "k03002", "k03003"]


def test_an_insert_of_many_finds_townships_as_an_insert_of_one(county: PostgisStore) -> None:
    xs = [HERE, THERE, 103.01, 103.0, 103.02, OUT]  # on the border, the lower code; on the outer border, inside
    shapes = shapely.points(xs, [37.005] * len(xs))
    frame = gpd.GeoDataFrame({"id": [f"m{n}" for n in range(len(xs))]}, geometry=shapes, crs="EPSG:4326")
    county.write("cameras", frame, "upsert", actor="me")
    for number, x in enumerate(xs):
        county.put("cameras", f"s{number}", at(x), if_version=0, actor="me")
    with county._reading() as conn:
        found = dict(tuple(row) for row in conn.rows("SELECT id, township FROM cameras"))
    many, single = ([found[f"{letter}{n}"] for n in range(len(xs))] for letter in "ms")
    assert many == single == [ONE, TWO, ONE, ONE, TWO, None]
