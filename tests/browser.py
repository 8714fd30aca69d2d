"""Open pages in Debian's chromium, and hold what each asked for and complained of."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import needs

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched() -> Iterator:
    """Give a running chromium, and close it."""
    from playwright.sync_api import sync_playwright

    needs.require("browser")
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        try:
            yield running
        finally:
            running.close()


class Tab:
    """Hold one page with everything it asked for and complained about."""

    def __init__(self, page, home: str) -> None:
        self.page = page
        self.home = home
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self.hear)
        page.on("requestfailed", self.fail)

    def hear(self, message) -> None:
        # A violation of the policy is a console error too.
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def fail(self, request) -> None:
        # Tiles and counts of the view that are on their way when the page is left are given up by the browser.
        is_of_view = "/tiles/" in request.url or "/counts?" in request.url
        # So are the parts of the browser's own viewer of PDF.
        is_of_browser = request.url.startswith(("chrome:", "chrome-extension:"))
        if not (request.failure == "net::ERR_ABORTED" and (is_of_view or is_of_browser)):
            self.complaints.append(f"failed {request.url}")

    def open(self, rest: str = "") -> Tab:
        self.page.goto(self.home + rest)
        self.page.wait_for_selector('html[data-state="ready"]', timeout=60_000)
        # What the served page still fetches behind; leaving it half done would be a failed request.
        self.page.evaluate("gridsight.source.behind || null")
        return self

    def view(self) -> tuple[float, float, float]:
        return tuple(
            self.page.evaluate(
                "[gridsight.map.getZoom(), gridsight.map.getCenter().lat, gridsight.map.getCenter().lng]"
            )
        )

    def until(self, expression: str) -> None:
        """Wait for an expression to hold; the driver's own wait needs eval, which the policy forbids."""
        deadline = time.monotonic() + 30
        while not self.page.evaluate(f"Boolean({expression})"):
            assert time.monotonic() < deadline, expression
            self.page.wait_for_timeout(30)

    def fill(self, selector: str, text: str) -> None:
        """Type a text, and wait until the page has what it asked for because of it."""
        self.page.fill(selector, text)
        self.rest()

    def rest(self) -> None:
        """Wait until no list, table or search is on its way, and every tile of the view has come."""
        self.until("!document.querySelector('[aria-busy=true]')")
        self.page.evaluate("gridsight.source.settled()")

    def selected(self) -> str | None:
        return self.page.evaluate("gridsight.selection && gridsight.selection.layer + ':' + gridsight.selection.key")

    def foreign(self) -> list[str]:
        # The browser shows a PDF by a part of its own.
        local = ("data:", "blob:", "chrome:", "chrome-extension:", self.home.split("#")[0].rsplit("/", 1)[0])
        return [one for one in self.requests if not one.startswith(local)]


@contextmanager
def opened(chromium, home: str, *, is_first_visit: bool = False, **options) -> Iterator[Tab]:
    """Open a page in a context of its own, and fail where it went to another host or complained.

    Hints for the first visit lie over the map, and are closed but where they are what is tested.
    """
    settings = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", "accept_downloads": True}
    context = chromium.new_context(**{**settings, **options})
    context.set_default_timeout(30_000)
    if not is_first_visit:
        context.add_init_script("try { localStorage.setItem('gridsight-hints', 'closed'); } catch (refused) { /* */ }")
    tab = Tab(context.new_page(), home)
    try:
        yield tab
    finally:
        context.close()
    assert tab.foreign() == []
    assert tab.complaints == [], tab.complaints
