"""Refresh maps/static/vendor from npm and write its manifest; with --check, only verify what is there.

Browser libraries and the print font are committed, so that neither a user's machine nor the wheel needs npm. Raise a
version here, run ``make vendor``, read the difference, commit. Folium's asset names are mapped in
``maps/web/assets.py``.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

#: What stands beside the vendored files without being one.
OWN = frozenset({"manifest.json", ".gitattributes"})
VENDOR = Path(__file__).resolve().parent.parent / "maps" / "static" / "vendor"


@dataclass(frozen=True)
class Package:
    """Name one npm package: its pinned version, its licence as we read it, and file in it -> file in our folder."""

    name: str
    version: str
    licence: str
    files: dict[str, str]


PACKAGES = (
    # 1.9.x is the last Leaflet with the global L that folium's script needs.
    Package(
        "leaflet",
        "1.9.4",
        "BSD-2-Clause",
        {
            "dist/leaflet.js": "leaflet/leaflet.js",
            "dist/leaflet.css": "leaflet/leaflet.css",
            "dist/images/layers.png": "leaflet/images/layers.png",
            "dist/images/layers-2x.png": "leaflet/images/layers-2x.png",
            "dist/images/marker-icon.png": "leaflet/images/marker-icon.png",
            "dist/images/marker-icon-2x.png": "leaflet/images/marker-icon-2x.png",
            "dist/images/marker-shadow.png": "leaflet/images/marker-shadow.png",
            "LICENSE": "leaflet/LICENSE",
        },
    ),
    # The package is MIT, the font in it OFL-1.1; TrueType outlines, all of GB2312, one static weight.
    Package(
        "@expo-google-fonts/noto-sans-sc",
        "0.4.3",
        "OFL-1.1",
        {
            "400Regular/NotoSansSC_400Regular.ttf": "noto-sans-sc/NotoSansSC_400Regular.ttf",
            "LICENSE_FONT": "noto-sans-sc/LICENSE_FONT",
        },
    ),
    # Latin with all its accents, Greek, Cyrillic: what the first font lacks.
    Package(
        "@expo-google-fonts/noto-sans",
        "0.4.2",
        "OFL-1.1",
        {
            "400Regular/NotoSans_400Regular.ttf": "noto-sans/NotoSans_400Regular.ttf",
            "LICENSE_FONT": "noto-sans/LICENSE_FONT",
        },
    ),
    # Arabic script with its joined forms: what the first font lacks.
    Package(
        "@expo-google-fonts/noto-sans-arabic",
        "0.4.3",
        "OFL-1.1",
        {
            "400Regular/NotoSansArabic_400Regular.ttf": "noto-sans-arabic/NotoSansArabic_400Regular.ttf",
            "LICENSE_FONT": "noto-sans-arabic/LICENSE_FONT",
        },
    ),
    # Hangul: what the first font lacks.
    Package(
        "@expo-google-fonts/noto-sans-kr",
        "0.4.3",
        "OFL-1.1",
        {
            "400Regular/NotoSansKR_400Regular.ttf": "noto-sans-kr/NotoSansKR_400Regular.ttf",
            "LICENSE_FONT": "noto-sans-kr/LICENSE_FONT",
        },
    ),
    # Thai: what the first font lacks.
    Package(
        "@expo-google-fonts/noto-sans-thai",
        "0.4.2",
        "OFL-1.1",
        {
            "400Regular/NotoSansThai_400Regular.ttf": "noto-sans-thai/NotoSansThai_400Regular.ttf",
            "LICENSE_FONT": "noto-sans-thai/LICENSE_FONT",
        },
    ),
    Package(
        "swagger-ui-dist",
        "5.35.0",
        "Apache-2.0",
        {
            "swagger-ui-bundle.js": "swagger-ui/swagger-ui-bundle.js",
            "swagger-ui.css": "swagger-ui/swagger-ui.css",
            "favicon-32x32.png": "swagger-ui/favicon-32x32.png",
            "LICENSE": "swagger-ui/LICENSE",
            "NOTICE": "swagger-ui/NOTICE",
        },
    ),
)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(package: Package, folder: Path) -> Path:
    """Download one package with npm, whose client checks its integrity, and return the unpacked folder."""
    command = [
        "npm",
        "pack",
        "--json",
        "--silent",
        "--pack-destination",
        str(folder),
        f"{package.name}@{package.version}",
    ]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)[0]
    if answer["version"] != package.version:
        raise SystemExit(f"{package.name}: asked for {package.version}, got {answer['version']}")
    archive = folder / answer["filename"].replace("@", "").replace("/", "-")
    target = folder / archive.stem
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    return target / "package"


def refresh() -> list[dict[str, object]]:
    """Copy every listed file into the vendor folder and return the manifest's entries."""
    entries: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as name:
        for package in PACKAGES:
            source = fetch(package, Path(name))
            for inner, ours in package.files.items():
                target = VENDOR / ours
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((source / inner).read_bytes())
                entries.append(
                    {
                        "name": package.name,
                        "version": package.version,
                        "licence": package.licence,
                        "file": ours,
                        "bytes": target.stat().st_size,
                        "sha256": sha256(target),
                    }
                )
    return entries


def verify() -> list[str]:
    """Return one sentence for each file that is missing, changed, or not in the manifest."""
    entries = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))["files"]
    faults = []
    for one in entries:
        path = VENDOR / one["file"]
        if not path.is_file():
            faults.append(f"{one['file']} is missing")
        elif sha256(path) != one["sha256"]:
            faults.append(f"{one['file']} differs from the manifest")
    known = {one["file"] for one in entries} | OWN
    present = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    return faults + [f"{name} is not in the manifest" for name in sorted(present - known)]


def main(arguments: list[str]) -> int:
    """Refresh, unless asked only to check; then verify and say what was found."""
    if arguments != ["--check"]:
        entries = refresh()
        text = json.dumps({"source": "npm", "files": entries}, indent=1, ensure_ascii=False)
        (VENDOR / "manifest.json").write_text(text + "\n", encoding="utf-8")
        # A file that a newer package no longer has must not linger beside its successor.
        kept = {str(one["file"]) for one in entries} | OWN
        for path in VENDOR.rglob("*"):
            if path.is_file() and path.relative_to(VENDOR).as_posix() not in kept:
                path.unlink()
    faults = verify()
    print("\n".join(faults) if faults else "vendor: every file matches its manifest")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
