"""Make the pictures of sheets in docs/maps.md: six kinds of them, printed from the demo county.

    gridsight demo --out demo-county          # a store to print, where there is none yet
    python -m scripts.sheet_pictures demo-county/workspace.gpkg

Every picture is a WebP of less than 150 kB in docs/pictures.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image

from api.commands.console import opened_store
from api.representations.map_data_of_run import stored_map_data
from api.settings import Settings
from maps.map_data import MapData
from maps.print.atlas.whole_atlas import write_atlas
from maps.print.sheet import write_sheet

OUT = Path(__file__).resolve().parents[1] / "docs" / "pictures"
MAX_BYTES = 150_000
#: Pixels of the longer side.
SIDE = 1_150

Writer = Callable[[MapData, io.BytesIO], int]


def _sheet(zone: str | None = None, **options: str) -> Writer:
    """Return what writes one sheet, of the first zone of a layer where one is named, and the page to show."""

    def write(data: MapData, out: io.BytesIO) -> int:
        code = None if zone is None else f"{zone}:{data.zones[zone]['code'].iloc[-1 if zone == 'townships' else 7]}"
        write_sheet(data, out, zone=code, **options)
        return 0

    return write


def _index(data: MapData, out: io.BytesIO) -> int:
    return write_atlas(data, out).front - 1


PICTURES: dict[str, Writer] = {
    "sheet-county": _sheet(paper="A3"),
    "sheet-wall": _sheet(paper="A0"),
    "sheet-township": _sheet("townships", paper="A3"),
    "sheet-grid": _sheet("grids", paper="A4"),
    "sheet-natural": _sheet(paper="A4", classes="natural"),
    "sheet-index": _index,
}


def main() -> None:
    """Print the sheets and write a picture of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path, help="a workspace with a run, as of gridsight demo")
    with opened_store(Settings(), parser.parse_args().workspace) as store:
        data = stored_map_data(store)
    for name, write in PICTURES.items():
        out = io.BytesIO()
        page = write(data, out)
        print(f"{name}: {_written(out.getvalue(), page, OUT / f'{name}.webp'):,} bytes")


def _written(pdf: bytes, number: int, path: Path) -> int:
    """Write a page as WebP, as good as its bytes allow."""
    document = pdfium.PdfDocument(pdf)
    page = document[number]
    image = page.render(scale=2 * SIDE / max(page.get_size())).to_pil().convert("RGB")
    document.close()
    image = image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)
    for quality in (80, 68, 56, 44):
        data = io.BytesIO()
        image.save(data, "WEBP", quality=quality, method=6)
        if data.tell() < MAX_BYTES:
            break
    path.write_bytes(data.getvalue())
    return data.tell()


if __name__ == "__main__":
    main()
