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


@case("bomb-of-gdb.zip", REFUSED)
def _() -> bytes:
    return _packed("a.gdb/a00000001.gdbtable", bytes(200 << 20))


@case("bomb-in-kmz.zip", REFUSED)
def _() -> bytes:
    return _packed("a.kmz", _packed("doc.kml", b" " * (60 << 20)))


@case("of-macos-only.zip", REFUSED)
def _() -> bytes:
    return _packed("__MACOSX/._a.shp", b"x")


@case("laughs-in.zip", REFUSED)
def _() -> bytes:
    return _packed("a.kml", b'<!DOCTYPE kml [<!ENTITY a "b">]>' + _placemark("&a;").encode())


@case("laughs.gpx", REFUSED, "cameras")
def _() -> str:
    return '<!DOCTYPE gpx [<!ENTITY a "b">]><gpx><wpt lat="1" lon="2"><name>&a;</name></wpt></gpx>'


@case("deep.gpx", REFUSED, "cameras")
def _() -> str:
    return "<gpx><wpt>" + "<a>" * 500_000


@case("view.tab", REFUSED)
def _() -> str:
    return '!table\n!version 100\nDefinition Table\n  Type NATIVE\nopen table "/etc/passwd"\ncreate view v as\n'


@case("references.tab", REFUSED)
def _() -> str:
    return "!table\n<OGRVRTDataSource></OGRVRTDataSource>"


@case("references.mif", REFUSED)
def _() -> str:
    return "<OGRVRTDataSource></OGRVRTDataSource>"


@case("references.dxf", REFUSED)
def _() -> str:
    return "<OGRVRTDataSource></OGRVRTDataSource>"


@case("nested-blocks.dxf", REFUSED, "cameras")
def _() -> str:
    # Block k draws block k + 1 ten times; drawn in place that were 10 to the power of 12.
    blocks = []
    for k in range(12):
        drawn = f"0\nINSERT\n8\n0\n2\nB{k + 1}\n10\n0\n20\n0\n" * 10
        blocks.append(f"0\nBLOCK\n8\n0\n2\nB{k}\n10\n0\n20\n0\n{drawn}0\nENDBLK\n8\n0\n")
    last = "0\nBLOCK\n8\n0\n2\nB12\n10\n0\n20\n0\n0\nPOINT\n8\n0\n10\n0\n20\n0\n0\nENDBLK\n8\n0\n"
    entity = "0\nINSERT\n8\ncameras\n2\nB0\n10\n1\n20\n1\n"
    start = f"0\nSECTION\n2\nBLOCKS\n{''.join(blocks)}{last}0\nENDSEC\n0\nSECTION\n2\nENTITIES\n{entity}"
    return f"{start}0\nLINE\n8\ncameras\n10\nx\n"


@case("deep-paths.csv", REFUSED)
def _() -> str:
    return 'code,path\n1,"' + "[" * 60_000 + '"\n'


@case("many-path-parts.csv", REJECTED)
def _() -> str:
    return 'code,wkt\n1,"' + "1,2;" * 1_200_000 + '"\n2,"0,1;1,1;1,x"\n'


@case("hstore.csv", REFUSED)
def _() -> str:
    return "code,other_tags,building\n1," + '"' + '""a' * 30_000 + '"' + ",yes\n"
