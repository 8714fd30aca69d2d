"""Check the vendored files against their manifest, and that no page can name a foreign one."""

from __future__ import annotations

import base64
import re

import folium
import pytest
from folium.plugins import MarkerCluster

from geo.errors import UnknownName
from maps.web import assets


def test_manifest_names_every_file_with_its_licence_and_hash() -> None:
    listed = {one.file for one in assets.manifest()}
    files = [path for path in assets.VENDOR_DIR.rglob("*") if path.is_file()]
    present = {path.relative_to(assets.VENDOR_DIR).as_posix() for path in files}
    assert present == listed | {"manifest.json", ".gitattributes"}
    for one in assets.manifest():
        assert one.licence in {"BSD-2-Clause", "OFL-1.1", "Apache-2.0"}
        assert re.fullmatch(r"\d+\.\d+\.\d+", one.version)
        assert one.path.stat().st_size == one.bytes
        assert assets.digest(one.path) == one.sha256, one.file


def test_every_package_carries_its_licence_text() -> None:
    folders = {one.file.split("/")[0] for one in assets.manifest()}
    texts = {one.file.split("/")[0] for one in assets.manifest() if "LICENSE" in one.file}
    assert texts == folders


def test_print_font_is_a_truetype_file() -> None:
    with assets.print_font().open("rb") as file:
        assert file.read(4) == b"\x00\x01\x00\x00"


def test_every_default_of_folium_is_replaced_or_left_out() -> None:
    defaults = [url for _, url in (*folium.Map.default_js, *folium.Map.default_css)]
    ours = [assets.vendored_file(url) for url in defaults]
    assert [one for one in ours if one] == ["vendor/leaflet/leaflet.js", "vendor/leaflet/leaflet.css"]


@pytest.mark.parametrize(
    "url",
    [
        "https://unpkg.com/leaflet.vectorgrid@latest/dist/Leaflet.VectorGrid.js",
        "https://cdn.example/leaflet@2.0.0/dist/leaflet.js",
        "http://localhost/app/base.js",
    ],
)
def test_an_unknown_address_raises(url: str) -> None:
    with pytest.raises(UnknownName, match="not vendored"):
        assets.vendored_file(url)


def test_a_plugin_without_a_vendored_copy_raises() -> None:
    chart = folium.Map(tiles=None)
    MarkerCluster().add_to(chart)
    figure = chart.get_root()
    figure.render()
    with pytest.raises(UnknownName):
        assets.linked(figure, "n")


def test_linked_head_has_only_paths_of_this_host_and_the_nonce() -> None:
    figure = folium.Map(tiles=None).get_root()
    figure.render()
    head = assets.linked(figure, 'abc"><script>')
    assert "<script>" not in head
    assert re.findall(r'(?:src|href)="(/static/[^"?]+)\?v=[0-9a-f]{12}"', head) == [
        "/static/vendor/leaflet/leaflet.js",
        "/static/vendor/leaflet/leaflet.css",
    ]


def test_inlined_head_names_no_file_and_keeps_pictures_as_data() -> None:
    figure = folium.Map(tiles=None).get_root()
    figure.render()
    head = assets.inlined(figure, "abc")
    assert 'src="' not in head.split("<script", 2)[1].split(">")[0]
    assert "sourceMappingURL" not in head
    pictures = re.findall(r"url\(data:image/png;base64,([^)]+)\)", head)
    assert pictures
    assert all(base64.b64decode(one).startswith(b"\x89PNG") for one in pictures)
    assert not re.search(r"url\((?!data:|#)", head)
    assert head.count("</script") == head.count("<script nonce")
