"""Read WMTS services as they are: levels from 0 or 1, scales for 96 dpi, cropped matrices, either order of axes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyproj
import pytest

from geo.basemaps.opening import BaseMapTiles
from geo.basemaps.wmts_capabilities import RawMatrix, parsed
from geo.basemaps.wmts_matrices import pixel_sizes
from geo.catalog.base_maps import BaseMap
from geo.errors import BadValue, NotFound, SourceBroken, UnknownName, UnreadableFile
from tests.geo.basemaps import drawn_world as world
from tests.geo.basemaps.tile_hosts import ABSENT, Answer, TileHost, hosting, png

Z = 16
_DEGREE_M = 111319.49079327358
STANDARD_M, DPI_96_M = 0.00028, 0.0254 / 96

CAPABILITIES = """<?xml version="1.0"?>
<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1"
 xmlns:xlink="http://www.w3.org/1999/xlink" version="1.0.0">
<ows:OperationsMetadata><ows:Operation name="GetTile"><ows:DCP><ows:HTTP>
<ows:Get xlink:href="http://10.9.8.7:81/inner/wmts?"><ows:Constraint name="GetEncoding"><ows:AllowedValues>
<ows:Value>KVP</ows:Value></ows:AllowedValues></ows:Constraint></ows:Get></ows:HTTP></ows:DCP></ows:Operation>
</ows:OperationsMetadata>
<Contents><Layer><ows:Title>影像</ows:Title><ows:Identifier>img</ows:Identifier>
<ows:WGS84BoundingBox><ows:LowerCorner>102.5 37.1</ows:LowerCorner><ows:UpperCorner>103.6 38.1</ows:UpperCorner>
</ows:WGS84BoundingBox>
<Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style><Format>image/png</Format>
<TileMatrixSetLink><TileMatrixSet>own</TileMatrixSet></TileMatrixSetLink>{resource}</Layer>
<TileMatrixSet><ows:Identifier>own</ows:Identifier><ows:SupportedCRS>{crs}</ows:SupportedCRS>{matrices}</TileMatrixSet>
</Contents></Capabilities>"""
MATRIX = """<TileMatrix><ows:Identifier>{0}</ows:Identifier><ScaleDenominator>{1!r}</ScaleDenominator>
<TopLeftCorner>{2} {3}</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight>
<MatrixWidth>{4}</MatrixWidth><MatrixHeight>{5}</MatrixHeight></TileMatrix>"""


def capabilities(crs: str, matrices: Sequence[tuple], resource: str = "") -> bytes:
    listed = "".join(MATRIX.format(*one) for one in matrices)
    return CAPABILITIES.format(crs=crs, matrices=listed, resource=resource).encode()


def service(document: bytes, tile: Callable[[str, int, int], bytes | None]) -> Callable[[str], Answer]:
    """Return the answers of a WMTS: capabilities, tiles by keys and values, tiles by path."""

    def answer(path: str) -> Answer:
        query = {key.lower(): values[0] for key, values in parse_qs(urlsplit(path).query).items()}
        by_path = re.fullmatch(r"/rest/([^/]+)/(\d+)/(\d+)\.png", urlsplit(path).path)
        if by_path:
            data = tile(by_path[1], int(by_path[3]), int(by_path[2]))
        elif query.get("request") == "GetCapabilities":
            return 200, {"Content-Type": "text/xml"}, document
        else:
            assert query["layer"] == "img"
            assert query["tk"] == "key", "what the URL of the capabilities had besides goes with each tile"
            data = tile(query["tilematrix"], int(query["tilecol"]), int(query["tilerow"]))
        return ABSENT if data is None else png(data)

    return answer


def off(host: TileHost, crs: str, z: int = Z) -> float:
    base = BaseMap("a", "wmts", f"{host.url}/wmts?tk=key", crs)
    tiles = BaseMapTiles(base, Path(), is_bounded=True)

    def answer(zoom: int, x: int, y: int) -> bytes | None:
        try:
            return tiles.tile(zoom, x, y)[0]
        except NotFound:
            return None

    return world.distance_of_cross(answer, z)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("pixel_m", [STANDARD_M, DPI_96_M], ids=["0.28 mm", "96 dpi"])
@pytest.mark.parametrize(("crs", "north_first"), [("urn:ogc:def:crs:EPSG::4490", True), ("EPSG:4326", False)])
def test_degrees_of_the_whole_world(first: int, pixel_m: float, crs: str, north_first: bool) -> None:
    corner = (90.0, -180.0) if north_first else (-180.0, 90.0)
    matrices = [(k + first, 0.703125 / 2**k * _DEGREE_M / pixel_m, *corner, 2 << k, 1 << k) for k in range(Z - 3, Z)]

    def tile(name: str, column: int, row: int) -> bytes:
        return world.png(world.degree_tile(1 << (int(name) - first), column, row))

    with hosting(service(capabilities(crs, matrices), tile)) as host:
        assert off(host, crs[-4:]) < 1.0


@pytest.mark.parametrize("pixel_m", [STANDARD_M, DPI_96_M], ids=["0.28 mm", "96 dpi"])
def test_a_set_of_its_own_whose_matrices_are_cropped(pixel_m: float) -> None:
    """As public nodes of cities have it: levels from 0, origin 90 -180, and only as many tiles as the city needs."""
    pixels = [0.703125 / 2**k for k in range(9, Z)]
    scales = [pixel * _DEGREE_M / pixel_m for pixel in pixels]
    if pixel_m == DPI_96_M:
        assert round(scales[0]) == 577_792, "as the node of a city writes its first scale"
    matrices = []
    for level, (pixel, scale) in enumerate(zip(pixels, scales, strict=True)):
        column, row = int(283.7 / 256 / pixel), int(52.9 / 256 / pixel)
        matrices.append((level, scale, 90.0, -180.0, column + 1, row + 1))

    def tile(name: str, column: int, row: int) -> bytes:
        return world.png(world.degree_tile(1 << (9 + int(name)), column, row))

    with hosting(service(capabilities("urn:ogc:def:crs:EPSG::4490", matrices), tile)) as host:
        assert off(host, "4490") < 1.0
        assert off(host, "4490", Z - 1) < 1.0


@pytest.mark.parametrize("pixel_m", [STANDARD_M, DPI_96_M], ids=["0.28 mm", "96 dpi"])
def test_web_mercator_by_a_template_of_paths(pixel_m: float) -> None:
    """The capabilities name a host inside that is not ours to ask: tiles come from where the capabilities did."""
    matrices = [
        (f"m{z}", 156543.03392804097 / 2**z / pixel_m, -20037508.342789244, 20037508.342789244, 1 << z, 1 << z)
        for z in range(Z - 2, Z + 1)
    ]
    resource = (
        '<ResourceURL format="image/png" resourceType="tile" '
        'template="http://10.9.8.7:81/rest/{TileMatrix}/{TileRow}/{TileCol}.png"/>'
    )

    def tile(name: str, column: int, row: int) -> bytes:
        return world.png(world.mercator_tile(int(name[1:]), column, row))

    document = capabilities("urn:ogc:def:crs:EPSG:6.18.3:3857", matrices, resource)
    with hosting(service(document, tile)) as host:
        assert off(host, "3857") < 0.5
        assert all(path.startswith(("/wmts?", "/rest/")) for path in host.asked)


@pytest.mark.parametrize("north_first", [False, True])
def test_a_set_in_a_projected_crs_with_either_order_of_its_corner(north_first: bool) -> None:
    left, top, pixel = 300_000.0, 4_300_000.0, 2.0
    corner = (top, left) if north_first else (left, top)
    matrices = [("x", pixel / STANDARD_M, *corner, 400, 400)]
    there = world.projected(4544)

    def tile(_: str, column: int, row: int) -> bytes:
        return world.png(world.pixels(there, left + column * 512, top - row * 512, pixel, 256, 256))

    with hosting(service(capabilities("urn:ogc:def:crs:EPSG::4544", matrices), tile)) as host:
        assert off(host, "EPSG:4544") < 1.0
    x, y = pyproj.Transformer.from_crs(4490, 4544, always_xy=True).transform(*world.CROSS)
    assert left < x < left + 400 * 512
    assert top - 400 * 512 < y < top


def test_sizes_of_pixels_on_paper() -> None:
    """A scale for 96 dpi is 5.8 % more than the standard's: 2.958e8 and 2.795e8 are one level."""
    at_96 = [RawMatrix("1", 2.958293554545656e8, (90.0, -180.0), 256, 256, 2, 1)]
    standard = [RawMatrix("1", 2.795411320143589e8, (90.0, -180.0), 256, 256, 2, 1)]
    odd = [RawMatrix("1", 2.6e8, (90.0, -180.0), 256, 256, 2, 1)]
    assert (
        pixel_sizes(at_96, "degrees") == pixel_sizes(standard, "degrees") == pixel_sizes(odd, "degrees") == [0.703125]
    )
    own = [RawMatrix("1", 5 / STANDARD_M, (4e6, 3e5), 256, 256, 9, 9)]
    assert pixel_sizes(own, "EPSG:4544") == pytest.approx([5.0])


def test_what_a_service_lacks_is_said() -> None:
    document = capabilities("urn:ogc:def:crs:EPSG::4490", [("1", 2.9e8, 90.0, -180.0, 2, 1)])
    with hosting(service(document, lambda *_: None)) as host:
        with pytest.raises(BadValue, match="it has: own"):
            BaseMapTiles(BaseMap("a", "wmts", f"{host.url}/wmts", "3857"), None, is_bounded=True)
        with pytest.raises(UnknownName, match="there are: img"):
            BaseMapTiles(BaseMap("a", "wmts", f"{host.url}/wmts", "4490", layer="x"), None, is_bounded=True)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"<html><body>sign in</body></html>", "no layer"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "DOCTYPE"),
        (b"\x89PNG", "no XML"),
        *(
            (capabilities("urn:ogc:def:crs:EPSG::4490", [("1", scale, 90.0, west, 2, 1)]), "no layer or no matrix set")
            for scale, west in ((-1.0, -180.0), (1e-320, -180.0), (1e300, -180.0), (2.9e8, -1e300))
        ),
    ],
)
def test_capabilities_that_are_none(document: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        parsed(document)


def test_a_page_to_sign_in_is_no_capabilities() -> None:
    with (
        hosting(lambda _: (200, {"Content-Type": "text/html; charset=utf-8"}, b"<html></html>")) as host,
        pytest.raises(SourceBroken, match="web page"),
    ):
        BaseMapTiles(BaseMap("a", "wmts", f"{host.url}/wmts", "4490"), None, is_bounded=True)


def test_capabilities_that_only_lie_at_the_url_as_given() -> None:
    """A file behind a plain host knows no question: it is asked for with one, then without."""
    matrices = [(k, 0.703125 / 2**k * _DEGREE_M / STANDARD_M, 90.0, -180.0, 2 << k, 1 << k) for k in range(3)]
    document = capabilities("urn:ogc:def:crs:EPSG::4490", matrices)
    answers = {"/caps": (200, {"Content-Type": "application/xml"}, document)}
    with hosting(lambda path: answers.get(path, ABSENT)) as host:
        tiles = BaseMapTiles(BaseMap("a", "wmts", f"{host.url}/caps", "4490"), None, is_bounded=True)
        assert [one.id for one in tiles.source.matrices] == ["0", "1", "2"]
        assert host.asked == ["/caps?SERVICE=WMTS&REQUEST=GetCapabilities&VERSION=1.0.0", "/caps"]
