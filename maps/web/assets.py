"""List the vendored browser files and the print font, and build pages from them alone.

Folium refers to its scripts and styles by public URLs. Each of them is replaced by a vendored file or omitted; a URL
that is neither raises an error, so that no page ever sends a request to another host.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from branca.element import CssLink, Figure, JavascriptLink
from markupsafe import escape

from geo.errors import UnknownName
from maps.web.page_config import fixed_script

STATIC_DIR = Path(__file__).resolve().parent.parent / "static"
VENDOR_DIR = STATIC_DIR / "vendor"
#: Where the service mounts STATIC_DIR.
STATIC_URL = "/static"
#: Prefix of the project's scripts and styles in a folium element's default_js and default_css.
OWN_PREFIX = "app/"
#: The one script and the one style sheet that the served page loads: those of the project in their order.
BUNDLES = {".js": "app.js", ".css": "app.css"}

#: Folium's URL -> vendored file.
VENDORED = ((re.compile(r"/leaflet@1\.9\.\d+/dist/leaflet\.(js|css)$"), r"vendor/leaflet/leaflet.\1"),)
#: Folium's defaults that the pages do not use: for its markers, icons and HTML popups.
OMITTED = (
    re.compile(r"/jquery-[\d.]+(\.min)?\.js$"),
    re.compile(r"/bootstrap@[\d.]+/dist/"),
    re.compile(r"/bootstrap-glyphicons\.css$"),
    re.compile(r"/fontawesome-free@[\d.]+/css/"),
    re.compile(r"/leaflet[.-]awesome[.-](markers|rotate)(\.min)?\.(js|css)$", re.IGNORECASE),
)
#: In the project's scripts: a line that is a comment, and blanks before code. None has a text of several lines.
_BESIDE_CODE = re.compile(r"^ *//.*\n|^ *(?:/\*\*.*\*/\n)?", re.MULTILINE)


@dataclass(frozen=True)
class Asset:
    """One vendored file; ``file`` is relative to the vendor folder, ``sha256`` hexadecimal."""

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


def vendored_file(url: str) -> str | None:
    """Return the file under STATIC_DIR that replaces a URL, None for a URL that is omitted.

    Raises
    ------
    UnknownName
        The URL is neither vendored nor omitted: a newer folium, or a plugin without a vendored copy.
    """
    if url.startswith(OWN_PREFIX):
        return url
    for pattern, file in VENDORED:
        found = pattern.search(url)
        if found:
            return found.expand(file)
    if any(pattern.search(url) for pattern in OMITTED):
        return None
    raise UnknownName(f"页面引用了未收录的外部文件 {url}", f"the page names a file that is not vendored: {url}")


def linked(figure: Figure, nonce: str) -> str:
    """Return the head of a rendered folium figure with every script and style served from STATIC_URL."""

    def script(file: str) -> str:
        return f'<script nonce="{escape(nonce)}" src="{_versioned(file)}"></script>'

    def style(file: str) -> str:
        return f'<link rel="stylesheet" href="{_versioned(file)}">'

    return _head(figure, script, style, bundled=True)


def inlined(figure: Figure, nonce: str) -> str:
    """Return the head of a rendered folium figure with every script and style inlined, images as data URLs."""

    def script(file: str) -> str:
        return f'<script nonce="{escape(nonce)}">{_script_text(STATIC_DIR / file)}</script>'

    def style(file: str) -> str:
        return f'<style nonce="{escape(nonce)}">{_style_text(STATIC_DIR / file)}</style>'

    return _head(figure, script, style)


def _head(
    figure: Figure,
    script: Callable[[str], str],
    style: Callable[[str], str],
    *,
    bundled: bool = False,
) -> str:
    """Return the head; ``bundled`` where all own scripts are sent as one file, and all own styles."""
    # Reads the links collected by one render(): a second render() would add the omitted links again.
    lines = []
    for child in figure.header._children.values():
        if isinstance(child, (JavascriptLink, CssLink)):
            file = vendored_file(child.url)
            if file is None:
                continue
            if bundled and file.startswith(OWN_PREFIX):
                file = BUNDLES[Path(file).suffix]
            line = script(file) if isinstance(child, JavascriptLink) else style(file)
            if line not in lines:
                lines.append(line)
    return "\n".join(lines)


def bundle_of(names: Sequence[str], suffix: str = ".js") -> str:
    """Return the project's scripts or styles of these names as one: a request for each delays the first picture.

    Scripts begin with what is the same on every page (``maps.web.page_config``), and go without the lines that are
    comments and without indentation: a sixth of what is sent.
    """
    texts = "\n".join((STATIC_DIR / f"{OWN_PREFIX}{name}{suffix}").read_text(encoding="utf-8") for name in names)
    return fixed_script() + _BESIDE_CODE.sub("", texts) if suffix == ".js" else texts


def _versioned(file: str) -> str:
    if file == BUNDLES.get(Path(file).suffix):
        return f"{STATIC_URL}/{file}?v={bundle_version(file)}"
    return f"{STATIC_URL}/{file}?v={_cache_buster(file, (STATIC_DIR / file).stat().st_mtime_ns)}"


def bundle_version(file: str) -> str:
    """Return what names the content of a bundle: of all the project's scripts, or of all its styles."""
    suffix = Path(file).suffix
    newest = max(one.stat().st_mtime_ns for one in (STATIC_DIR / OWN_PREFIX).glob(f"*{suffix}"))
    return _bundle_version(suffix, newest)


@cache
def _bundle_version(suffix: str, _modified: int) -> str:
    texts = b"".join(one.read_bytes() for one in sorted((STATIC_DIR / OWN_PREFIX).glob(f"*{suffix}")))
    first = fixed_script().encode() if suffix == ".js" else b""
    return hashlib.sha256(first + texts).hexdigest()[:12]


@cache
def _cache_buster(file: str, _modified: int) -> str:
    return digest(STATIC_DIR / file)[:12]


def _script_text(path: Path) -> str:
    # Only the closing tag and a comment opener are special to the HTML parser; both keep their value in a string.
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
