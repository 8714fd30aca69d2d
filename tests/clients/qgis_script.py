"""Open a service in QGIS 3.22 as a planner's desktop does, and tell what it saw; run by /usr/bin/python3.

Arguments: a JSON object on stdin. ``ogc``, ``key`` (empty for none), ``how`` (basic, header), ``folder``, ``box`` in
degrees, ``day``. One JSON object on stdout.
"""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsMarkerSymbol,
    QgsProject,
    QgsRectangle,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
    QgsVectorTileBasicRenderer,
    QgsVectorTileBasicRendererStyle,
    QgsVectorTileLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

WEB = QgsCoordinateReferenceSystem("EPSG:3857")
DEGREES = QgsCoordinateReferenceSystem("EPSG:4326")


def main() -> None:
    asked = json.load(sys.stdin)
    os.environ["QGIS_AUTH_DB_DIR_PATH"] = asked["folder"]
    app = QgsApplication([], False)
    app.initQgis()
    try:
        credentials = {"basic": basic, "header": header, "": nothing}[asked["how"]](asked["key"])
        json.dump({"methods": QgsApplication.authManager().authMethodsKeys(), **look(asked, credentials)}, sys.stdout)
    finally:
        app.exitQgis()


def nothing(_key: str) -> dict:
    return {"features": "", "tiles": ""}


def basic(key: str) -> dict:
    """Keep the key as the password of an authentication, as the dialog of a connection does."""
    return _config("Basic", {"username": "key", "password": key, "realm": ""})


def header(key: str) -> dict:
    """Keep the key as a header, where this QGIS has that method of authentication."""
    if "APIHeader" in QgsApplication.authManager().authMethodsKeys():
        return _config("APIHeader", {"X-API-Key": key})
    return {"features": f" http-header:X-API-Key='{key}'", "tiles": f"&http-header:X-API-Key={key}"}


def _config(method: str, values: dict) -> dict:
    manager = QgsApplication.authManager()
    assert manager.setMasterPassword("master", True)
    made = QgsAuthMethodConfig(method)
    made.setName("service")
    for name, value in values.items():
        made.setConfig(name, value)
    stored = manager.storeAuthenticationConfig(made)
    assert stored[0] if isinstance(stored, tuple) else stored
    return {"features": f" authcfg='{made.id()}'", "tiles": f"&authcfg={made.id()}"}


def look(asked: dict, credentials: dict) -> dict:
    found: dict = {"layers": {}, "tiles": {}}
    box = QgsRectangle(*asked["box"])
    for name in asked["layers"]:
        uri = (
            f"url='{asked['ogc']}' typename='{name}' restrictToRequestBBOX='1' pageSize='1000'{credentials['features']}"
        )
        layer = QgsVectorLayer(uri, name, "OAPIF")
        one = {"valid": layer.isValid(), "error": layer.error().message()}
        if layer.isValid():
            one["fields"] = layer.fields().names()
            one["all"] = sum(1 for _ in layer.getFeatures())
            near = QgsFeatureRequest().setFilterRect(box)
            one["near"] = sorted(str(row[asked["keys"][name]]) for row in layer.getFeatures(near))
            if asked.get("day"):
                layer.setSubsetString(f"\"valid_from\" <= '{asked['day']}'")
                one["subset"] = sum(1 for _ in layer.getFeatures())
                layer.setSubsetString("")
            one["drawn"] = draw(layer, name, box, asked["folder"], "features")
        found["layers"][name] = one
        template = f"{asked['ogc']}/collections/{name}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}"
        source = f"type=xyz&url={template}&zmin=0&zmax=22{credentials['tiles']}"
        tiles = QgsVectorTileLayer(source, name)
        found["tiles"][name] = {
            "valid": tiles.isValid(),
            "drawn": draw(tiles, name, box, asked["folder"], "tiles") if tiles.isValid() else None,
        }
    return found


def draw(layer, name: str, box: QgsRectangle, folder: str, what: str) -> str:
    """Draw a layer in plain red over a white square of the box, and return the path of the picture."""
    red = {"color": "255,0,0", "outline_color": "255,0,0", "outline_style": "no"}
    line = QgsLineSymbol.createSimple({"color": "255,0,0", "width": "1"})
    point = QgsMarkerSymbol.createSimple({**red, "name": "square", "size": "3"})
    fill = QgsFillSymbol.createSimple({**red, "style": "solid"})
    by_kind = {QgsWkbTypes.PointGeometry: point, QgsWkbTypes.LineGeometry: line, QgsWkbTypes.PolygonGeometry: fill}
    if isinstance(layer, QgsVectorTileLayer):
        styles = []
        for kind, symbol in by_kind.items():
            style = QgsVectorTileBasicRendererStyle(str(kind), name, kind)
            style.setSymbol(symbol.clone())
            styles.append(style)
        renderer = QgsVectorTileBasicRenderer()
        renderer.setStyles(styles)
        layer.setRenderer(renderer)
    else:
        layer.setRenderer(QgsSingleSymbolRenderer(by_kind[layer.geometryType()].clone()))
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(WEB)
    settings.setExtent(QgsCoordinateTransform(DEGREES, WEB, QgsProject.instance()).transformBoundingBox(box))
    settings.setOutputSize(QSize(400, 400))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    path = os.path.join(folder, f"{what}-{name}.png")
    assert job.renderedImage().save(path)
    return path


main()
