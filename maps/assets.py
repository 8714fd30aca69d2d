"""Find the vendored browser files and the print font, and rewrite a folium page so that it needs nothing else.

Folium names its scripts and styles by public addresses. Every one of them is replaced by our own copy or left out on
purpose; an address that is neither raises, so that no page ever asks another host for anything.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STATIC_DIR = Path(__file__).resolve().parent / "static"
VENDOR_DIR = STATIC_DIR / "vendor"


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
