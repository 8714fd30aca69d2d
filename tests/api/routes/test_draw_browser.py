"""Drive the panel in which areas are drawn and edited, over the real application in Debian's chromium.

The grids are those of tests/api/conftest.py: four squares of 0.002 degrees, the first with two microgrids.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely

from api.main import create_app
from api.settings import Settings
from tests.api.conftest import G1, G2, G3, G4, M1, M2
from tests.api.routes.test_changes_browser import asked, press
from tests.browser import Tab, opened
from tests.serving import serving

ITEMS = "/ogc/collections/grids/items"


@pytest.fixture
def home(drawn: Path, tmp_path: Path) -> Iterator[str]:
    """Serve a county of one's own, that is written to."""
    path = tmp_path / "workspace.gpkg"
    shutil.copyfile(drawn, path)
    with serving(create_app(Settings(workspace=path))) as url:
        yield f"{url}/"


@pytest.fixture
def tab(chromium, home: str) -> Iterator[Tab]:
    with opened(chromium, home, locale="zh-CN") as made:
        yield made
        made.page.wait_for_load_state("networkidle")


def start(tab: Tab, lat: float = 37.002, lon: float = 102.002, zoom: int = 17) -> Any:
    """Open the panel over the grids."""
    page = tab.open().page
    page.evaluate(f"gridsight.map.setView([{lat}, {lon}], {zoom}, {{ animate: false }}) && 0")
    page.click("#tab-draw")
    tab.until("gridsight.shapeList.around.size >= 6")
    return page


def pixel(tab: Tab, lon: float, lat: float) -> tuple[float, float]:
    box = tab.page.locator(".leaflet-container").bounding_box()
    at = tab.page.evaluate(f"gridsight.map.latLngToContainerPoint([{lat}, {lon}])")
    return box["x"] + at["x"], box["y"] + at["y"]


def click(tab: Tab, lon: float, lat: float) -> None:
    tab.page.mouse.click(*pixel(tab, lon, lat))
    tab.page.wait_for_timeout(40)


def choose(tab: Tab, lon: float, lat: float, key: str) -> None:
    """Click until the grid is open: of grids in grids the smallest comes first."""
    for _ in range(2):
        click(tab, lon, lat)
        if tab.page.evaluate("gridsight.state.shaping") == key:
            break
    tab.until(f"gridsight.state.shaping === '{key}' && gridsight.shapeList.isKnown('{key}')")
    tab.until("!document.querySelector('#panel-draw .change-status').textContent.includes('正在读取')")


def drag(tab: Tab, begin: tuple[float, float], end: tuple[float, float]) -> None:
    mouse = tab.page.mouse
    mouse.move(*pixel(tab, *begin))
    mouse.down()
    mouse.move(*pixel(tab, *end), steps=6)
    mouse.up()
    tab.until("!gridsight.state.shapes.live")


def would_be(tab: Tab) -> dict[str, shapely.Geometry]:
    """Return the grids as they would be."""
    text = tab.page.evaluate("JSON.stringify(gridsight.shapeList.all().map((one) => [one.key, one.geometry]))")
    return {key: shapely.geometry.shape(one) for key, one in json.loads(text)}


def stored(tab: Tab) -> dict[str, shapely.Geometry]:
    found = asked(tab, f"{ITEMS}?f=json&limit=100")["data"]["features"]
    return {one["id"]: shapely.geometry.shape(one["geometry"]) for one in found}


def whole(grids: dict[str, shapely.Geometry], *without: str) -> bool:
    """Return whether grids of the first level tile the county to the bit."""
    first = [one for key, one in grids.items() if key not in (M1, M2, *without)]
    return bool(
        shapely.coverage_is_valid(first) and shapely.union_all(first).equals(shapely.box(102.0, 37.0, 102.004, 37.004))
    )


def corners(shape: shapely.Geometry) -> set[tuple[float, float]]:
    return {tuple(one) for one in shapely.get_coordinates(shape).tolist()}


def field(tab: Tab, name: str) -> Any:
    return tab.page.locator("#panel-draw").get_by_label(name, exact=True).first


def said(tab: Tab, text: str) -> None:
    tab.until(f"document.querySelector('#panel-draw .change-status').textContent.includes('{text}')")


def test_a_shared_corner_moves_in_every_grid_that_has_it(tab: Tab) -> None:
    page = start(tab)
    choose(tab, 102.003, 37.001, G2)
    assert field(tab, "名称").input_value() == "二格"
    assert "4" in page.locator(".draw-form .change-note").inner_text()
    drag(tab, (102.002, 37.002), (102.0023, 37.0024))
    grids = would_be(tab)
    moved = {key for key, shape in grids.items() if (102.002, 37.002) not in corners(shape)}
    assert moved >= {G1, G2, G3, G4, M2}, "all that had it"
    assert {one["key"] for one in page.evaluate("gridsight.state.shapes.list")} == {G1, G2, G3, G4, M2}
    assert whole(grids)
    # Down again by keys; what follows at once is one step. Undo and redo.
    page.get_by_role("button", name="顶点 1", exact=True).focus()
    before = page.evaluate("gridsight.state.shapes.past.length")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    tab.until("!gridsight.state.shapes.live")
    assert page.evaluate("gridsight.state.shapes.past.length") == before + 1
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert page.evaluate("gridsight.state.shapes.list") == []
    page.keyboard.press("Control+y")
    assert would_be(tab) == grids
    # The border of G1 and G2 takes a new corner, which both have, and gives it back.
    drag(tab, (102.00215, 37.0012), (102.0026, 37.001))
    assert whole(would_be(tab))
    press(tab, "保存")
    said(tab, "已保存 5 处改动")
    assert whole(stored(tab))
    assert page.evaluate("gridsight.state.shapes.list") == []


def test_what_cannot_be_is_said_and_taken_back(tab: Tab) -> None:
    page = start(tab)
    choose(tab, 102.003, 37.001, G2)
    before = would_be(tab)
    drag(tab, (102.004, 37.0), (102.0046, 36.9997))
    said(tab, "超出县界")
    drag(tab, (102.002, 37.002), (102.0036, 36.9999))
    said(tab, "重叠")
    page.evaluate("gridsight.update({ corner: 0 })")
    at = page.evaluate("gridsight.shapeMath.vertices(gridsight.shapeList.of(gridsight.state.shaping).geometry)")
    page.evaluate(f"gridsight.update({{ corner: {at.index([102.002, 37.002])} }})")
    press(tab, "去掉此点")
    said(tab, "几条边界在这里相接")
    assert would_be(tab) == before
    assert page.evaluate("gridsight.state.shapes.list") == []


def test_a_grid_is_split_merged_and_saved_whole(tab: Tab) -> None:
    page = start(tab)
    choose(tab, 102.003, 37.001, G2)
    press(tab, "用线分割")
    click(tab, 102.003, 37.002)  # on the border to G4
    click(tab, 102.0028, 37.001)
    assert "2 点" in page.locator(".draw-size").inner_text()
    page.keyboard.press("Control+z")
    assert "1 点" in page.locator(".draw-size").inner_text()
    page.keyboard.press("Control+y")
    click(tab, 102.003, 36.9998)
    page.locator(".leaflet-container").focus()
    page.keyboard.press("Enter")
    tab.until("gridsight.state.shapes.list.length === 3")
    new = page.evaluate("gridsight.state.shaping")
    grids = would_be(tab)
    assert whole(grids)
    assert grids[G2].area + grids[new].area == pytest.approx(0.002**2, rel=1e-9)
    press(tab, "保存")
    said(tab, "还没有代码")
    field(tab, "代码").fill(f"{G2}9")
    field(tab, "名称").fill("新格")
    field(tab, "名称").press("Tab")
    press(tab, "保存")
    said(tab, "已保存 3 处改动")
    assert whole(stored(tab))
    made = asked(tab, f"{ITEMS}/{G2}9?f=json")["data"]["properties"]
    assert (made["name"], made["level"], made["village"], made["households"]) == ("新格", 1, G2[:12], None)
    # Together again under the new code: it has what both had.
    field(tab, "与哪个相邻的合并").select_option(G2)
    press(tab, "合并")
    tab.until("gridsight.state.shapes.list.some((one) => one.kind === 'removed')")
    press(tab, "保存")
    said(tab, "已保存 2 处改动")
    assert G2 not in stored(tab)
    assert whole(stored(tab))


def test_a_new_area_snaps_to_its_neighbour_and_is_drawn_without_a_pointer(tab: Tab) -> None:
    page = start(tab)
    field(tab, "图层").select_option("areas")
    page.wait_for_load_state("networkidle")
    press(tab, "新画一个")
    place = field(tab, "经度, 纬度")
    for text in ("102.001, 37.001", "102.0012, 37.0031", "东经102.0032度 北纬37.0029度"):
        place.fill(text)
        place.press("Enter")
    place.fill("x")
    place.press("Enter")
    said(tab, "读不出经纬度")
    press(tab, "加在地图中心")
    assert "4 点" in page.locator(".draw-size").inner_text()
    assert "公顷" in page.locator(".draw-size").inner_text()
    press(tab, "完成")
    said(tab, "填写代码")
    field(tab, "代码").fill("k1")
    field(tab, "代码").press("Tab")
    press(tab, "保存")
    said(tab, "已保存 1 处改动")
    found = asked(tab, "/ogc/collections/areas/items/k1?f=json")["data"]["geometry"]["coordinates"][0]
    assert [102.001, 37.001] in found
    assert [102.002, 37.002] in found
    # The next one takes the corner of the first to the bit, though the click was pixels away.
    press(tab, "新画一个")
    for lon, lat in ((102.00101, 37.00101), (102.0004, 37.0012), (102.0004, 37.0004)):
        click(tab, lon, lat)
    press(tab, "完成")
    said(tab, "填写代码")
    (one,) = page.evaluate("gridsight.state.shapes.list")
    assert [102.001, 37.001] in one["geometry"]["coordinates"][0]
    press(tab, "全部放弃")


def test_a_new_grid_must_not_overlap_another(tab: Tab) -> None:
    start(tab)
    press(tab, "新画一个")
    for lon, lat in ((102.0004, 37.0004), (102.003, 37.0005), (102.001, 37.003)):
        click(tab, lon, lat)
    press(tab, "完成")
    said(tab, "会与")
    assert tab.page.evaluate("gridsight.state.shapes.list") == []
    tab.page.locator(".leaflet-container").focus()
    tab.page.keyboard.press("Escape")
    assert tab.page.evaluate("gridsight.state.drawing") is None


def test_two_editors_of_one_border_see_both_versions(tab: Tab) -> None:
    page = start(tab)
    choose(tab, 102.003, 37.001, G2)
    drag(tab, (102.002, 37.002), (102.0023, 37.0024))
    headers = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
    body = json.dumps({"properties": {"name": "别人的"}})
    assert asked(tab, f"{ITEMS}/{G4}", method="PATCH", headers=headers, body=body)["status"] == 200
    before = stored(tab)
    press(tab, "保存")
    box = page.locator("#panel-draw .change-conflict")
    box.wait_for()
    assert "别人的" in box.inner_text()
    assert "四格" in box.inner_text()
    assert stored(tab) == before, "nothing was written"
    press(tab, "采用对方的")
    assert page.evaluate("gridsight.state.shapes.list") == [], "the neighbours' change of the same border went with it"
    said(tab, "已采用对方的")
    choose(tab, 102.003, 37.001, G2)
    drag(tab, (102.002, 37.002), (102.0023, 37.0024))
    body = json.dumps({"properties": {"name": "又一次"}})
    assert asked(tab, f"{ITEMS}/{G4}", method="PATCH", headers=headers, body=body)["status"] == 200
    press(tab, "保存")
    box.wait_for()
    press(tab, "保留我的")
    said(tab, "已保存 5 处改动")
    assert whole(stored(tab))
    assert asked(tab, f"{ITEMS}/{G4}?f=json")["data"]["properties"]["name"] == "又一次"
    tab.complaints[:] = [one for one in tab.complaints if "412" not in one]


#: Answers to one path are held until `held()`, or never come.
HOLD = """([part, isLost]) => {
  const fetched = window.fetch;
  window.fetch = (path, options) => {
    if (!String(path).includes(part)) return fetched(path, options);
    window.fetch = fetched;
    if (isLost) return Promise.reject(new TypeError("lost"));
    return new Promise((done) => (window.held = () => done(fetched(path, options)) || 0));
  };
}"""


def test_what_is_changed_while_it_is_saved_is_saved_next(tab: Tab) -> None:
    page = start(tab)
    choose(tab, 102.003, 37.001, G2)
    field(tab, "名称").fill("先")
    field(tab, "名称").press("Tab")
    square = shapely.geometry.mapping(shapely.box(102.0, 37.004, 102.002, 37.006))
    new = json.dumps({"key": "new 1", "kind": "added", "geometry": square, "properties": {"code": "n1", "level": 1}})
    page.evaluate(f"gridsight.shapeList.put([{new}], false)")
    page.evaluate(HOLD, ["/edits", False])
    press(tab, "保存")
    tab.until("window.held")
    field(tab, "名称").fill("后")
    field(tab, "名称").press("Tab")
    page.evaluate("gridsight.shapeList.put([{ key: 'new 1', properties: { name: '新' } }], false)")
    page.evaluate("held()")
    said(tab, "已保存 2 处改动")
    found = page.evaluate("gridsight.state.shapes.list")
    assert [(one["kind"], one["key"], one["properties"]) for one in found] == [
        ("changed", G2, {"name": "后"}),
        ("changed", "n1", {"name": "新"}),
    ]
    press(tab, "保存")
    tab.until("!gridsight.state.shapes.list.length")
    for key, name in ((G2, "后"), ("n1", "新")):
        assert asked(tab, f"{ITEMS}/{key}?f=json")["data"]["properties"]["name"] == name
    # A corner that was moved by a key is saved once it was looked at, which takes a moment.
    page.get_by_role("button", name="顶点 1", exact=True).focus()
    page.keyboard.press("ArrowRight")
    press(tab, "保存")
    said(tab, "稍后再试")
    said(tab, "会超出县界")
    assert page.evaluate("gridsight.state.shapes.list") == [], "taken back, and not stored"


def test_what_is_dragged_while_the_step_before_is_checked_is_a_step_of_its_own(tab: Tab) -> None:
    """The first leaves the county and is taken back; the second waits for that, and stays."""
    page = start(tab)
    choose(tab, 102.003, 37.001, G2)
    page.evaluate(HOLD, ["/divisions/items", False])
    mouse = page.mouse
    for begin, end in (((102.004, 37.0), (102.0046, 36.9997)), ((102.002, 37.002), (102.0023, 37.0024))):
        mouse.move(*pixel(tab, *begin))
        mouse.down()
        mouse.move(*pixel(tab, *end), steps=6)
        mouse.up()
        tab.until("window.held")
    assert page.evaluate("gridsight.state.shapes.live"), "still being checked"
    page.evaluate("held()")
    tab.until("!gridsight.state.shapes.live && gridsight.state.shapes.past.length === 1")
    grids = would_be(tab)
    assert (102.004, 37.0) in corners(grids[G2]), "taken back"
    assert {key for key, shape in grids.items() if (102.002, 37.002) not in corners(shape)} >= {G1, G2, G3, G4}
    assert whole(grids)
    page.keyboard.press("Control+z")
    assert page.evaluate("gridsight.state.shapes.list") == []


def test_a_grid_of_many_neighbours_is_changed_and_saved(tab: Tab) -> None:
    """Two hundred slivers lie along one side of a grid: all that hold a corner are read, however many there are."""
    count, step, west = 200, 0.00001, 102.0
    rows = [
        {"type": "Feature", "id": f"s{at}", "properties": {"code": f"s{at}", "level": 1},
         "geometry": shapely.geometry.mapping(shapely.box(west + at * step, 37.004, west + (at + 1) * step, 37.005))}
        for at in range(count)
    ]  # fmt: skip
    page = start(tab)
    body = json.dumps({"added": rows})
    headers = {"Content-Type": "application/json"}
    done = asked(tab, "/ogc/collections/grids/edits", method="POST", headers=headers, body=body)
    assert done["status"] == 200, done
    page.evaluate("gridsight.shapeNet.load().then(() => 0)")
    choose(tab, 102.001, 37.003, G3)
    known = "Array.from({ length: 200 }, (_, at) => 's' + at).filter(gridsight.shapeList.isKnown).length"
    assert page.evaluate(known) == count
    drag(tab, (102.002, 37.002), (102.0021, 37.0022))
    press(tab, "保存")
    said(tab, "已保存")
    assert (102.002, 37.002) not in corners(stored_one(tab, G3))


def stored_one(tab: Tab, key: str) -> shapely.Geometry:
    return shapely.geometry.shape(asked(tab, f"{ITEMS}/{key}?f=json")["data"]["geometry"])


def test_what_could_not_be_read_is_not_taken_for_nothing(tab: Tab) -> None:
    """Without its version a grid is not opened, and without the county's border no border is moved."""
    page = start(tab)
    page.evaluate(HOLD, [f"/items/{G2}", True])
    click(tab, 102.003, 37.001)
    said(tab, "没有做成")
    assert page.evaluate("gridsight.state.shaping") is None
    choose(tab, 102.003, 37.001, G2)
    page.evaluate(HOLD, ["/divisions/items", True])
    drag(tab, (102.002, 37.002), (102.0023, 37.0024))
    said(tab, "没有做成")
    assert page.evaluate("gridsight.state.shapes.list") == []
    drag(tab, (102.002, 37.002), (102.0023, 37.0024))
    tab.until("gridsight.state.shapes.list.length")
    # Measuring meanwhile leaves the map to drawing as it was.
    press(tab, "用线分割")
    page.evaluate("gridsight.measure.open(true) || gridsight.measure.open(false)")
    assert page.evaluate("gridsight.map.doubleClickZoom.enabled()") is False
    assert page.locator(".leaflet-container.placing").count() == 1


def test_the_panel_is_english_too(tab: Tab) -> None:
    page = start(tab)
    choose(tab, 102.003, 37.001, G2)
    page.click("#lang")
    assert page.get_by_role("tab", name="Draw").is_visible()
    for name in ("Split by a line", "Merge", "Delete", "Remove it", "Move to coordinates", "Save"):
        assert page.locator("#panel-draw").get_by_role("button", name=name, exact=True).is_visible(), name
    assert page.get_by_role("button", name="Corner 1", exact=True).count() == 1
    unnamed = page.evaluate(
        """Array.from(document.querySelectorAll("#panel-draw input, #panel-draw select, #panel-draw button")).filter(
        (one) => !(one.textContent || one.getAttribute("aria-label") || (one.labels && one.labels.length))).length"""
    )
    assert unnamed == 0


def test_what_is_not_saved_is_offered_after_a_reload(tab: Tab) -> None:
    page = start(tab)
    choose(tab, 102.003, 37.003, G4)
    drag(tab, (102.004, 37.004), (102.0035, 37.0035))
    tab.until("gridsight.state.shapes.list.length")
    drawn = page.evaluate("gridsight.state.shapes")
    assert drawn["list"][0]["key"] == G4
    tab.until("Object.keys(localStorage).some(one => one.startsWith('gridsight-drawn/'))")
    tab.open()
    offer = page.locator(".change-offer")
    offer.wait_for()
    assert "1 处绘制" in offer.inner_text()
    offer.get_by_role("button", name="继续编辑").click()
    tab.until("gridsight.state.tab === 'draw' && gridsight.state.shaping !== null")
    assert page.evaluate("gridsight.state.shapes.list") == drawn["list"]
    # It is saved as of the version it was drawn on, and nothing is left to offer.
    page.get_by_role("tabpanel").get_by_role("button", name="保存", exact=True).click()
    tab.until("!gridsight.state.shapes.list.length")
    stored = asked(tab, f"{ITEMS}/{G4}?f=json")["data"]["geometry"]
    assert shapely.geometry.shape(stored).equals(shapely.geometry.shape(drawn["list"][0]["geometry"]))
    tab.until("!Object.keys(localStorage).some(one => one.startsWith('gridsight-drawn/'))")
    tab.open()
    page.wait_for_timeout(500)
    assert page.locator(".change-offer").count() == 0


def test_the_history_of_an_area_tells_what_was_changed_and_when(tab: Tab) -> None:
    page = start(tab)
    etag = asked(tab, f"{ITEMS}/{G4}?f=json")["etag"]
    body = json.dumps({"properties": {"households": 41, "name": "<i>新四格</i>"}})
    headers = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
    assert asked(tab, f"{ITEMS}/{G4}", method="PATCH", headers=headers, body=body)["status"] == 200
    choose(tab, 102.003, 37.003, G4)
    page.get_by_role("tabpanel").get_by_text("历史", exact=True).click()
    lines = page.locator("#panel-draw .change-history li")
    tab.until("document.querySelectorAll('#panel-draw .change-history li').length === 2")
    today = asked(tab, f"{ITEMS}/{G4}?f=json")["data"]["properties"]["valid_from"]
    newest = lines.nth(0).inner_text()
    assert newest.startswith(today)
    assert "（local）" in newest, "by whom"
    assert "<i>新四格</i>" in newest
    assert "40" in newest and "41" in newest  # noqa: PT018
    assert "北村" not in newest, "only what differs"
    page.click("#lang")
    tab.until("document.querySelector('#panel-draw .change-history li').textContent.includes('Households')")
