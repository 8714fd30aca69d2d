"""Make drawings that mean harm: KML, and what comes from other programs; each says what must become of it."""

from __future__ import annotations

import io
import zipfile

from tests.hostile.hostile_files import REFUSED, REJECTED, case

_KML = '<kml xmlns="http://www.opengis.net/kml/2.2">'


def _placemark(content: str) -> str:
    return f"{_KML}<Placemark>{content}</Placemark></kml>"


@case("laughs.kml", REFUSED)
def _() -> str:
    laughs = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))
    return f'<!DOCTYPE kml [<!ENTITY l0 "lol">{laughs}]>{_placemark("<name>&l9;</name>")}'


@case("external-entity.kml", REFUSED)
def _() -> str:
    return f'<!--{"-x" * 40_000}--><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>{_placemark("&x;")}'


@case("wide-entity.kml", REFUSED)
def _() -> bytes:
    text = f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE kml [<!ENTITY a "b">]>{_placemark("&a;")}'
    return text.encode("utf-16")


@case("link.kml", REFUSED)
def _() -> str:
    return f"{_KML}<NetworkLink><Link><href>/vsicurl/http://127.0.0.1/</href></Link></NetworkLink></kml>"


@case("deep.kml", REFUSED)
def _() -> str:
    return _KML + "<Folder>" * 500_000


@case("deep-shapes.kml", REJECTED)
def _() -> str:
    point = "<Point><coordinates>1,2</coordinates></Point>"
    return _placemark("<MultiGeometry>" * 20 + point + "</MultiGeometry>" * 20)


@case("many-elements.kml", REFUSED)
def _() -> str:
    return _placemark("<a/>" * 2_000_000)


@case("many-vertices.kml", REJECTED)
def _() -> str:
    return _placemark(f"<LineString><coordinates>{'1,2 ' * 1_200_000}</coordinates></LineString>")


@case("open-tags.kml", REJECTED)
def _() -> str:
    return _placemark(f"<description><![CDATA[{'<tr><td' * 28_000}]]></description>")


@case("reference.kml", REFUSED)
def _() -> str:
    layer = "<OGRVRTLayer name='a'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
    return f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"


def _packed(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


@case("bomb.kmz", REFUSED)
def _() -> bytes:
    return _packed("doc.kml", _KML.encode() + b" " * (60 << 20))


@case("slip.kmz", REFUSED)
def _() -> bytes:
    return _packed("../doc.kml", _placemark("").encode())


@case("laughs.kmz", REFUSED)
def _() -> bytes:
    return _packed("doc.kml", b'<!DOCTYPE kml [<!ENTITY a "b">]>' + _placemark("&a;").encode())
