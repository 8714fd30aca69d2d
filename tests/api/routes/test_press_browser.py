"""Drive the choice of what is printed over the real application in Debian's chromium: form, preview, what is refused.

The county is that of tests/api/conftest.py: four grids in two villages, two townships.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pypdf
import pytest
from fastapi import FastAPI

from api.main import create_app
from api.settings import Settings
from geo.catalog.papers import MOST_TITLE_LETTERS
from tests.api.conftest import T1
from tests.browser import Tab, opened
from tests.serving import serving

#: The application that is served, whose queue can be held.
APP: list[FastAPI] = []


@pytest.fixture(scope="module")
def home(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("press") / "workspace.gpkg"
    shutil.copyfile(drawn, path)
    APP.append(create_app(Settings(workspace=path)))
    with serving(APP[-1]) as url:
        yield f"{url}/"


@pytest.fixture
def tab(chromium, home: str) -> Iterator[Tab]:
    with opened(chromium, home, locale="zh-CN") as made:
        yield made
        # What the service refuses on purpose is a failed request to the browser; one is given up by closing.
        made.complaints[:] = [
            one
            for one in made.complaints
            if "status of 4" not in one and "/prints/" not in one and "/results" not in one
        ]


def form(tab: Tab) -> None:
    tab.open()
    tab.page.click("#tab-export")
    tab.until("document.querySelectorAll('#print-zone option').length > 2")
    tab.rest()


def chosen(tab: Tab) -> dict[str, str]:
    """Return what the link asks for, without run and language."""
    href = tab.page.get_attribute("#print-sheet", "href")
    query = {name: values[0] for name, values in parse_qs(urlsplit(href).query).items()}
    assert query.pop("run")
    return {"path": urlsplit(href).path, **query}


def test_what_is_chosen_is_what_is_asked_for(tab: Tab) -> None:
    form(tab)
    page, press = tab.page, tab.page.locator("#press")
    assert chosen(tab) == {"path": "/prints/sheet.pdf", "paper": "A3", "lang": "zh"}
    press.get_by_role("combobox", name="纸张", exact=True).select_option("A4")
    press.get_by_role("combobox", name="方向", exact=True).select_option("portrait")
    press.get_by_label("比例尺 1:").fill("1:20,000")
    press.get_by_role("textbox", name="标题", exact=True).fill("春季核查")
    press.get_by_role("combobox", name="范围", exact=True).select_option(f"townships:{T1}")
    press.get_by_role("group", name="图上画什么").get_by_label("盲区").uncheck()
    press.get_by_role("combobox", name="语言", exact=True).select_option("en")
    assert chosen(tab) == {
        "path": "/prints/sheet.pdf", "paper": "A4", "lang": "en", "zone": f"townships:{T1}", "orientation": "portrait",
        "scale": "20000", "title": "春季核查", "layers": "cameras,coverage,roads,buildings,places",
    }  # fmt: skip
    # A scale that is no number is said here, and nothing can be asked for.
    press.get_by_label("比例尺 1:").fill("很大")
    assert "比例尺须是正整数" in page.locator("#press").inner_text()
    assert page.get_attribute("#print-sheet", "href") is None
    assert press.get_by_role("button", name="预览").is_disabled()
    press.get_by_label("比例尺 1:").fill("")
    # The names follow the language, and an atlas has its own choices.
    page.click("#lang")
    press.get_by_role("combobox", name="Purpose", exact=True).select_option("atlas")
    assert press.get_by_label("Scale 1:").is_hidden()
    assert press.get_by_role("textbox", name="Title", exact=True).get_attribute("maxlength") == str(MOST_TITLE_LETTERS)
    press.get_by_role("combobox", name="A sheet for each", exact=True).select_option("grids")
    assert chosen(tab)["path"] == "/prints/atlas.pdf"
    assert {name: chosen(tab)[name] for name in ("by", "title", "layers")} == {
        "by": "grids", "title": "春季核查", "layers": "cameras,coverage,roads,buildings,places",
    }  # fmt: skip
    tab.until("document.querySelector('.press-sheets').textContent === 'About 2 sheets'")
    press.get_by_role("combobox", name="Purpose", exact=True).select_option("report")
    press.get_by_role("textbox", name="Office", exact=True).fill("县综治中心")
    assert chosen(tab) == {"path": "/prints/report.zip", "lang": "en", "title": "春季核查", "unit": "县综治中心"}
    assert press.get_by_role("button", name="Preview").is_hidden()
    assert page.inner_text("#print-sheet") == "Download"


def test_the_extent_follows_what_is_chosen_on_the_page(tab: Tab) -> None:
    form(tab)
    tab.page.evaluate(f"gridsight.restoreScope('townships:{T1}')")
    tab.until(f"document.querySelector('#print-zone').value === 'townships:{T1}'")
    tab.page.evaluate("gridsight.clearScope()")
    tab.until("document.querySelector('#print-zone').value === ''")


def test_a_camera_a_zone_and_a_draft_are_offered_when_they_are_there(tab: Tab) -> None:
    form(tab)
    page, press = tab.page, tab.page.locator("#press")
    kinds = "[...document.querySelectorAll('#press-kind option')].map((one) => one.value).join(' ')"
    assert page.evaluate(kinds) == "sheet atlas report"
    page.evaluate(f"gridsight.restoreScope('townships:{T1}')")
    tab.until(f"{kinds} === 'sheet atlas report sector'")
    purpose = press.get_by_role("combobox", name="用途", exact=True)
    purpose.select_option("sector")
    assert chosen(tab) == {"path": "/prints/sector.pdf", "zone": f"townships:{T1}", "paper": "A3", "lang": "zh"}
    # A chosen camera is what is printed; its form has nothing more to choose.
    key = page.evaluate("gridsight.source.page('cameras', { limit: 1 }).then((found) => found.rows[0].key)")
    page.evaluate("(key) => gridsight.update({ selection: { layer: 'cameras', key, values: {}, shape: [] } })", key)
    tab.until(f"{kinds} === 'sheet atlas report camera sector'")
    assert chosen(tab) == {"path": "/prints/sector.pdf", "camera": key, "paper": "A3", "lang": "zh"}
    purpose.select_option("camera")
    assert chosen(tab) == {"path": "/prints/camera.pdf", "camera": key, "lang": "zh"}
    assert press.get_by_role("combobox", name="纸张", exact=True).is_hidden()
    answer = page.request.get(page.evaluate("document.querySelector('#print-sheet').href"))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    # What is no longer chosen is no longer offered; a draft is, once there is one.
    page.evaluate("gridsight.update({ selection: null })")
    page.evaluate("gridsight.clearScope()")
    tab.until(f"{kinds} === 'sheet atlas report'")
    assert chosen(tab)["path"] == "/prints/sheet.pdf"
    run = page.evaluate("gridsight.model.run.id")
    body = {"name": "春季方案", "run": run, "changes": {"removed": [key]}}
    made = page.evaluate("(body) => gridsight.desk.send('POST', '/drafts', body)", body)
    assert made["ok"], made
    page.click("#tab-gaps")
    page.click("#tab-export")
    tab.until(f"{kinds} === 'sheet atlas report draft'")
    purpose.select_option("draft")
    assert press.get_by_role("combobox", name="方案", exact=True).locator("option").all_inner_texts() == ["春季方案"]
    assert chosen(tab) == {"path": "/prints/draft.pdf", "draft": made["data"]["id"], "lang": "zh"}
    page.click("#lang")
    assert press.get_by_role("combobox", name="Draft", exact=True).is_visible()


def test_the_preview_is_the_file_itself(tab: Tab) -> None:
    form(tab)
    page, press = tab.page, tab.page.locator("#press")
    press.get_by_role("combobox", name="纸张", exact=True).select_option("A4")
    press.get_by_role("textbox", name="标题", exact=True).fill("春季核查")
    button = press.get_by_role("button", name="预览")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="预览")
    tab.until("document.querySelector('.press-frame').src.startsWith('blob:')")
    assert dialog.get_by_role("status").inner_text() == "这就是要打印的文件。"
    tab.until("document.querySelector('.press-frame').contentDocument.contentType === 'application/pdf'")
    with page.expect_download() as coming:
        dialog.get_by_role("link", name="下载").click()
    assert coming.value.suggested_filename == "gridsight-sheet.pdf"
    content = Path(coming.value.path()).read_bytes()
    assert "春季核查" in pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()
    dialog.get_by_role("button", name="关闭").click()
    assert dialog.is_hidden()
    assert page.evaluate("document.activeElement.textContent") == "预览"
    # What the service refuses is said in its words, and Escape leaves.
    press.get_by_label("比例尺 1:").fill("2")
    button.click()
    tab.until("document.querySelector('.press-status').textContent.includes('放不下')")
    assert "不能打印：1:2 放不下所选范围；这张纸上最大可用 1:" in dialog.inner_text()
    assert dialog.locator("iframe").is_hidden()
    page.keyboard.press("Escape")
    assert dialog.is_hidden()


def test_a_browser_without_a_viewer_downloads_it_on_a_phone_too(chromium, home: str) -> None:
    with opened(chromium, home, locale="en-GB", viewport={"width": 390, "height": 844}, has_touch=True) as tab:
        tab.page.add_init_script("Object.defineProperty(navigator, 'pdfViewerEnabled', { get: () => false })")
        form(tab)
        tab.page.locator("#press").get_by_label("Paper").select_option("A4")
        tab.page.evaluate("document.querySelector('#press [data-t=press_preview]').click()")
        tab.until("document.querySelector('.press-status').textContent.includes('download it to open it')")
        box = tab.page.get_by_role("dialog").bounding_box()
        assert (box["x"], box["width"]) == (0, 390)
        assert tab.page.get_by_role("link", name="Download").last.is_visible()


def long_atlas(tab: Tab) -> None:
    """Choose an atlas, of which one sheet is many."""
    form(tab)
    tab.page.evaluate("gridsight.config.pressForm.kinds.find((one) => one.name === 'atlas').long = 1")
    tab.page.get_by_role("combobox", name="用途", exact=True).select_option("atlas")
    tab.page.get_by_role("combobox", name="纸张", exact=True).select_option("A4")
    tab.until("document.querySelector('.press-sheets').textContent.startsWith('约 2 张图纸，作为任务排印')")


def test_a_long_atlas_is_a_job_whose_file_waits_for_its_owner(tab: Tab) -> None:
    long_atlas(tab)
    page, press = tab.page, tab.page.locator("#press")
    assert press.get_by_role("button", name="预览").is_hidden()
    running = APP[-1].state.jobs.running
    with running:  # nothing is drawn as long as somebody else has the turn
        press.get_by_role("button", name="开始排印").click()
        tab.until("document.querySelector('.press-job').textContent.includes('等待开始')")
        press.get_by_role("button", name="取消排印").click()
        tab.until("document.querySelector('.press-job').textContent.includes('已取消，没有留下文件')")
    assert press.get_by_role("link", name="下载文件").is_hidden()
    press.get_by_role("button", name="开始排印").click()
    press.get_by_role("link", name="下载文件").wait_for()
    assert press.locator(".press-job").get_by_role("status").inner_text() == "已排印"
    with page.expect_download() as coming:
        press.get_by_role("link", name="下载文件").click()
    assert coming.value.suggested_filename.startswith("atlas-")
    assert len(pypdf.PdfReader(coming.value.path()).pages) == 6
    # Who comes back finds it, in the language of the page.
    page.click("#lang")
    assert press.locator(".press-job").get_by_role("status").inner_text() == "It is drawn"
    form(tab)
    press.get_by_role("link", name="下载文件").wait_for()
    # What is refused is said in words.
    page.evaluate("gridsight.config.pressForm.papers.push('B5')")
    page.evaluate("gridsight.update({ base: null })")
    tab.until("document.querySelectorAll('#paper option').length === 6")
    long_atlas_again = page.get_by_role("combobox", name="用途", exact=True)
    page.evaluate("gridsight.config.pressForm.kinds.find((one) => one.name === 'atlas').long = 1")
    long_atlas_again.select_option("atlas")
    page.get_by_role("combobox", name="纸张", exact=True).select_option("B5")
    press.get_by_role("button", name="开始排印").click()
    tab.until("document.querySelector('.press-job').textContent.includes('没有纸张 B5')")
