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
    return tab.page.locator("#panel-runs .change-status").inner_text()


def analysed(tab: Tab) -> str:
    """Press the button, wait for the job's end, and return the id of the new run."""
    before = len(tab.page.evaluate("gridsight.state.runs.list"))
    press(tab, "运行分析")
    tab.until(f"gridsight.state.runs.list.length === {before + 1}")
    tab.until("document.querySelector('#panel-runs .change-status').textContent.includes('分析完成')")
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
    tab.until("document.querySelector('#panel-runs .change-status').textContent.includes('分析未成')")
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
    tab.until("document.querySelector('#panel-runs .change-status').textContent === '已取消，没有产生批次'")
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
    tab.until("document.querySelector('#panel-runs .change-status').textContent.includes('没有这个批次')")
    page.click("#lang")
    assert page.locator("#tab-runs").inner_text() == "Runs"
    assert page.locator("#panel-runs").get_by_role("button", name="Run the analysis").is_visible()
