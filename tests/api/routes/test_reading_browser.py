"""Drive what helps to read the map in Debian's chromium: popups of cameras, their reach, what is chosen, the legend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.main import create_app
from api.settings import Settings
from tests.browser import Tab, opened
from tests.serving import serving


@pytest.fixture(scope="module")
def tab(chromium, drawn: Path) -> Iterator[Tab]:
    """Open the page of the county once, by the real server: the tests choose what they look at."""
    with serving(create_app(Settings(workspace=drawn))) as url, opened(chromium, f"{url}/") as opened_tab:
        yield opened_tab.open()


def choose(tab: Tab, camera: str) -> str:
    """Choose a camera and return what its popup tells."""
    tab.page.evaluate("key => gridsight.select('cameras', key, {})", camera)
    tab.page.wait_for_selector(".leaflet-popup .pop")
    return tab.page.inner_text(".leaflet-popup .pop")


def test_what_is_assumed_of_a_camera_is_told_in_words_of_the_language(tab: Tab) -> None:
    told = "hfov=80; width_px=1920; status=online; kind=ptz; moved 0.42 m to the wall"
    for lang, words in (
        ("zh", "水平视场角 80°、图像宽度 1,920 px、状态 在线、类型 球机（云台）、移动 0.42 米到墙边"),
        ("en", "Horizontal field of view 80°, Image width 1,920 px, Status online, Kind PTZ, moved 0.42 m to the wall"),
    ):
        tab.page.evaluate("lang => gridsight.speak(lang)", lang)
        assert tab.page.evaluate("told => gridsight.assumedText(told)", told) == words
        assert tab.page.evaluate("told => gridsight.assumedText(told.split('; '))", told) == words


def test_the_popup_of_a_camera_is_a_dialog_with_its_optics_and_a_dial(tab: Tab) -> None:
    tab.page.evaluate("gridsight.speak('zh')")
    text = choose(tab, "c1")
    assert tab.page.get_attribute(".leaflet-popup", "role") == "dialog"
    assert tab.page.get_attribute(".leaflet-popup", "aria-label") == "摄像机 " + tab.page.inner_text(".pop h3")
    assert "在线" in text
    assert "作用距离" in text
    assert "=" not in text
    said = tab.page.get_attribute(".pop .camera-dial", "aria-label")
    assert said.startswith(("方位角 ", "朝向不明"))
    tab.page.evaluate("gridsight.speak('en')")
    assert tab.page.get_attribute(".leaflet-popup", "aria-label").startswith("Cameras ")
    assert tab.complaints == []


@pytest.mark.parametrize("width", [1280, 390])
def test_values_of_a_popup_stay_whole_beside_long_names_and_it_clears_the_tools(tab: Tab, width: int) -> None:
    """A value that may break anywhere was once broken at every letter, beside a long name of its field."""
    page = tab.page
    page.set_viewport_size({"width": width, "height": 720})
    page.evaluate("gridsight.map.invalidateSize() && gridsight.speak('en')")
    # At the left edge, where the tools are.
    page.evaluate("void gridsight.map.setView([37.001, 102.0055], 15, { animate: false })")
    assert "Field of view" in choose(tab, "c1")
    tab.until("!gridsight.map._panAnim || !gridsight.map._panAnim._inProgress")
    # The popup is as wide as what cannot be broken: without the sentence at its end, only names and values.
    page.evaluate("[...document.querySelectorAll('.pop-assumed')].map(one => one.remove())")
    page.evaluate("void gridsight.map._popup.update()")
    lines = "[...document.querySelectorAll('.pop dd')].map(one => one.offsetHeight / 18.85)"
    assert all(one < 2.2 for one in page.evaluate(lines)), page.evaluate(lines)
    popup = page.locator(".leaflet-popup-content-wrapper").bounding_box()
    tools = page.locator(".map-tools").bounding_box()
    assert popup["x"] >= tools["x"] + tools["width"]
    assert popup["x"] + popup["width"] <= width
    page.set_viewport_size({"width": 1280, "height": 720})
    page.evaluate("gridsight.map.invalidateSize() && 0")


def look(tab: Tab, zoom: int) -> None:
    """Look at c1 from a zoom, and wait until the view is drawn."""
    tab.page.evaluate("gridsight.unselect()")
    tab.page.evaluate("zoom => void gridsight.map.setView([37.001, 102.001], zoom, { animate: false })", zoom)
    tab.rest()


def test_cameras_are_sectors_of_their_reach_near_the_ground_and_symbols_farther_out(tab: Tab) -> None:
    tab.page.evaluate("gridsight.show('cameras', true)")
    look(tab, 14)
    assert not tab.page.evaluate("gridsight.sectors.areDrawn()")
    assert tab.page.evaluate("gridsight.draw.cameraRadius(10)") >= 4
    look(tab, 17)
    # c3 looks nobody knows where, and is drawn too.
    tab.until("gridsight.sectors.drawn.size === 4")
    assert (
        tab.page.evaluate("""async () => {
      const view = await gridsight.source.row("views", "c1");
      const metre = 256 * 2 ** 17 / (40075016.686 * Math.cos(37.001 * Math.PI / 180));
      return Math.abs(gridsight.sectors.drawn.get("c1") / (view.values.range_m * metre) - 1);
    }""")
        < 1e-6
    )
    assert tab.page.evaluate("gridsight.sectorOf({ azimuth: 90, hfov: 80 }).from") == pytest.approx(-0.6981, abs=1e-4)
    assert tab.page.evaluate("gridsight.sectorOf({ hfov: 80 }).isKnown") is False
    assert tab.complaints == []


def test_labels_of_grids_leave_out_what_all_of_the_view_share(tab: Tab) -> None:
    for codes, cut in (
        (["990121112201001", "990121112201002"], 12),
        (["990121112201001", "990121114201001"], 6),
        (["990121112201001"], 0),
        (["G1", "G2"], 0),
    ):
        assert tab.page.evaluate("codes => gridsight.sharedCode(codes)", codes) == cut
    look(tab, 17)
    tab.page.evaluate("gridsight.colourBy('grids')")
    tab.until("document.querySelectorAll('.name-grids').length > 1")
    names = tab.page.locator(".name-grids").all_inner_texts()
    assert len(set(names)) == len(names)


#: How many pixels each circle with a count of cameras is from the nearest name of a township: less than 0 is below it.
CLEAR = """() => {
  const map = gridsight.map;
  const names = [...document.querySelectorAll('.name-townships span')].map((one) => one.getBoundingClientRect());
  const frame = map.getContainer().getBoundingClientRect();
  const away = (box, x, y) =>
    Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
  return gridsight.source.sheets("cameras").flatMap((sheet) => sheet.features.map((one) => {
    const [x, y] = [one.rings[0][0] * sheet.scale + sheet.x, one.rings[0][1] * sheet.scale + sheet.y];
    const at = map.layerPointToContainerPoint([x, y]).add([frame.left, frame.top]);
    return Math.min(...names.map((box) => away(box, at.x, at.y))) - gridsight.painting.countRadius(one.value("n"));
  }));
}"""


def test_names_of_townships_go_out_of_the_way_of_counts_of_cameras(tab: Tab) -> None:
    tab.page.evaluate("gridsight.show('cameras', true); gridsight.colourBy('townships')")
    look(tab, 12)
    tab.until("document.querySelectorAll('.name-townships').length")
    tab.page.wait_for_timeout(300)  # names follow the tiles
    clear = tab.page.evaluate(CLEAR)
    assert clear
    assert min(clear) > -2, clear  # a line of text is higher than its letters
    tab.page.evaluate("gridsight.colourBy('grids')")


def test_a_chosen_camera_shows_its_view_its_blind_zone_and_the_building_that_cuts_it(tab: Tab) -> None:
    """c1 looks east along the street; the house b1 stands 27 m before it, so behind the house it sees nothing."""
    look(tab, 18)
    choose(tab, "c1")
    tab.until("gridsight.selection.cuts")
    tab.page.wait_for_timeout(600)  # the map moves until the popup is in view
    assert tab.page.evaluate("gridsight.selection.cuts.map((one) => one.key)") == ["b1"]
    # Painted: between camera and house the view, behind the house the hatched blind zone, to the west nothing.
    share = """([lon, lat]) => {
      const pane = gridsight.map.getPane("chosen").querySelector("canvas");
      const ratio = window.devicePixelRatio || 1;
      const corner = L.DomUtil.getPosition(pane);
      const at = gridsight.map.latLngToLayerPoint([lat, lon]).subtract(corner).multiplyBy(ratio);
      const seen = pane.getContext("2d").getImageData(Math.round(at.x) - 6, Math.round(at.y) - 6, 12, 12).data;
      const found = new Set();
      for (let i = 0; i < seen.length; i += 4) found.add([0, 1, 2, 3].map((at) => seen[i + at] >> 4).join());
      return found.size === 1 && found.has("0,0,0,0") ? "nothing" : found.size < 4 ? "filled" : "hatched";
    }"""
    assert tab.page.evaluate(share, [102.00115, 37.001]) == "filled"
    assert tab.page.evaluate(share, [102.00145, 37.001]) == "hatched"
    assert tab.page.evaluate(share, [102.0008, 37.001]) == "nothing"
    look(tab, 18)
    assert tab.page.evaluate(share, [102.00145, 37.001]) == "nothing"
    # The browser remarks on how often this test reads the canvas.
    tab.complaints[:] = [one for one in tab.complaints if "getImageData" not in one]
    assert tab.complaints == []


#: How far each mark of places is from the nearest circle with a count of cameras, in pixels; less than 0 is over it.
MARKS = """() => gridsight.verdicts.make(() => ({}), (marks) => marks).getLayers().map((mark) => {
  const at = gridsight.map.latLngToLayerPoint(mark.getLatLng());
  return Math.min(...gridsight.countCircles().map((one) => Math.hypot(at.x - one.x, at.y - one.y) - one.radius));
})"""


def test_marks_and_dots_leave_the_counts_of_cameras_to_be_read(tab: Tab) -> None:
    """A mark at the place of a count goes beside it; dots of gaps lie below."""
    page = tab.page
    look(tab, 11)
    page.evaluate("gridsight.show('cameras', true)")
    tab.until("gridsight.countCircles().length")
    at = page.evaluate("(([one]) => gridsight.map.layerPointToLatLng([one.x, one.y]))(gridsight.countCircles())")
    row = {"code": "p1", "lon": at["lng"], "lat": at["lat"], "verdict": "covered", "unit": "count", "claim": None}
    page.evaluate("row => gridsight.verdicts.chosen = () => [new gridsight.model.Row(row, () => [])]", row)
    assert min(page.evaluate(MARKS)) > 0
    order = "['symbols', 'touch'].map((name) => Number(getComputedStyle(gridsight.map.getPane(name)).zIndex))"
    symbols, touch = page.evaluate(order)
    assert symbols > touch
    look(tab, 15)
    symbols, touch = page.evaluate(order)
    assert symbols < touch
    tab.open()


def test_a_sentence_over_the_map_follows_the_language(tab: Tab) -> None:
    page = tab.page
    page.evaluate("gridsight.speak('zh'); gridsight.update({ fault: { what: 'gaps', reason: 'x' } })")
    assert "盲区" in page.inner_text("#banner")
    page.evaluate("gridsight.speak('en')")
    assert page.inner_text("#banner").isascii()
    # It stands between the tools and the legend, where both can be used.
    boxes = {one: page.locator(one).bounding_box() for one in (".map-tools", "#banner", ".legend")}
    assert boxes["#banner"]["x"] >= boxes[".map-tools"]["x"] + boxes[".map-tools"]["width"]
    assert boxes["#banner"]["x"] + boxes["#banner"]["width"] <= boxes[".legend"]["x"]
    page.get_by_role("button", name="Close", exact=True).first.click()
    assert page.locator("#banner").is_hidden()
