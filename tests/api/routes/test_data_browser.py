"""Drive the panel of the data over the real application in Debian's chromium: import, check, and an empty store.

The county is that of tests/api/conftest.py.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.main import create_app
from api.routes import imports
from api.security.api_keys import ApiKeys
from api.security.file_keys import FileKeyStore
from api.settings import Settings
from tests.api.routes.test_imports import read_here
from tests.browser import Tab, opened
from tests.geo.readers.workbook_files import Tab as Sheet
from tests.geo.readers.workbook_files import write_xlsx
from tests.serving import serving

ITEMS = "/ogc/collections/cameras/items"
#: c1 moves and is higher, n1 comes, a second n1 and a place beyond the pole are rejected; a script is only text.
FILE = (
    "编号,经度,纬度,安装高度,朝向,杆高注,联系电话,备注\n"
    "c1,102.0012,37.0011,9,很好看,5,13900000001,<img src=x onerror=alert(1)>\n"
    "n1,102.0012,37.0012,5,北,5,,\n"
    "n9,102.0012,99,5,北,5,,\n"
    "n1,102.0013,37.0013,5,北,5,,\n"
)
SHOWN = "gridsight.state.importing.phase === 'shown' && gridsight.state.importing.changes"


@pytest.fixture(scope="module", autouse=True)
def reading_here() -> Iterator[None]:
    """Read files in this process: starting one for each takes seconds, and tests of its own watch it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imports, "read_bounded", read_here)
        yield


@pytest.fixture(scope="module")
def home(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a county of one's own, that is written to, and that takes small files only."""
    folder = tmp_path_factory.mktemp("data")
    path = folder / "workspace.gpkg"
    shutil.copyfile(drawn, path)
    settings = Settings(workspace=path, import_folder=folder / "imports", max_import_bytes=50_000)
    with serving(create_app(settings)) as url:
        yield f"{url}/"


@pytest.fixture
def tab(chromium, home: str) -> Iterator[Tab]:
    with opened(chromium, home, locale="zh-CN") as made:
        yield made
        made.page.wait_for_load_state("networkidle")


def press(tab: Tab, name: str) -> None:
    tab.page.get_by_role("button", name=name, exact=True).click()


def said(tab: Tab, part: str) -> None:
    tab.until(f"document.querySelector('.data-status').textContent.includes({part!r})")


def give(tab: Tab, data: str | bytes, name: str = "摄像机.csv", crs: str = "wgs84") -> None:
    """Choose a file and how it is read, and send it."""
    raw = data.encode("gb18030") if isinstance(data, str) else data
    tab.page.locator("#panel-data input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": raw}
    )
    tab.page.get_by_label("作为图层", exact=True).select_option("cameras")
    tab.page.get_by_label("坐标系", exact=True).select_option(crs)
    press(tab, "上传并预览")


def stored(tab: Tab, key: str) -> dict[str, Any]:
    script = "path => fetch(path).then(async (one) => ({ status: one.status, data: await one.json() }))"
    return tab.page.evaluate(script, f"{ITEMS}/{key}?f=json")


def changed_elsewhere(tab: Tab, key: str, height: float) -> None:
    script = """([path, body]) => fetch(path, { method: "PATCH", body,
      headers: { "Content-Type": "application/merge-patch+json", "If-Match": "*" } }).then((one) => one.status)"""
    assert tab.page.evaluate(script, [f"{ITEMS}/{key}", f'{{"properties": {{"height": {height}}}}}']) == 200


def test_a_refusal_names_the_field_to_fill_and_not_the_parameter_of_the_service(tab: Tab) -> None:
    page = tab.open().page
    page.click("#tab-data")
    refused = {"zh": "用“坐标系”指明", "en": "name it with “CRS”"}
    give(tab, "编号,横,纵\nn1,102.0012,37.0012\n", crs="")
    for lang, part in refused.items():
        said(tab, part)
        status = page.inner_text(".data-status")
        assert not re.search(r"\w=|--\w", status), status
        assert page.evaluate("document.activeElement.dataset.label") == "data_crs", lang
        page.click("#lang")
        page.get_by_role("button", name=re.compile("上传并预览|Upload and preview")).click()
    page.get_by_label("坐标系", exact=True).select_option("wgs84")
    press(tab, "上传并预览")
    said(tab, "“列的读法：经度 = 列名”")
    assert "map=" not in page.inner_text(".data-status")
    # The fields that it names are open, and filled they are what was missing.
    names = page.get_by_label("文件中的列名", exact=True)
    assert page.evaluate("document.activeElement.dataset.label") == "data_pairs_column"
    names.nth(0).fill("横")
    names.nth(1).fill("纵")
    press(tab, "上传并预览")
    tab.until(SHOWN)
    assert page.locator(".data-report .data-counts dd").first.inner_text() == "1"
    press(tab, "放弃")
    said(tab, "已放弃")
    tab.complaints[:] = [one for one in tab.complaints if "422" not in one]


def test_a_file_is_shown_on_the_map_and_in_words_and_then_imported(tab: Tab) -> None:
    page = tab.open().page
    page.click("#tab-data")
    press(tab, "上传并预览")
    said(tab, "请先选择文件")
    give(tab, FILE)
    tab.until(SHOWN)
    report = page.locator(".data-report")
    counts = report.locator(".data-counts dd").all_inner_texts()
    assert counts == ["4", "1", "1", "0", "0", "2"], "read, new, updated, unchanged, removed, rejected"
    assert page.evaluate("gridsight.state.importing.changes.drawn") == {
        "added": 1, "was": 1, "updated": 1, "rejected": 1,
    }  # fmt: skip
    legend = [one.replace("\n", "") for one in page.locator(".data-legend li").all_inner_texts()]
    assert legend == ["新增1", "更新1", "更新前的位置1", "拒绝1"]
    assert page.locator(".data-legend canvas").first.get_attribute("width") == "24"
    text = report.inner_text()
    assert "EPSG:4326" in text
    assert "很好看" in text
    assert "<img src=x onerror=alert(1)>" in text, "untrusted text is text"
    assert "1390000" not in page.content()
    assert "个人或网络信息，不读" in text
    rows = report.get_by_role("region", name="拒绝的行").locator("tbody tr").all_inner_texts()
    assert [row.split("\t")[0] for row in rows] == ["3", "4"]
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载全部拒绝的行（CSV）").click()
    assert len(Path(waiting.value.path()).read_text(encoding="utf-8-sig").splitlines()) == 3
    # A column is read for another field: the file is sent again, and one preview waits, not two.
    page.get_by_label("杆高注 读作").select_option("tilt")
    press(tab, "按以上设置重读")
    tab.until("gridsight.state.importing.answer && gridsight.state.importing.answer.mapping.tilt === '杆高注'")
    tab.until(SHOWN)
    tab.until("gridsight.state.importing.waiting.length === 1")
    page.click("#lang")
    assert page.get_by_role("button", name="Accept", exact=True).is_enabled()
    page.click("#lang")
    assert stored(tab, "c1")["data"]["properties"]["height"] == 4, "nothing is written yet"
    # The store changes meanwhile: that is said, nothing is written, and the new preview is shown.
    changed_elsewhere(tab, "c1", 6)
    tab.page.get_by_role("button", name="接受", exact=True).focus()
    page.keyboard.press("Enter")
    said(tab, "预览之后库变了")
    tab.until(SHOWN)
    assert stored(tab, "c1")["data"]["properties"]["height"] == 6
    press(tab, "接受")
    said(tab, "新增 1，更新 1，拒绝 2")
    assert stored(tab, "c1")["data"]["properties"]["height"] == 9
    assert stored(tab, "n1")["data"]["properties"]["tilt"] == 5
    assert page.locator(".data-legend").count() == 0
    tab.complaints[:] = [one for one in tab.complaints if "409" not in one]


def test_what_cannot_be_read_is_said_and_a_crs_can_be_named(tab: Tab, tmp_path: Path) -> None:
    page = tab.open().page
    page.click("#tab-data")
    give(tab, "id,lon,lat\nx1,102.001,37.001\n", crs="")
    said(tab, "什么也没有写入")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "坐标系"
    give(tab, b"id,lon,lat\n" + b"x" * 60_000)
    said(tab, "超过上限")
    assert len([one for one in tab.requests if "/imports?" in one]) == 1, "refused before it is sent"
    # The line is cut while the file is on its way.
    page.route("**/imports?*", lambda route: route.abort("connectionreset"))
    give(tab, FILE)
    said(tab, "上传中断，什么也没有写入")
    page.unroute("**/imports?*")
    # A workbook: its sheets are offered once it was read, and one of them can be read alone.
    head = ["编号", "经度", "纬度"]
    sheets = [Sheet("东片", [head, ["s1", 102.001, 37.001]]), Sheet("西片", [head, ["s2", 102.002, 37.001]])]
    give(tab, write_xlsx(tmp_path / "f.xlsx", *sheets).read_bytes(), name="摄像机.xlsx")
    tab.until(SHOWN)
    assert page.evaluate("gridsight.state.importing.answer.imported") == 2
    # One that cannot be read takes nothing away: what was shown before is shown, and still waits.
    give(tab, b"x" * 20, name="坏.csv")
    said(tab, "什么也没有写入")
    tab.until("gridsight.state.importing.phase === 'shown' && gridsight.state.importing.answer.imported === 2")
    assert page.evaluate("gridsight.state.importing.waiting.length") == 1
    give(tab, (tmp_path / "f.xlsx").read_bytes(), name="摄像机.xlsx")
    tab.until("gridsight.state.importing.answer && gridsight.state.importing.answer.imported === 2")
    tab.until(SHOWN)
    assert page.locator(".data-how").get_attribute("open") is not None, "a refusal named fields within"
    page.get_by_label("东片（1 行）").uncheck()
    press(tab, "上传并预览")
    tab.until("gridsight.state.importing.answer && gridsight.state.importing.answer.imported === 1")
    tab.until(SHOWN)
    press(tab, "放弃")
    said(tab, "已放弃")
    tab.complaints[:] = [
        one for one in tab.complaints if not any(part in one for part in ("imports", "422", "400", "RESET"))
    ]


def test_a_preview_is_offered_again_and_dropped(tab: Tab) -> None:
    page = tab.open().page
    page.click("#tab-data")
    give(tab, "id,lon,lat\nx1,102.001,37.001\n", name="后来.csv")
    tab.until(SHOWN)
    tab.until("gridsight.state.importing.waiting.some((one) => one.file === '后来.csv')")
    tab.open()
    page.click("#tab-data")
    page.get_by_role("button", name="查看 后来.csv").click()
    tab.until(SHOWN)
    assert page.get_by_label("id 读作").count() == 0, "the page has the file no longer"
    press(tab, "放弃")
    said(tab, "已放弃，什么也没有写入")
    assert stored(tab, "x1")["status"] == 404
    tab.until("!gridsight.state.importing.waiting.some((one) => one.file === '后来.csv')")
    tab.complaints[:] = [one for one in tab.complaints if "404" not in one]


def test_findings_are_listed_by_rule_and_flown_to(tab: Tab) -> None:
    page = tab.open().page
    page.click("#tab-data")
    press(tab, "检查数据")
    tab.until("gridsight.state.checks.answer")
    kinds = page.evaluate("gridsight.state.checks.answer.kinds")
    assert page.locator(".data-kind").count() == len(kinds) > 0
    placed = page.evaluate("gridsight.state.checks.answer.findings.find((one) => one.lon !== null)")
    head = page.locator(f'.data-kind-head[data-code="{placed["code"]}"]').first
    head.focus()
    page.keyboard.press("Enter")
    tab.until("gridsight.state.checks.kind")
    assert page.locator(".data-mend").inner_text().startswith("怎样改：")
    page.locator(".data-finding").first.click()
    tab.until("gridsight.state.checks.chosen")
    tab.until(
        f"gridsight.map.getBounds().contains([{placed['lat']}, {placed['lon']}]) && gridsight.map.getZoom() >= 17"
    )
    # On the map: its marker chooses it.
    page.evaluate("gridsight.update({ checks: Object.assign({}, gridsight.state.checks, { chosen: null }) }) || 0")
    at = page.evaluate(f"Object.values(gridsight.map.latLngToContainerPoint([{placed['lat']}, {placed['lon']}]))")
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + at[0], box["y"] + at[1])
    tab.until("gridsight.state.checks.chosen")
    page.click("#lang")
    assert page.locator(".data-mend").inner_text().startswith("To mend it: ")


def test_an_empty_store_says_how_to_begin(chromium, tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "none.gpkg", import_folder=tmp_path / "imports")
    with serving(create_app(settings)) as url, opened(chromium, f"{url}/", locale="en-US") as tab:
        page = tab.open().page
        card = page.get_by_role("region", name="How to begin")
        assert "Nothing is stored yet" in card.inner_text()
        assert "gridsight demo" in card.inner_text()
        with page.expect_download() as waiting:
            card.get_by_role("link", name="Grids").click()
        assert waiting.value.suggested_filename.endswith(".xlsx")
        page.click("#lang")
        assert "库里还没有数据" in page.get_by_role("region", name="从这里开始").inner_text()
        page.get_by_role("button", name="导入文件").click()
        assert page.evaluate("document.activeElement.textContent") == "选择文件"
        give(tab, "id,lon,lat\nx1,102.001,37.001\n")
        tab.until(SHOWN)
        assert not card.is_visible(), "the map shows what would come"
        press(tab, "接受")
        said(tab, "新增 1")
        tab.until("document.querySelector('.data-begin').textContent.includes('还没有分析结果')")
        page.wait_for_load_state("networkidle")
        # There is no run to be asked for; and a download is no page to the browser.
        tab.complaints[:] = [one for one in tab.complaints if not any(part in one for part in ("404", "/templates/"))]


def test_a_session_that_ends_is_said_and_nothing_is_written(chromium, workspace: Path, tmp_path: Path) -> None:
    keys = ApiKeys(FileKeyStore.for_workspace(workspace))
    key = keys.create("王规划", "planner", by="test")[0]
    settings = Settings(workspace=workspace, import_folder=tmp_path / "imports")

    def sign_in(tab: Tab) -> None:
        tab.page.goto(f"{tab.home}login")
        tab.page.fill("#key", key)
        tab.page.click("button")
        tab.page.wait_for_selector('html[data-state="ready"]')
        tab.page.click("#tab-data")

    with serving(create_app(settings)) as url, opened(chromium, f"{url}/", locale="zh-CN") as tab:
        page = tab.open().page
        assert page.locator("#tab-data").count() == 0, "nobody is signed in"
        sign_in(tab)
        give(tab, FILE)
        tab.until(SHOWN)
        page.context.clear_cookies()
        press(tab, "接受")
        said(tab, "登录已失效，什么也没有写入")
        assert page.locator(".data-status a").get_attribute("href") == "/login"
        sign_in(tab)
        page.get_by_role("button", name="查看 摄像机.csv").click()
        tab.until(SHOWN)
        press(tab, "接受")
        said(tab, "新增 1，更新 1")
        page.wait_for_load_state("networkidle")
        tab.complaints[:] = [one for one in tab.complaints if "401" not in one]
