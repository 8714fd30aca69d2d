"""Say where a map on paper lies on the ground, as a PDF viewport and as a world file, so that a GIS places it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
from pyproj.enums import WktVersion

#: Points per millimetre; decimals of degrees in a viewport, below a hundredth of a millimetre on the ground.
_POINTS_PER_MM, _DECIMALS = 72 / 25.4, 12


@dataclass(frozen=True)
class MapReference:
    """A map on a page: its rectangle on paper, what it shows of a projected CRS, grid north up.

    Attributes
    ----------
    x, y, width, height
        The rectangle in mm from the lower left corner of the page.
    left, bottom
        Its lower left corner in metres of the CRS.
    scale
        Its denominator.
    crs
        Of left and bottom.
    """

    x: float
    y: float
    width: float
    height: float
    left: float
    bottom: float
    scale: float
    crs: pyproj.CRS

    def ground(self, x: float, y: float) -> tuple[float, float]:
        """Return a place of the page, mm, in metres of the CRS; beyond the map too.

        Examples
        --------
        >>> sheet = MapReference(10, 20, 100, 100, 500_000, 4_000_000, 2_000, pyproj.CRS(4547))
        >>> sheet.ground(11, 20)
        (500002.0, 4000000.0)
        """
        metres = self.scale / 1000
        return self.left + (x - self.x) * metres, self.bottom + (y - self.y) * metres

    def viewport(self) -> str:
        """Return the viewport of a PDF page (ISO 32000-2, 12.9 and 12.10): the map's rectangle with its four corners.

        Corners are degrees, latitude first, of the geographic CRS below the projected one, as the standard has it.
        """
        corners = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)]
        ground = [self.ground(self.x + u * self.width, self.y + v * self.height) for u, v in corners]
        to_degrees = pyproj.Transformer.from_crs(self.crs, self.crs.geodetic_crs, always_xy=True)
        lon, lat = to_degrees.transform(*np.array(ground).T)
        gpts = " ".join(f"{v:.{_DECIMALS}f} {u:.{_DECIMALS}f}" for u, v in zip(lon, lat, strict=True))
        lpts = " ".join(f"{u:g} {v:g}" for u, v in corners)
        box = " ".join(
            f"{one * _POINTS_PER_MM:.6f}" for one in (self.x, self.y, self.x + self.width, self.y + self.height)
        )
        code = self.crs.to_epsg()
        epsg = "" if code is None else f" /EPSG {code}"
        wkt = self._wkt().replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        gcs = f"<< /Type /PROJCS{epsg} /WKT ({wkt}) >>"
        return (
            f"<< /Type /Viewport /BBox [ {box} ] /Measure << /Type /Measure /Subtype /GEO"
            f" /Bounds [ {lpts} ] /GPTS [ {gpts} ] /LPTS [ {lpts} ] /GCS {gcs} >> >>"
        )

    def world_file(self, page: tuple[float, float], pixels: tuple[int, int]) -> str:
        """Return the six lines of a world file of a picture of the whole page.

        Parameters
        ----------
        page
            Width and height of the page in mm.
        pixels
            Width and height of the picture.

        Examples
        --------
        A page of 100 x 50 mm at 1:1,000, a pixel a millimetre: a pixel is a metre, the first one's middle lies half a
        metre east and 49.5 m north of the lower left corner.

        >>> whole = MapReference(0, 0, 100, 50, 500_000, 4_000_000, 1_000, pyproj.CRS(4547))
        >>> whole.world_file((100, 50), (100, 50)).split()
        ['1.0000000000', '0.0', '0.0', '-1.0000000000', '500000.5000000', '4000049.5000000']
        """
        across, down = (side * self.scale / 1000 / count for side, count in zip(page, pixels, strict=True))
        west, north = self.ground(0.0, page[1])
        lines = [
            f"{across:.10f}", "0.0", "0.0", f"{-down:.10f}", f"{west + across / 2:.7f}", f"{north - down / 2:.7f}",
        ]  # fmt: skip
        return "\n".join([*lines, ""])

    def projection_file(self) -> str:
        """Return the CRS as a .prj file has it."""
        return self._wkt() + "\n"

    def _wkt(self) -> str:
        return _esri_wkt(self.crs.srs)


@lru_cache(maxsize=16)  # every page of an atlas asks for it
def _esri_wkt(crs: str) -> str:
    return pyproj.CRS(crs).to_wkt(WktVersion.WKT1_ESRI)
