"""Drive measuring on the map in Debian's chromium, over the real application; figures are those of PROJ."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path

import pyproj
import pytest

from api.main import create_app
from api.settings import Settings
from tests.browser import Tab, opened
from tests.serving import serving

GEOD = pyproj.Geod(ellps="WGS84")
#: A triangle of the size of a county.
COUNTY = [(102.0, 37.0), (103.2, 37.5), (102.4, 38.1)]


@pytest.fixture(scope="module")
def home(drawn: Path) -> Iterator[str]:
    with serving(create_app(Settings(workspace=drawn))) as url:
        yield f"{url}/"


@pytest.fixture(scope="module")
def tab(chromium, home: str) -> Iterator[Tab]:
    with opened(chromium, home, locale="zh-CN") as made:
        yield made.open()
        made.rest()
        made.page.wait_for_load_state("networkidle")


def begin(tab: Tab, kind: str) -> None:
    """Open the card at a kind, without points, in Chinese."""
    page = tab.page
    page.evaluate("gridsight.speak('zh')")
    if not page.evaluate("gridsight.state.measure.isOpen"):
        page.get_by_role("button", name="测量", exact=True).click()
    page.get_by_role("radio", name=kind, exact=True).check(force=True)
    page.get_by_role("button", name="清除", exact=True).click()


def type_points(tab: Tab, *points: tuple[float, float]) -> str:
    for lon, lat in points:
        tab.page.get_by_role("region", name="测量").get_by_role("textbox").fill(f"{lon}, {lat}")
        tab.page.keyboard.press("Enter")
    return tab.page.inner_text(".measure-result")


def test_lengths_areas_and_bearings_are_those_of_proj(tab: Tab) -> None:
    ask = """points => {
      const g = gridsight.geodesy;
      return [g.length(points), g.area(points), g.between(points[0], points[1])];
    }"""
    for ring in (
        COUNTY,
        [(121.0, 31.0), (121.001, 31.0), (121.001, 31.0008), (121.0, 31.0008)],
        [(-70.0, -33.0), (-69.5, -33.2), (-70.2, -33.9)],
    ):
        points = [{"lon": lon, "lat": lat} for lon, lat in ring]
        length, area, between = tab.page.evaluate(ask, points)
        lons, lats = zip(*ring, strict=True)
        assert length == pytest.approx(GEOD.line_length(lons, lats), rel=1e-8, abs=1e-4)
        assert area == pytest.approx(abs(GEOD.polygon_area_perimeter(lons, lats)[0]), rel=1e-5)
        there, back, metres = GEOD.inv(*ring[0], *ring[1])
        assert between["metres"] == pytest.approx(metres, rel=1e-8, abs=1e-4)
        assert (between["there"], between["back"]) == pytest.approx((there % 360, back % 360), abs=1e-6)
    assert tab.page.evaluate("gridsight.geodesy.between({ lon: 1, lat: 1 }, { lon: 1, lat: 1 }).metres") == 0


def test_projected_metres_are_those_of_proj_and_read_back(tab: Tab) -> None:
    ask = """([code, point]) => {
      const g = gridsight.geodesy;
      const flat = g.project(point, g.projection(code));
      return [flat, g.unproject(flat, g.projection(code))];
    }"""
    for code, lon, lat in (
        *((4543, 103.2, 37.5), (4526, 113.0, 22.5), (4495, 103.2, 37.5)),
        *((4507, 104.0, 40.0), (32648, 103.2, 37.5), (32719, -70.0, -33.0)),
    ):
        source = 4326 if code > 9_000 else 4490
        expected = pyproj.Transformer.from_crs(source, code, always_xy=True).transform(lon, lat)
        flat, again = tab.page.evaluate(ask, [code, {"lon": lon, "lat": lat}])
        assert (flat["x"], flat["y"]) == pytest.approx(expected, abs=0.001), code
        assert (again["lon"], again["lat"]) == pytest.approx((lon, lat), abs=1e-8)
    for code in (4326, 3857, 2437, 4555):
        assert tab.page.evaluate("code => gridsight.geodesy.projection(code)", code) is None


def test_points_are_typed_clicked_and_set_by_keys(tab: Tab) -> None:
    page = tab.page
    begin(tab, "长度")
    assert "再点下一点" in type_points(tab, COUNTY[0])
    metres = GEOD.line_length(*zip(*COUNTY[:2], strict=True))
    assert f"{metres / 1000:.3f} km" in type_points(tab, COUNTY[1])
    page.get_by_role("radio", name="面积", exact=True).check(force=True)
    area = abs(GEOD.polygon_area_perimeter(*zip(*COUNTY, strict=True))[0])
    shown = re.search(r"\(([\d,]+) m²\)", type_points(tab, COUNTY[2]))
    assert float(shown[1].replace(",", "")) == pytest.approx(area, rel=1e-5)
    page.get_by_role("radio", name="方位角", exact=True).check(force=True)
    there, back, _ = GEOD.inv(*COUNTY[0], *COUNTY[1])
    text = page.inner_text(".measure-result")
    assert f"{there % 360:.2f}°" in text
    assert f"{back % 360:.2f}°" in text
    page.evaluate("gridsight.speak('en')")
    assert "Back bearing" in page.inner_text(".measure-result")
    type_words = page.get_by_role("region", name="Measure").get_by_role("textbox")
    type_words.fill("nowhere")
    page.keyboard.press("Enter")
    assert "No coordinates" in page.inner_text(".measure-fault")
    # By keys: the map's centre, from the map itself; Backspace takes it back.
    begin(tab, "长度")
    page.evaluate("gridsight.map.setView([37.001, 102.001], 17, { animate: false }) && 0")
    page.focus(".leaflet-container")
    page.keyboard.press("Enter")
    assert page.evaluate("gridsight.state.measure.points") == [pytest.approx({"lat": 37.001, "lon": 102.001}, abs=1e-9)]
    page.keyboard.press("Backspace")
    assert page.evaluate("gridsight.state.measure.points") == []
    # By pointer: a click sets a point and selects nothing.
    box = page.locator(".leaflet-container").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 60)
    page.mouse.click(*middle)
    page.mouse.click(middle[0] + 100, middle[1])
    tab.until("gridsight.state.measure.points.length === 2")
    found = page.evaluate("gridsight.geodesy.length(gridsight.state.measure.points)")
    pixel = 40_075_016.686 * math.cos(math.radians(37.001)) / 256 / 2**17
    assert found == pytest.approx(100 * pixel, rel=0.005)
    assert tab.selected() is None
    page.keyboard.press("Escape")
    page.focus(".leaflet-container")
    page.keyboard.press("Escape")
    assert page.evaluate("gridsight.state.measure.isOpen") is False
    assert page.locator(".measure").is_hidden()


def test_a_place_is_read_in_every_system_by_name_and_copied(tab: Tab) -> None:
    page = tab.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    begin(tab, "坐标")
    text = type_points(tab, (102.001, 37.002))
    assert "WGS-84" in text
    assert "CGCS2000 经度, 纬度" in text
    assert "102.0010000, 37.0020000" in text
    run = page.evaluate("gridsight.model.run")
    code = json.dumps(run)[json.dumps(run).index("EPSG:45") :][:9]
    east, north = pyproj.Transformer.from_crs(4490, code, always_xy=True).transform(102.001, 37.002)
    assert code in text
    assert f"东 {east:.2f} m，北 {north:.2f} m" in text
    page.locator(".measure-places .link").last.click()
    tab.until("document.querySelector('#announce').textContent")
    assert page.evaluate("navigator.clipboard.readText()") == f"{east:.3f}, {north:.3f}"
    # What was copied is read as the same place.
    read = """text => {
      const found = gridsight.readCoordinates(text);
      return gridsight.geodesy.unproject(found, gridsight.geodesy.projection(found.systems[0]));
    }"""
    again = page.evaluate(read, f"{east:.3f}, {north:.3f}")
    assert (again["lon"], again["lat"]) == pytest.approx((102.001, 37.002), abs=1e-7)


def test_it_is_used_by_touch_on_a_phone(chromium, home: str) -> None:
    options = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "locale": "zh-CN"}
    with opened(chromium, home, **options) as made:
        page = made.open().page
        page.get_by_role("button", name="测量", exact=True).tap()
        top = page.evaluate("gridsight.map.getContainer().getBoundingClientRect().top")  # by the fonts of the machine
        for x in (120, 220):
            page.touchscreen.tap(x, top + 60)
            page.wait_for_timeout(350)  # two taps at once zoom
        made.until("gridsight.state.measure.points.length === 2")
        assert " m" in page.inner_text(".measure-result")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.wait_for_load_state("networkidle")


def test_a_line_of_sight_is_told_drawn_and_listed(tab: Tab) -> None:
    """From c3 west to c1 the line passes b1, 10 m high."""
    page = tab.page
    page.evaluate("gridsight.select('cameras', 'c1', { still: true }).then(() => 0)")
    begin(tab, "通视")
    page.get_by_role("button", name="从所选摄像机看").click()
    assert page.get_by_label("眼睛（镜头）高").input_value() == "4"
    assert page.get_by_label("目标高，m").input_value() == "1.6", "as in an analysis"
    type_points(tab, (102.002, 37.001))
    tab.until("document.querySelector('.measure-verdict')")
    told = page.inner_text(".measure-verdict")
    assert "不通视：b1（高 10.0 m）" in told
    assert page.get_by_role("img", name=told).is_visible()
    assert page.locator(".profile-block").count() == page.locator(".profile-meet").count() == 1
    assert page.locator(".measure tbody th").all_inner_texts() == ["b1"]
    page.get_by_label("眼睛（镜头）高").fill("40")
    tab.until("(document.querySelector('.measure-verdict') || {}).textContent === gridsight.t('sight_clear')")
    assert page.locator(".profile-meet").count() == 0
    assert page.evaluate("document.activeElement.type") == "number", "typing goes on where it was"
    page.evaluate("gridsight.speak('en')")
    assert page.get_by_role("columnheader", name="Above line").is_visible()
    # b2 is of unknown height, and the line below the 3 m that it is at least.
    page.evaluate("gridsight.speak('zh')")
    begin(tab, "通视")
    page.get_by_label("眼睛（镜头）高").fill("1")
    type_points(tab, (102.0002, 37.0031), (102.0012, 37.0031))
    tab.until("((document.querySelector('.measure-verdict') || {}).textContent || '').includes('按 3 m 计也在')")
    assert page.locator(".profile-meet").count() == 1
    # Too far is said in words.
    begin(tab, "通视")
    type_points(tab, (102.0, 37.0), (102.1, 37.0))
    tab.until("document.querySelector('.measure-result .measure-fault')")
    assert "2,000 m" in page.inner_text(".measure-result .measure-fault")
    tab.complaints[:] = [one for one in tab.complaints if "400" not in one]
    page.evaluate("gridsight.unselect()")
    page.get_by_role("region", name="测量").get_by_role("button", name="关闭").click()


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_the_card_of_a_line_of_sight_does_not_cover_it(chromium, home: str, size: tuple[int, int]) -> None:
    with opened(chromium, home, viewport=dict(zip(("width", "height"), size, strict=True)), locale="zh-CN") as made:
        page = made.open().page
        begin(made, "通视")
        page.evaluate("gridsight.map.setView([37.001, 102.0018], 19, { animate: false }) && 0")
        # The whole line lies where the card is.
        spots = """() => {
          const map = gridsight.map.getContainer().getBoundingClientRect();
          const card = document.querySelector('.measure').getBoundingClientRect();
          const at = (x, y) => gridsight.map.containerPointToLatLng([x - map.left, y - map.top]);
          const ends = [at(card.left + 20, card.top + 60), at(card.right - 20, card.top + 30)];
          return ends.map(one => ({ lat: one.lat, lon: one.lng }));
        }"""
        page.evaluate(f"({spots})().forEach(gridsight.measure.add)")
        made.until("document.querySelector('.measure-verdict')")
        page.wait_for_timeout(200)
        card = page.locator(".measure").bounding_box()
        ends = page.evaluate("""() => {
          const map = gridsight.map.getContainer().getBoundingClientRect();
          return gridsight.state.measure.points.map(one => {
            const at = gridsight.map.latLngToContainerPoint([one.lat, one.lon]);
            return [at.x + map.left, at.y + map.top];
          });
        }""")
        for x, y in ends:
            beside = x > card["x"] + card["width"] or y < card["y"]
            assert beside, (ends, card)
            assert 0 <= x <= size[0] and 0 <= y <= size[1], ends  # noqa: PT018
        made.rest()
        page.wait_for_load_state("networkidle")


def test_a_point_is_set_on_the_dot_of_a_gap_too(tab: Tab) -> None:
    """Dots of gaps are Leaflet's own: they gave their clicks to no one, and a gap was chosen instead."""
    page = tab.page
    begin(tab, "长度")
    page.evaluate("gridsight.show('gaps', true); gridsight.map.setView([37.001, 102.001], 11, { animate: false }) && 0")
    tab.until("gridsight.drawn.gaps && gridsight.map.hasLayer(gridsight.drawn.gaps)")
    at = page.evaluate("""() => {
      const [dot] = gridsight.drawn.gaps.getLayers();
      const { x, y } = gridsight.map.latLngToContainerPoint(dot.getLatLng());
      const frame = gridsight.map.getContainer().getBoundingClientRect();
      return [x + frame.left, y + frame.top];
    }""")
    page.mouse.click(*at)
    tab.until("gridsight.state.measure.points.length === 1")
    assert tab.selected() is None
    page.evaluate("gridsight.measure.open(false)")
