"""Draw the pictures, build the site into build/docs, check its links: what ``make docs`` runs. No network is used."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from sphinx.cmd.build import build_main

from scripts.docs_site import links, pictures
from scripts.docs_site.navigation import INDEX, ROOT

#: The index stands in docs/, as in the repository; this page at the top leads there from the folder and from a server.
_FRONT = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>格眼 Gridsight</title>
<meta http-equiv="refresh" content="0; url={url}"></head>
<body><a href="{url}">格眼 Gridsight：文档 · Documentation</a></body></html>
"""


def build(out: Path) -> list[str]:
    """Build the site anew; return what is wrong with it. A warning of Sphinx is an error."""
    # A page that was renamed would stay, and links to it would seem to hold.
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory() as trees:
        words = ["-q", "-b", "html", "-W", "--keep-going", "-c", str(ROOT / "docs"), "-d", trees]
        if code := build_main([*words, str(ROOT), str(out)]):
            return [f"Sphinx ended with {code}"]
    front = out / "index.html"
    front.write_text(_FRONT.format(url=INDEX.replace(".md", ".html")), encoding="utf-8")
    return links.problems(out)


def main() -> int:
    """Run it; the exit code is 1 where a page, a link or a request is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "docs")
    parser.add_argument("--keep-pictures", action="store_true", help="use the pictures as they stand")
    given = parser.parse_args()
    begun = time.perf_counter()
    for path in [] if given.keep_pictures else pictures.write_all():
        print(path.relative_to(ROOT))
    wrong = build(given.out.resolve())
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    size = sum(path.stat().st_size for path in given.out.rglob("*") if path.is_file())
    print(f"{given.out / 'index.html'}  ({size / 1e6:.1f} MB, {time.perf_counter() - begun:.0f} s)")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
