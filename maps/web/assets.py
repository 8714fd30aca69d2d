"""Find the vendored browser files and the print font, and make a folium page need nothing else.

Folium names its scripts and styles by public addresses. Every one of them is replaced by our own copy or left out on
purpose; an address that is neither raises, so that no page ever asks another host for anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from branca.element import CssLink, Figure, JavascriptLink
from markupsafe import escape

from geo.errors import UnknownName

STATIC_DIR = Path(__file__).resolve().parent.parent / "static"
VENDOR_DIR = STATIC_DIR / "vendor"
#: Where the service mounts STATIC_DIR.
STATIC_URL = "/static"
#: Our own scripts and styles are named so in a folium element's default_js and default_css.
OWN = "app/"

#: Folium's address -> our file.
REPLACED = ((re.compile(r"/leaflet@1\.9\.\d+/dist/leaflet\.(js|css)$"), r"vendor/leaflet/leaflet.\1"),)
#: Folium's defaults that no layer of ours uses: they serve its markers, icons and HTML popups.
LEFT_OUT = (
    re.compile(r"/jquery-[\d.]+(\.min)?\.js$"),
    re.compile(r"/bootstrap@[\d.]+/dist/"),
    re.compile(r"/bootstrap-glyphicons\.css$"),
    re.compile(r"/fontawesome-free@[\d.]+/css/"),
    re.compile(r"/leaflet[.-]awesome[.-](markers|rotate)(\.min)?\.(js|css)$", re.IGNORECASE),
)


@dataclass(frozen=True)
class Asset:
    """Describe one vendored file; ``file`` is relative to the vendor folder, ``sha256`` hexadecimal."""

    name: str
    version: str
    licence: str
    file: str
    bytes: int
    sha256: str

    @property
    def path(self) -> Path:
        """Return where the file is."""
        return VENDOR_DIR / self.file


@cache
def manifest() -> tuple[Asset, ...]:
    """Return every vendored file with its origin, version, licence and hash."""
    entries = json.loads((VENDOR_DIR / "manifest.json").read_text(encoding="utf-8"))["files"]
    return tuple(Asset(**one) for one in entries)


def print_font() -> Path:
    """Return the TrueType font of the printed sheets (Noto Sans SC Regular, OFL-1.1)."""
    return VENDOR_DIR / "noto-sans-sc" / "NotoSansSC_400Regular.ttf"


def digest(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def local(url: str) -> str | None:
    """Return the file under STATIC_DIR that stands for an address, or None where it is left out on purpose.

    Raises
    ------
    UnknownName
        The address is neither ours, nor replaced, nor left out: a newer folium, or a plugin without a vendored copy.
    """
    if url.startswith(OWN):
        return url
    for pattern, ours in REPLACED:
        found = pattern.search(url)
        if found:
            return found.expand(ours)
    if any(pattern.search(url) for pattern in LEFT_OUT):
        return None
    raise UnknownName(f"页面引用了未收录的外部文件 {url}", f"the page names a file that is not vendored: {url}")


def linked(figure: Figure, nonce: str) -> str:
    """Return the head of a rendered folium figure with every script and style served from STATIC_URL."""

    def script(file: str) -> str:
        return f'<script nonce="{escape(nonce)}" src="{_versioned(file)}"></script>'

    def style(file: str) -> str:
        return f'<link rel="stylesheet" href="{_versioned(file)}">'

    return _head(figure, script, style)


def inlined(figure: Figure, nonce: str) -> str:
    """Return the head of a rendered folium figure with every script and style as text, pictures as data addresses."""

    def script(file: str) -> str:
        return f'<script nonce="{escape(nonce)}">{_script_text(STATIC_DIR / file)}</script>'

    def style(file: str) -> str:
        return f'<style nonce="{escape(nonce)}">{_style_text(STATIC_DIR / file)}</style>'

    return _head(figure, script, style)


def _head(figure: Figure, script: Callable[[str], str], style: Callable[[str], str]) -> str:
    # Reads the links that one render() gathered: a second render() would bring back the ones left out here.
    lines = []
    for child in figure.header._children.values():
        if isinstance(child, (JavascriptLink, CssLink)):
            file = local(child.url)
            if file is not None:
                lines.append(script(file) if isinstance(child, JavascriptLink) else style(file))
    return "\n".join(lines)


def _versioned(file: str) -> str:
    return f"{STATIC_URL}/{file}?v={_stamp(file, (STATIC_DIR / file).stat().st_mtime_ns)}"


@cache
def _stamp(file: str, _modified: int) -> str:
    return digest(STATIC_DIR / file)[:12]


def _script_text(path: Path) -> str:
    # Only the closing tag and a comment opener mean anything to the HTML reader; both stay what they were in a string.
    text = path.read_text(encoding="utf-8").replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return re.sub(r"//[#@] sourceMappingURL=\S+", "", text)


def _style_text(path: Path) -> str:
    def data(found: re.Match[str]) -> str:
        target = found.group(1).strip("\"'")
        if target.startswith(("data:", "#")):
            return found.group(0)
        source = (path.parent / target).resolve()
        kind = mimetypes.guess_type(source.name)[0] or "application/octet-stream"
        return f"url(data:{kind};base64,{base64.b64encode(source.read_bytes()).decode('ascii')})"

    return re.sub(r"url\(([^)]+)\)", data, path.read_text(encoding="utf-8")).replace("</style", "<\\/style")
