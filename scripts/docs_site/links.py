"""Check a built site: no request leaves it, every internal link and anchor leads somewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Attributes that make a browser fetch something by itself, by element; a link of <a> is followed by people only.
_FETCHED = {"src", "srcset", "data", "poster", "background"}
_URL_IN_STYLE = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")
#: Ways of a script to fetch from a fixed address.
_URL_IN_SCRIPT = re.compile(
    r"(?:fetch|open|import|importScripts|\.src\s*=|\.href\s*=)\s*\(?\s*['\"`](?:https?:)?//[^'\"`]+"
)


class Page(HTMLParser):
    """Collect what one page fetches, links to, and names as anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self._in_style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take one element."""
        given = {name: value or "" for name, value in attrs}
        self._in_style = tag == "style"
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        self.fetched += [given[name] for name in _FETCHED & given.keys()]
        if tag == "link" and not {"search", "next", "prev", "index"} & set(given.get("rel", "").split()):
            self.fetched.append(given.get("href", ""))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        self.fetched += _urls(given.get("style", ""))

    def handle_data(self, data: str) -> None:
        """Take the text of a style element."""
        if self._in_style:
            self.fetched += _urls(data)


def _urls(style: str) -> list[str]:
    return [a or b for a, b in _URL_IN_STYLE.findall(style)]


def is_outside(url: str) -> bool:
    """Return whether a URL names another host, or a protocol that a file browser has not."""
    parts = urlsplit(url)
    return bool(parts.netloc) or parts.scheme not in {"", "data"}


def problems(site: Path) -> list[str]:
    """Return one sentence for each request to another host and each internal link that leads nowhere."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    out = []
    for path, page in pages.items():
        here = path.relative_to(site)
        for url in page.fetched:
            if is_outside(url):
                out.append(f"{here} fetches {url}")
            elif not url.startswith("data:") and not _target(path, url).is_file():
                out.append(f"{here} fetches {url}, which is not there")
        for url in page.links:
            if is_outside(url):
                continue
            target, anchor = _target(path, url), unquote(urlsplit(url).fragment)
            if not target.is_file():
                out.append(f"{here} links to {url}, which is not there")
            elif anchor and target in pages and anchor not in pages[target].anchors:
                out.append(f"{here} links to {url}, which has no such anchor")
    for path in sorted(site.rglob("*.css")):
        urls = _urls(path.read_text(encoding="utf-8"))
        out += [f"{path.relative_to(site)} fetches {url}" for url in urls if is_outside(url)]
    for path in sorted(site.rglob("*.js")):
        found = _URL_IN_SCRIPT.finditer(path.read_text(encoding="utf-8"))
        out += [f"{path.relative_to(site)} fetches {match[0]}" for match in found]
    return out


def _target(page: Path, url: str) -> Path:
    path = unquote(urlsplit(url).path)
    return (page.parent / path).resolve() if path else page
