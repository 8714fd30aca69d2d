"""Write shapes near and over borders as a planner: what the database lets in (docs/contract.md section 5)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from unicodedata import normalize

import numpy as np
import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo.places.address.character_forms import simplified
from geo.places.address.normalise import normal_form
from tests import postgres
from tests.migrations.sample_rows import KEYS, REFERENCE, SCOPED, A, B, acting, fill

#: The layers that planners write, with what their columns hold besides a key.
LAYERS = [name for name in (*REFERENCE, *SCOPED) if name not in ("divisions", "claims")]
POINTS = ("cameras", "addresses", "facilities")
AREAL = [name for name in LAYERS if name not in (*POINTS, "roads")]


@pytest.fixture(scope="module")
def filled(server: str, migrated: str) -> Iterator[str]:
    """Return a database whose townships have names, and a village each; tests roll back what they write."""
    with postgres.fresh_database(server, template=migrated) as url:
        fill(url)
        with psycopg.connect(url) as conn:
            conn.execute(f"UPDATE gridsight.divisions SET name = '南城镇' WHERE code = '{A}000'")
            conn.execute(f"UPDATE gridsight.divisions SET name = '城镇' WHERE code = '{B}'")
            conn.execute("UPDATE gridsight.divisions SET name = '某县' WHERE level = 'county'")
            box = "ST_Multi(ST_MakeEnvelope({0}, 37, {1}, 38, 4326))"
            conn.execute(
                "INSERT INTO gridsight.divisions (geom, code, name, level) VALUES "
                f"({box.format(101, 102)}, '{A}001', '新民村', 'village'), "
                f"({box.format(102, 102.5)}, '{B}001', '新民村', 'village'), "
                f"({box.format(102.5, 103)}, '{B}002', '光明村', 'village')"
            )
        yield url


@pytest.fixture
def planner(filled: str) -> Iterator[psycopg.Connection]:
    with acting(filled, "planner", A) as conn:
        yield conn


def refused(conn: psycopg.Connection, sql: str, *values: object) -> dict[str, str] | None:
    """Return the detail of the refusal of a statement, None where it is let in; nothing of it stays."""
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(sql, values)
    except psycopg.errors.InsufficientPrivilege as error:
        return json.loads(error.diag.message_detail or "null") or {"why": str(error), "place": ""}
    return None


def put(conn: psycopg.Connection, layer: str, shape: shapely.Geometry, **fields: object) -> dict[str, str] | None:
    """Insert a row and return the detail of the refusal."""
    key = KEYS.get(layer, "id")
    given = {key: "new", **fields}
    multi = "ST_Multi" if layer in ("grids", "obstacles", "roads", "areas") else ""
    columns, marks = ", ".join(given), ", ".join(["%s"] * len(given))
    sql = f"INSERT INTO gridsight.{layer} (geom, {columns}) VALUES ({multi}(ST_GeomFromWKB(%s, 4326)), {marks})"
    return refused(conn, sql, shape.wkb, *given.values())


def why(said: dict[str, str] | None) -> tuple[str, str] | None:
    return said and (said["why"], said["place"])


def metres_east(lon: float, lat: float, metres: float) -> float:
    return float(Geod(ellps="WGS84").fwd(lon, lat, 90, metres)[0])


#: A foot in A, wider at its middle latitude than elsewhere, and all of B: a point on its surface lies in A.
FOOT = shapely.union_all([shapely.box(101.0, 37.45, 102.0, 37.55), shapely.box(102.0, 37.0, 102.3, 38.0)])


@pytest.mark.parametrize("layer", AREAL)
def test_a_foot_in_the_township_carries_nothing_over_the_border(planner: psycopg.Connection, layer: str) -> None:
    owner = planner.execute("SELECT gridsight.township_of(ST_GeomFromWKB(%s, 4326))", (FOOT.wkb,)).fetchone()
    assert owner == (A,), "the shape must be one that a look at one point lets in"
    assert why(put(planner, layer, FOOT)) == ("border", B)
    past = {"valid_from": "2020-01-01", "valid_to": "2020-02-01"}
    assert why(put(planner, layer, FOOT, **past)) == ("border", B), "nor into the past"
    assert put(planner, layer, shapely.box(101.0, 37.0, 102.0, 38.0)) is None, "all of A, border included"


def test_a_road_over_the_border_is_an_admins(planner: psycopg.Connection, filled: str) -> None:
    road = shapely.LineString([(101.5, 37.5), (102.1, 37.5)])
    assert why(put(planner, "roads", road)) == ("border", B)
    assert put(planner, "roads", shapely.LineString([(101.5, 37.5), (102.0, 37.5), (102.0, 37.9)])) is None
    with acting(filled, "admin") as conn:
        assert put(conn, "roads", road) is None


@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_elsewhere_or_outside_is_refused_with_the_reason(planner: psycopg.Connection, layer: str) -> None:
    size = 0.0 if layer in POINTS else 0.01
    for lon, expected in ((101.5, None), (102.5, ("elsewhere", B)), (104.0, ("outside", ""))):
        shape: shapely.Geometry = shapely.Point(lon, 37.5)
        if layer == "roads":
            shape = shapely.LineString([(lon, 37.5), (lon + size, 37.5)])
        elif size:
            shape = shapely.box(lon, 37.5, lon + size, 37.51)
        said = put(planner, layer, shape)
        assert (said and (said["why"], said["place"] or "")) == expected, lon


@pytest.mark.parametrize("over", [-5.0, 0.0, 0.4, 0.6, 5.0])
def test_half_a_metre_over_a_border_is_no_meeting(planner: psycopg.Connection, over: float) -> None:
    to = metres_east(102.0, 37.5, over)
    expected = ("border", B) if over > 0.5 else None
    assert why(put(planner, "obstacles", shapely.box(101.99, 37.5, to, 37.501))) == expected
    assert why(put(planner, "roads", shapely.LineString([(101.99, 37.5), (to, 37.5)]))) == expected
    west = metres_east(101.0, 37.5, -over)  # and over the border of the county
    said = put(planner, "obstacles", shapely.box(west, 37.5, 101.01, 37.501))
    assert why(said) == (("outside", "") if over > 0.5 else None)


def test_a_strip_along_the_border_has_no_length_limit(planner: psycopg.Connection) -> None:
    to = metres_east(102.0, 37.5, 0.4)
    beyond = shapely.LineString([(to, 37.1), (to, 37.9)])
    assert why(put(planner, "roads", beyond)) == ("elsewhere", B), "no part of it is on this side"
    assert why(put(planner, "addresses", shapely.Point(to, 37.5))) == ("elsewhere", B)
    assert put(planner, "obstacles", shapely.box(101.9, 37.1, to, 37.9)) is None


def test_a_county_is_met_as_a_sheet_of_paper_says(planner: psycopg.Connection) -> None:
    """Compare with shapely: within the township grown by half a metre, on a plane squeezed at the shape's latitude."""
    rng = np.random.default_rng(13)
    metre = 1 / Geod(ellps="WGS84").inv(102.0, 37.0, 102.0, 37.001)[2] * 0.001  # of latitude, in degrees
    shapes, expected = [], []
    while len(shapes) < 120:
        x, y = 102.0 + rng.normal(0, 4e-5), rng.choice([37.5, 37.0, 38.0]) + rng.normal(0, 3e-5)
        angles = np.sort(rng.uniform(0, 2 * np.pi, 5))
        ring = np.column_stack([x + 3e-5 * np.cos(angles), y + 3e-5 * np.sin(angles)])
        shape = shapely.Polygon(ring)
        squeeze = np.cos(np.radians(y))
        plane = shapely.transform(shape, lambda points, k=squeeze: points * [k, 1])
        town = shapely.transform(shapely.box(101, 37, 102, 38), lambda points, k=squeeze: points * [k, 1])
        sides = [town.buffer(size * metre, join_style="round").covers(plane) for size in (0.45, 0.55)]
        own = shapely.box(101, 37, 102, 38).covers(shape.point_on_surface())
        if sides[0] == sides[1] and own:  # not at the very limit, where degrees and metres part by a per cent
            shapes.append(shape)
            expected.append(sides[0])
    found = planner.execute(
        "SELECT (gridsight.why_not(ST_GeomFromWKB(one, 4326), ARRAY[%s])).why IS NULL FROM unnest(%s::bytea[]) one",
        (A, [one.wkb for one in shapes]),
    ).fetchall()
    assert {True, False} == set(expected)
    assert [row[0] for row in found] == expected


def test_many_rows_are_judged_as_each_alone(planner: psycopg.Connection) -> None:
    insert = (
        "INSERT INTO gridsight.obstacles (geom, id) SELECT ST_Multi(ST_MakeEnvelope(x, 37.2, x + 0.001, 37.201, 4326)),"
        " 'm' || n FROM unnest(%s::float8[]) WITH ORDINALITY AS t (x, n)"
    )
    inside = np.linspace(101.0, 101.999, 500).tolist()
    assert refused(planner, insert, inside) is None
    for x, expected in ((101.9995, "border"), (102.0001, "elsewhere"), (102.9995, "border"), (100.9995, "outside")):
        said = refused(planner, insert, [*inside[:250], x, *inside[250:]])
        assert said, x
        assert (said["why"], said["key"]) == (expected, "m251")


def test_townships_that_overlap_must_both_be_in_scope(filled: str) -> None:
    box = shapely.box(101.94, 37.5, 101.95, 37.51)
    with psycopg.connect(filled) as conn:
        conn.execute(
            "UPDATE gridsight.divisions SET geom = ST_Multi(ST_MakeEnvelope(101.9, 37, 103, 38, 4326)) "
            f"WHERE code = '{B}'"
        )
        conn.execute("SELECT set_config('role', 'gridsight_planner', true)")
        for scope, expected in ((A, ("border", B)), (f"{A},{B}", None)):
            conn.execute("SELECT set_config('app.townships', %s, true)", (scope,))
            assert why(put(conn, "obstacles", box)) == expected
        conn.rollback()


def test_what_lies_over_a_border_is_neither_changed_nor_deleted(filled: str) -> None:
    with psycopg.connect(filled) as conn:
        conn.execute(
            "INSERT INTO gridsight.roads (geom, id, class) VALUES "
            "(ST_GeomFromText('MULTILINESTRING((101.2 37.5, 101.6 37.5, 102.1 37.5))', 4326), 'over', 'x')"
        )
        conn.execute("SELECT set_config('role', 'gridsight_planner', true)")
        conn.execute("SELECT set_config('app.townships', %s, true)", (A,))
        shorter = "ST_GeomFromText('MULTILINESTRING((101.2 37.5, 101.9 37.5))', 4326)"
        for sql in (
            "UPDATE gridsight.roads SET class = 'y'",
            f"UPDATE gridsight.roads SET geom = {shorter}",
            "DELETE FROM gridsight.roads",
        ):
            assert why(refused(conn, f"{sql} WHERE id = 'over'")) == ("border", B), sql
        assert refused(conn, "UPDATE gridsight.roads SET class = class WHERE id = 'over'") is None, "stays as it is"
        assert refused(conn, "UPDATE gridsight.roads SET class = 'z' WHERE id = 'ra'") is None
        conn.rollback()


@pytest.mark.parametrize(
    ("layer", "fields", "named"),
    [
        ("grids", {"code": f"{B}001001"}, B),
        ("grids", {"code": f" {B[:6]}-{B[6:]}-001-001 "}, B),
        ("grids", {"code": "６２０６２２１０１００１００９"}, B),
        ("grids", {"code": "g1", "village": f"{B}001"}, B),
        ("grids", {"code": "g1", "parent": f"{B}001001"}, B),
        ("villages", {"code": f"{B}009"}, B),
        ("facilities", {"code": "f1", "serves": f"{A}001；{B}001"}, B),
        ("facilities", {"code": "f1", "serves": f"{A}001、{A}002"}, None),
        ("places", {"code": "p1", "parent": f"{B}001"}, B),
        ("addresses", {"grid": f"{B}001001"}, B),
        ("grids", {"code": f"{A}001001", "village": f"{A}001"}, None),
        ("grids", {"code": "620622"}, None),
        ("grids", {"code": "G-17"}, None),
        ("grids", {"code": "202611280001"}, None),
        ("obstacles", {"id": f"{B}001001"}, None),  # an id says nothing of a place
    ],
)
def test_a_code_of_anothers_series_is_refused(
    planner: psycopg.Connection, layer: str, fields: dict[str, str], named: str | None
) -> None:
    at = shapely.Point(101.5, 37.5)
    shape = shapely.box(101.5, 37.5, 101.51, 37.51) if layer in ("grids", "obstacles") else at
    assert why(put(planner, layer, shape, **fields)) == (named and ("code", named))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"text": "某县城镇光明村3号"}, "城镇"),
        ({"text": "城 镇·新民村 3 号"}, "城镇"),
        ({"text": "光明村3号"}, "光明村"),
        ({"text": "南城镇光明村3号"}, "光明村"),
        ({"standard": "某县城镇3号", "text": "3号"}, "城镇"),
        ({"text": "3号", "aliases": "老站;城镇粮站"}, "城镇"),
        ({"text": "某县南城镇新民村3号"}, None),  # 南城镇 holds 城镇, and both townships have a 新民村
        ({"text": "新民村3号"}, None),
        ({"text": "东街1号", "aliases": "粮站"}, None),
        ({"building": "城镇大厦"}, None),  # no part of an address that is matched
    ],
)
def test_an_address_that_names_another_township_is_refused(
    planner: psycopg.Connection, fields: dict[str, str], named: str | None
) -> None:
    said = put(planner, "addresses", shapely.Point(101.5, 37.5), **fields)
    assert why(said) == (named and ("text", named))


#: What addresses are made of: numerals and their words, digits of several scripts, marks, names.
_PARTS = st.sampled_from([*"五十二〇两百三社区组号之0059８-－、,()（）#/.①½Aａ ·【", "光明村", "东街", "单元", "3号"])


_NO_NUMBER = re.compile(r"[^0-9五十二〇两百三光明村东街单元组号社区之Aa]")
_HALF_IN_CHARACTERS = re.compile(r"[0-9][五十二〇两百三]|[五十二〇两百三][0-9]")
_FROM_TO = re.compile(r"[号號樓#]\W*[-－]")


def _is_read_by_both(text: str) -> bool:
    """Return whether a text has no number half in characters and no 3号-9号: names of townships have neither."""
    return not (_HALF_IN_CHARACTERS.search(_NO_NUMBER.sub("", normalize("NFKC", text))) or _FROM_TO.search(text))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(_PARTS, max_size=9).map("".join), min_size=10, max_size=30))
def test_the_database_normalises_addresses_as_the_program_does(filled: str, texts: list[str]) -> None:
    texts = [one for one in texts if _is_read_by_both(one)]
    with psycopg.connect(filled) as conn:
        found = conn.execute(
            "SELECT gridsight.address_form(one) FROM unnest(%s::text[]) WITH ORDINALITY t (one, n) ORDER BY n", (texts,)
        ).fetchall()
    assert [row[0] for row in found] == [normal_form(one) for one in texts]


def forms(url: str, texts: list[str]) -> list[str]:
    with psycopg.connect(url) as conn:
        found = conn.execute(
            "SELECT gridsight.address_form(one) FROM unnest(%s::text[]) WITH ORDINALITY t (one, n) ORDER BY n", (texts,)
        ).fetchall()
    return [row[0] for row in found]


def test_every_character_has_the_form_that_the_program_gives_it(filled: str) -> None:
    """Each by itself, and those that its neighbours decide: the table of the program is that of the database."""
    blocks = ((0x2E81, 0x2FE0), (0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2A6E0))
    codes = [code for block in blocks for code in range(*block) if unicodedata.category(chr(code)) != "Cn"]
    texts = [f"东{chr(code)}街" for code in codes]
    texts += ["乾縣", "乾溝村", "餅乾", "於潛鎮", "位於", "胡衕", "盩厔縣", "盩", "門" * 300]
    assert forms(filled, texts) == [normal_form(one) for one in texts]


_TRADITIONAL = st.sampled_from([*"縣鎮號樓東門臺邨⻄⻢乾於衕盩厔溝潛五十两3-、Ａ ", "古浪縣", "土門鎮", "餅", "胡"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(_TRADITIONAL, max_size=7).map("".join), min_size=10, max_size=30))
def test_traditional_texts_have_one_form_in_both(filled: str, texts: list[str]) -> None:
    # What says a chain of divisions twice, or holds a zero as a letter, only the program shortens.
    # A mark parts what its neighbours would decide: 餅-乾 is 饼乾.
    unparted = [one for one in texts if not set(one) & set("-、 ")]
    assert [simplified(one) for one in forms(filled, unparted)] == forms(filled, unparted)
    told = [one for one in texts if one.count("縣") + one.count("鎮") < 2 and _is_read_by_both(one)]
    assert forms(filled, told) == [normal_form(one) for one in told]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("光明村", "光明邨3號"), ("光門村", "光門村3号"), ("光門村", "光门村3号"), ("光门村", "某縣南城鎮光門邨3號"),
        ("⻄門村", "西门村3号"), ("乾沟村", "干溝村3號"),
    ],
)  # fmt: skip
def test_a_name_in_other_characters_is_known(filled: str, name: str, text: str) -> None:
    with psycopg.connect(filled) as conn:
        conn.execute(f"UPDATE gridsight.divisions SET name = %s WHERE code = '{B}002'", (name,))
        conn.execute("SELECT set_config('role', 'gridsight_planner', true)")
        conn.execute("SELECT set_config('app.townships', %s, true)", (A,))
        said = put(conn, "addresses", shapely.Point(101.5, 37.5), text=text)
        assert why(said) == ("text", normal_form(name))
        zone = shapely.box(101.5, 37.5, 101.51, 37.51)
        said = put(conn, "grids", zone, code=f"{A}001009", name=simplified(name).replace("门", "門"))
        assert why(said) == ("name", None)
        conn.rollback()


@pytest.mark.parametrize(
    ("name", "text", "is_refused"),
    [
        ("五社村", "5社村3号", True),
        ("五社村", "某县南城镇５社村3号", True),
        ("5社村", "五社村3号", True),
        ("五社村", "十五社村3号", False),  # 15社村 is another name, of which none knows
        ("五社村", "15社村3号", False),
        ("十五社村", "15 社 村3号", True),
        ("（1.2）号村", "1.2号村", True),
        ("（1.2）号村", "132号村", False),  # the mark stands for itself
    ],
)
def test_a_name_with_a_number_is_known_in_any_spelling(filled: str, name: str, text: str, *, is_refused: bool) -> None:
    with psycopg.connect(filled) as conn:
        conn.execute(f"UPDATE gridsight.divisions SET name = %s WHERE code = '{B}002'", (name,))
        conn.execute("SELECT set_config('role', 'gridsight_planner', true)")
        conn.execute("SELECT set_config('app.townships', %s, true)", (A,))
        said = put(conn, "addresses", shapely.Point(101.5, 37.5), text=text)
        assert why(said) == (("text", normal_form(name)) if is_refused else None)
        conn.rollback()


def test_a_name_made_up_for_a_village_opens_nothing(filled: str) -> None:
    """A village may be named by its planner: one named after another township does not lend that name."""
    with acting(filled, "planner", A) as conn:
        conn.execute(
            "INSERT INTO gridsight.villages (geom, code, name) VALUES "
            f"(ST_GeomFromText('POINT(101.6 37.5)', 4326), '{A}009', '城镇光明村')"
        )
        said = put(conn, "addresses", shapely.Point(101.5, 37.5), text="城镇光明村3号")
        assert why(said) == ("text", "城镇")


@pytest.mark.parametrize("layer", ["grids", "villages"])
@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": "城镇"}, "城镇"), ({"name": " 光明 村"}, "光明 村"), ({"code": "城镇", "name": "x"}, "城镇"),
        ({"name": "城镇第一网格"}, None), ({"name": "新民村"}, None), ({"name": "南城镇"}, None),
    ],
)  # fmt: skip
def test_no_zone_is_called_like_another_township(
    planner: psycopg.Connection, layer: str, fields: dict[str, str], named: str | None
) -> None:
    """Zones are asked for by name: one that is called like another would turn its answers ambiguous."""
    said = put(planner, layer, shapely.box(101.5, 37.5, 101.51, 37.51), **{"code": f"{A}001009", **fields})
    assert (said and (said["why"], said["word"].strip())) == (named and ("name", named))


@pytest.mark.parametrize(
    ("village", "text", "named"),
    [
        ("光明村5号", "光明村5号", "光明村"),
        ("某县光明村", "某县光明村5号", "光明村"),
        ("东光明村", "东光明村5号", None),
        ("新民村东", "新民村东5号", None),  # both townships have a 新民村
    ],
)
def test_a_longer_name_of_a_village_lends_none_of_anothers(
    filled: str, village: str, text: str, named: str | None
) -> None:
    with psycopg.connect(filled) as conn:
        conn.execute("SELECT set_config('role', 'gridsight_planner', true)")
        conn.execute("SELECT set_config('app.townships', %s, true)", (A,))
        conn.execute(
            "INSERT INTO gridsight.villages (geom, code, name) VALUES "
            "(ST_GeomFromText('POINT(101.6 37.5)', 4326), %s, %s)", (f"{A}012", village)
        )  # fmt: skip
        assert why(put(conn, "addresses", shapely.Point(101.5, 37.5), text=text)) == (named and ("text", named))
        conn.rollback()


def test_a_zone_that_is_called_so_already_can_be_edited(filled: str) -> None:
    with psycopg.connect(filled) as conn:
        conn.execute("UPDATE gridsight.grids SET name = '城镇' WHERE code = 'ga'")
        conn.execute("SELECT set_config('role', 'gridsight_planner', true)")
        conn.execute("SELECT set_config('app.townships', %s, true)", (A,))
        assert refused(conn, "UPDATE gridsight.grids SET kind = 'x' WHERE code = 'ga'") is None
        assert why(refused(conn, "UPDATE gridsight.grids SET name = '光明村' WHERE code = 'ga'")) == ("name", None)
        conn.rollback()


def test_a_village_called_like_a_street_closes_no_address_elsewhere(filled: str) -> None:
    """Planners name their villages: a name that is none of a village binds nobody else."""
    with psycopg.connect(filled) as conn:
        for code, name in ((f"{B}010", "人民路"), (f"{B}011", "石头村")):
            conn.execute(
                "INSERT INTO gridsight.villages (geom, code, name) VALUES "
                "(ST_GeomFromText('POINT(102.6 37.5)', 4326), %s, %s)", (code, name)
            )  # fmt: skip
        conn.execute("SELECT set_config('role', 'gridsight_planner', true)")
        conn.execute("SELECT set_config('app.townships', %s, true)", (A,))
        at = shapely.Point(101.5, 37.5)
        assert put(conn, "addresses", at, text="人民路5号") is None
        assert why(put(conn, "addresses", at, text="石头村5号")) == ("text", "石头村")
        conn.rollback()


def test_the_names_of_a_division_may_hold_any_character(filled: str) -> None:
    with psycopg.connect(filled) as conn:
        conn.execute(f"UPDATE gridsight.divisions SET name = '城(*[镇+?' WHERE code = '{B}'")
        conn.execute("SELECT set_config('role', 'gridsight_planner', true)")
        conn.execute("SELECT set_config('app.townships', %s, true)", (A,))
        assert why(put(conn, "addresses", shapely.Point(101.5, 37.5), text="城(*[镇+?1号")) == ("text", "城镇")
        assert put(conn, "addresses", shapely.Point(101.5, 37.5), text="1号") is None
        conn.rollback()


def test_a_broken_ring_is_judged_and_not_an_error(planner: psycopg.Connection) -> None:
    bow = shapely.Polygon([(101.5, 37.5), (101.6, 37.6), (101.6, 37.5), (101.5, 37.6)])
    over = shapely.Polygon([(101.5, 37.5), (102.6, 37.6), (102.6, 37.5), (101.5, 37.6)])
    assert not bow.is_valid
    assert put(planner, "obstacles", bow) is None
    assert why(put(planner, "obstacles", over)) == ("border", B)
    two = (
        "INSERT INTO gridsight.obstacles (geom, id) SELECT ST_Multi(ST_GeomFromWKB(one, 4326)), n::text "
        "FROM unnest(%s::bytea[]) WITH ORDINALITY AS t (one, n)"
    )
    assert refused(planner, two, [bow.wkb, shapely.box(101.1, 37.1, 101.2, 37.2).wkb]) is None
    assert why(refused(planner, two, [bow.wkb, over.wkb])) == ("border", B)


def test_an_admin_pays_nothing_for_it(filled: str) -> None:
    with psycopg.connect(filled) as conn:
        conditions = conn.execute(
            "SELECT DISTINCT pg_get_triggerdef(oid) ~ 'WHEN .*CURRENT_USER = .gridsight_planner' FROM pg_trigger "
            "WHERE tgname ~ '^within_'"
        ).fetchall()
        counted = conn.execute("SELECT count(DISTINCT tgrelid) FROM pg_trigger WHERE tgname ~ '^within_'").fetchone()
    assert conditions == [(True,)]
    assert counted == (len(LAYERS),)
