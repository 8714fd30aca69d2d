"""Make the pictures of the page in docs/maps.md: eight states of the served demo county, in a real chromium.

    gridsight demo --out demo-county          # a store to look at, where there is none yet
    python -m scripts.page_pictures demo-county/workspace.gpkg

Chinese is written in the font of the sheets (maps/static/vendor), so no font has to be installed. Every picture is a
WebP of less than 150 kB in docs/pictures.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from PIL import Image
from playwright.sync_api import sync_playwright

from api.main import create_app
from api.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "pictures"
FONTS = ROOT / "maps" / "static" / "vendor"
MAX_BYTES = 150_000
#: That of the system; else the one that Playwright brings.
CHROMIUM = Path("/usr/bin/chromium")
DESK, PHONE = (1280, 720), (390, 844)

Step = Callable[[Any], None]


def _near(page: Any) -> None:
    """Look at the first camera of the county from near."""
    page.evaluate(
        """async () => {
          const found = await gridsight.source.fetchJson("/ogc/collections/cameras/items?limit=1");
          await gridsight.select("cameras", String(found.features[0].id), { fly: true });
        }"""
    )


def _change(page: Any) -> None:
    _near(page)
    page.click("#tab-change")
    page.get_by_role("slider", name="方位角").wait_for()
    page.get_by_role("slider", name="方位角").fill("75")
    # The first preview analyses the county.
    while page.evaluate("gridsight.trial.isWaiting() || !gridsight.state.trial.answer"):
        page.wait_for_timeout(200)
    page.evaluate("gridsight.map.closePopup() && 0")


def _keys(page: Any) -> None:
    page.evaluate("gridsight.map.setZoom(14, { animate: false }) && 0")
    page.locator("a.skip").first.focus()
    page.keyboard.press("Enter")


def _township(page: Any) -> None:
    page.evaluate(
        """async () => {
          const found = await gridsight.source.page("townships", { limit: 1 });
          await gridsight.select("townships", found.rows[0].key, { fly: true });
        }"""
    )


def _panel(page: Any) -> None:
    page.click("#tab-zones")


#: Name -> size, colour scheme, whether the hints stay open, and what is done before the picture is taken.
STATES: dict[str, tuple[tuple[int, int], str, bool, Step | None]] = {
    "page-whole": (DESK, "light", True, None),
    "page-township": (DESK, "light", False, _township),
    "page-camera": (DESK, "light", False, _near),
    "page-change": (DESK, "light", False, _change),
    "page-dark": (DESK, "dark", False, _near),
    "page-keys": (DESK, "dark", False, _keys),
    "page-phone": (PHONE, "light", False, None),
    "page-phone-panel": (PHONE, "dark", False, _panel),
}


def main() -> None:
    """Take every picture, and say what each weighs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path, help="a workspace.gpkg of a county with a run; it is copied")
    parser.add_argument("--only", choices=STATES)
    asked = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    with (
        _prepared(asked.workspace) as workspace,
        _serving(workspace) as url,
        sync_playwright() as driver,
    ):
        path = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for name in [asked.only] if asked.only else STATES:
            print(f"{name}: {_taken(browser, url, name):,} bytes", flush=True)


@contextmanager
def _prepared(workspace: Path) -> Iterator[Path]:
    """Copy a workspace, and let the browser find the fonts of the sheets."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        shutil.copyfile(workspace, home / "workspace.gpkg")
        (home / "fonts").mkdir()
        for font in FONTS.glob("noto-sans*/*.ttf"):
            shutil.copy(font, home / "fonts")
        os.environ["XDG_DATA_HOME"] = folder
        yield home / "workspace.gpkg"


@contextmanager
def _serving(workspace: Path) -> Iterator[str]:
    """Serve a workspace on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        server = uvicorn.Server(uvicorn.Config(create_app(Settings(workspace=workspace)), log_config=None))
        thread = Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.05)
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)


def _taken(browser: Any, url: str, name: str) -> int:
    (width, height), scheme, has_hints, step = STATES[name]
    is_phone = width < 600
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce",
        locale="zh-CN", has_touch=is_phone, is_mobile=is_phone,
    )  # fmt: skip
    try:
        page = context.new_page()
        if not has_hints:
            page.add_init_script("localStorage.setItem('gridsight-hints', 'closed')")
        page.goto(f"{url}/")
        page.wait_for_selector('html[data-state="ready"]')
        if step is not None:
            step(page)
        page.wait_for_timeout(1_500)
        return _written(page.screenshot(), OUT / f"{name}.webp")
    finally:
        context.close()


def _written(png: bytes, path: Path) -> int:
    """Write a picture as WebP, as good as its bytes allow."""
    with Image.open(io.BytesIO(png)) as image:
        for quality in (88, 78, 66, 54):
            data = io.BytesIO()
            image.convert("RGB").save(data, "WEBP", quality=quality, method=6)
            if data.tell() < MAX_BYTES:
                break
    path.write_bytes(data.getvalue())
    return data.tell()


if __name__ == "__main__":
    main()
