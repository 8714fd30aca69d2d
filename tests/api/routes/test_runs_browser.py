"""Drive the panel of runs over the real application in Debian's chromium: analyse, manage and compare.

The county is that of tests/api/conftest.py: c1 and c2 stand together at site p1, c3 at p2, c4 is offline at p3.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.main import create_app
from api.settings import Settings
from tests.browser import Tab, opened
from tests.serving import serving


@pytest.fixture(scope="module")
def home(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a county of one's own, that is analysed again and again."""
    path = tmp_path_factory.mktemp("runs") / "workspace.gpkg"
    shutil.copyfile(drawn, path)
    with serving(create_app(Settings(workspace=path))) as url:
        yield f"{url}/"


@pytest.fixture
def tab(chromium, home: str) -> Iterator[Tab]:
    with opened(chromium, home, locale="zh-CN") as made:
        yield made
        made.page.wait_for_load_state("networkidle")
        # What the service refuses on purpose is a failed request to the browser.
        made.complaints[:] = [one for one in made.complaints if "status of 4" not in one]


def asked(tab: Tab, path: str, **options: Any) -> Any:
    script = "([path, options]) => fetch(path, options).then((one) => one.json().catch(() => one.status))"
    return tab.page.evaluate(script, [path, options])


def panel(tab: Tab, rest: str = "") -> None:
    """Open the page with the panel of runs."""
    tab.open(rest)
    tab.page.click("#tab-runs")
    tab.page.click(".run-options summary")
    tab.until("gridsight.state.runs.list.length")


def press(tab: Tab, name: str) -> None:
    tab.page.locator("#panel-runs").get_by_role("button", name=name, exact=True).click()


def status(tab: Tab) -> str:
    return tab.page.locator("#panel-runs .run-status").inner_text()


def analysed(tab: Tab) -> str:
    """Press the button, wait for the job's end, and return the id of the new run."""
    before = len(tab.page.evaluate("gridsight.state.runs.list"))
    press(tab, "运行分析")
    tab.until(f"gridsight.state.runs.list.length === {before + 1}")
    tab.until("document.querySelector('#panel-runs .run-status').textContent.includes('分析完成')")
    return tab.page.evaluate("gridsight.state.runs.list[0].id")


def test_an_analysis_is_started_with_its_options_and_its_run_opened(tab: Tab) -> None:
    panel(tab)
    page = tab.page
    tab.until("document.querySelector('#panel-runs').textContent.includes('4 台摄像机、4 个网格')")
    # A number out of bounds is refused at once; nothing is sent.
    page.get_by_label("目标高度（米）").fill("0")
    press(tab, "运行分析")
    assert status(tab) == "目标高度须大于 0 且不超过 100 米"
    page.get_by_label("目标高度（米）").fill("1.5")
    # Levels are those of the edition.
    page.get_by_label("标准版本").select_option("iec62676-4:2025")
    assert page.get_by_label("评价级别").input_value() == "outline"
    page.get_by_label("标准版本").select_option("iec62676-4:2014")
    page.get_by_label("评价级别").select_option("identify")
    page.get_by_role("checkbox", name="网格", exact=True).check()
    made = analysed(tab)
    options = asked(tab, f"/runs/{made}")["options"]
    assert (options["level"], options["target_height"], options["zones"]) == ("identify", 1.5, ["grids"])
    assert page.locator("#panel-runs progress").is_hidden()
    press(tab, "打开新批次")
    tab.until(f"location.search.includes('{made}')")
    page.wait_for_selector('html[data-state="ready"]')
    assert page.evaluate("gridsight.model.run.id") == made


def test_what_the_service_refuses_and_what_is_cancelled_is_told_in_words(tab: Tab) -> None:
    panel(tab)
    page = tab.page
    page.get_by_label("数据日期（空：今天）").fill("2026-03-01")
    page.get_by_label("评价范围").select_option("demand")
    press(tab, "运行分析")
    tab.until("document.querySelector('#panel-runs .run-status').textContent.includes('分析未成')")
    assert "Traceback" not in status(tab)
    # A job that goes on long enough to be cancelled: its status is held back by the test.
    page.get_by_label("评价范围").select_option("auto")
    job = {"jobID": "j1", "status": "running", "progress": 40, "message": "算视域", "links": []}

    def answer(route) -> None:
        if route.request.method == "DELETE":
            job["status"] = "dismissed"
        route.fulfill(status=200, json=job)

    page.route("**/ogc/jobs/j1", answer)
    page.route("**/runs", lambda route: answer(route) if route.request.method == "POST" else route.continue_())
    press(tab, "运行分析")
    tab.until("document.querySelector('#panel-runs progress').value === 40")
    assert "40 %　算视域" in page.locator("#panel-runs .run-progress").inner_text()
    press(tab, "取消分析")
    tab.until("document.querySelector('#panel-runs .run-status').textContent === '已取消，没有产生批次'")
    page.unroute_all(behavior="wait")


def test_runs_are_published_and_deleted_once_their_name_was_confirmed(tab: Tab) -> None:
    panel(tab)
    page = tab.page
    made = analysed(tab)
    row = page.locator(f'[data-run="{made}"]')
    assert "未发布" in row.inner_text() or "默认显示" in row.inner_text()
    name = page.evaluate("gridsight.work.nameOf(gridsight.state.runs.list[0])")
    row.get_by_role("button", name=f"发布：{name}").click()
    question = page.get_by_role("alertdialog")
    assert name in question.inner_text()
    # The keyboard is on leaving it as it is; Escape leaves it too.
    assert page.evaluate("document.activeElement.textContent") == "不做"
    page.keyboard.press("Escape")
    assert question.is_hidden()
    row.get_by_role("button", name=f"发布：{name}").click()
    question.get_by_role("button", name="发布").click()
    tab.until(f"gridsight.state.runs.published === '{made}' && !gridsight.state.runs.standsIn")
    assert "已发布" in row.inner_text()
    row.get_by_role("button", name=f"命名：{name}").click()
    page.get_by_role("textbox", name="名称", exact=True).fill("<b>春季</b>")
    page.get_by_role("textbox", name="备注", exact=True).fill("新桥通车之前")
    page.keyboard.press("Enter")
    tab.until("gridsight.state.runs.list[0].name === '<b>春季</b>'")
    chooser = page.eval_on_selector_all("#run option", "all => all.map(one => one.textContent)")
    assert [one.split(" · ")[0] == "<b>春季</b>" for one in chooser][:2] == [True, False], chooser
    assert row.locator("strong").inner_text() == "<b>春季</b>"
    assert "新桥通车之前" in row.inner_text()
    again = analysed(tab)
    other = page.evaluate("gridsight.work.nameOf(gridsight.state.runs.list[0])")
    page.locator(f'[data-run="{again}"]').get_by_role("button", name=f"删除：{other}").click()
    page.get_by_role("alertdialog").get_by_role("button", name="删除").click()
    tab.until(f"!gridsight.state.runs.list.some((one) => one.id === '{again}')")
    assert status(tab) == f"已删除：{other}"
    # One that somebody else deleted meanwhile is refused in words.
    gone = analysed(tab)
    assert asked(tab, f"/runs/{gone}", method="DELETE") == 204
    page.locator(f'[data-run="{gone}"]').get_by_role("button", name="删除", exact=False).click()
    page.get_by_role("alertdialog").get_by_role("button", name="删除").click()
    tab.until("document.querySelector('#panel-runs .run-status').textContent.includes('没有这个批次')")
    page.click("#lang")
    assert page.locator("#tab-runs").inner_text() == "Runs"
    assert page.locator("#panel-runs").get_by_role("button", name="Run the analysis").is_visible()


def test_two_runs_are_compared_in_tables_on_the_map_and_by_a_line(tab: Tab) -> None:
    panel(tab)
    page = tab.page
    first = page.evaluate("gridsight.model.run.id")
    # Between the runs c1 goes offline, c4 is taken away and a camera is added in the east.
    items = "/ogc/collections/cameras/items"
    patch = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
    asked(tab, f"{items}/c1", method="PATCH", headers=patch, body='{"properties": {"status": "offline"}}')
    asked(tab, f"{items}/c4", method="DELETE", headers={"If-Match": "*"})
    point = '{"type": "Point", "coordinates": [102.0035, 37.0035]}'
    new = (
        f'{{"type": "Feature", "id": "c9", "properties": {{"status": "online", "azimuth": 225}}, "geometry": {point}}}'
    )
    asked(tab, items, method="POST", headers={"Content-Type": "application/geo+json"}, body=new)
    second = analysed(tab)
    page.get_by_label("A（从）").select_option(first)
    page.get_by_label("B（到）").select_option(first)
    press(tab, "比较 A 与 B")
    assert status(tab) == "A 与 B 是同一个批次"
    page.get_by_label("B（到）").select_option(second)
    press(tab, "比较 A 与 B")
    tab.until("gridsight.state.compared")
    found = asked(tab, f"/runs/{first}/compare/{second}")
    assert found["cameras"] == {"added": 1, "removed": 1, "changed": 1}
    assert "B 减 A" in status(tab)
    results = page.locator(".run-results")
    assert "新增 1 台，不再有 1 台，视域、状态或点位不同 1 台" in results.inner_text()
    # The table begins with the largest difference of the figure that colours the map.
    grids = sorted((abs(one["sure_share"]), one["name"]) for one in found["zones"]["grids"] if one["sure_share"])
    assert results.locator("tbody tr th").first.inner_text().split()[0] == grids[-1][1]
    assert page.evaluate("gridsight.state.difference") == "sure_share"
    counts = page.locator("#legend-difference b").all_inner_texts()
    assert sum(int(one) for one in counts) == 4
    assert "减（斜线）" in page.locator("#legend-body").inner_text()
    # Another figure sorts and colours by its heading; the gaps that only one has are counted.
    results.get_by_role("button", name="盲区面积").click()
    tab.until("gridsight.state.difference === 'gap_m2'")
    assert f"只在 A 的盲区：{len(found['gaps_only_a'])}" in results.inner_text()
    press(tab, "差值图")
    assert page.evaluate("gridsight.state.difference") is None
    # The line is moved by keys and by the pointer; left of it is A, right of it is B.
    press(tab, "卷帘")
    line = page.get_by_role("slider", name="卷帘线")
    assert line.get_attribute("aria-valuenow") == "50"
    line.press("ArrowRight")
    line.press("PageDown")
    assert line.get_attribute("aria-valuenow") == "41"
    line.press("Home")
    assert line.get_attribute("aria-valuenow") == "0"
    line.press("End")
    stage = page.locator("#stage").bounding_box()
    handle = line.bounding_box()
    page.mouse.move(handle["x"] + 10, handle["y"] + 20)
    page.mouse.down()
    page.mouse.move(stage["x"] + stage["width"] / 4, stage["y"] + 200, steps=3)
    page.mouse.up()
    assert line.get_attribute("aria-valuenow") == "25"
    tab.rest()
    assert {one.split("/page/")[1].split("/")[0] for one in tab.requests if "/tiles/grids/" in one} == {first, second}
    press(tab, "结束比较")
    assert line.is_hidden()
    assert results.is_hidden()


def test_a_draft_is_compared_with_the_data_as_they_are_now(tab: Tab) -> None:
    panel(tab)
    page = tab.page
    changes = '{"removed": ["c3"], "changed": [], "added": [], "outage": []}'
    made = asked(tab, "/drafts", method="POST", headers={"Content-Type": "application/json"},
                 body=f'{{"name": "少一台", "changes": {changes}}}')  # fmt: skip
    page.click("#tab-gaps")
    page.click("#tab-runs")
    tab.until("document.querySelector('#panel-runs optgroup')")
    page.get_by_label("B（到）").select_option(f"draft:{made['id']}")
    press(tab, "比较 A 与 B")
    tab.until("gridsight.state.compared")
    assert "现在的数据 → 少一台" in page.locator(".run-results").inner_text()
    assert page.locator("#panel-runs").get_by_role("button", name="卷帘").is_hidden()
    page.click("#lang")
    assert "A draft is tried on figures only" in page.locator(".run-results").inner_text()
