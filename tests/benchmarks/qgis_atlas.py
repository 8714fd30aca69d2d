"""Print sheets and atlases of a county by QGIS's layouts, as bench_atlas.py does by ours; run by /usr/bin/python3.

Arguments: the folder with the layers as GeoPackages, a folder to write to, what to print: ``A3`` and ``A0``, sheets
of the county, ``townships`` and ``grids``, atlases on A3. For each one line of JSON: seconds, those of the processor,
pages, bytes and the most memory held so far, in MB.

The layout has what any sheet must have: map, codes and names, legend, scale bar, grid, title, page number. It has no
tables, no notes, no directory and no links, and symbols and labels are not thinned, but placed by QGIS.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLinePatternFillSymbolLayer,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsPrintLayout,
    QgsProject,
    QgsRectangle,
    QgsRendererCategory,
    QgsSingleSymbolRenderer,
    QgsTextFormat,
    QgsUnitTypes,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor, QFont

SIZES = {"A3": (420.0, 297.0), "A0": (1189.0, 841.0)}
COLOURS = {1: "#edf2f7", 2: "#c4d8e8", 3: "#8fb4d2", 4: "#4f87b3", 5: "#1d5480", 0: "#ffffff", -1: "#d9d9d9"}
MARGIN, PANEL = 8.0, 100.0


def main() -> None:
    """Print what is asked for."""
    folder, out, *asked = sys.argv[1:]
    app = QgsApplication([], False)
    app.initQgis()
    try:
        layers = opened(Path(folder))
        for what in asked:
            print(json.dumps({"what": what, **printed(what, layers, Path(out) / f"qgis-{what}.pdf")}), flush=True)
    finally:
        QgsProject.instance().clear()
        app.exitQgis()


def opened(folder: Path) -> dict:
    """Return the layers there are, styled, topmost first, and put them into the project."""
    found = {}
    for name, style in STYLES.items():
        path = folder / f"{name}.gpkg"
        if not path.exists():
            continue
        layer = QgsVectorLayer(str(path), name, "ogr")
        if not layer.isValid():
            raise SystemExit(f"QGIS cannot open {path}")
        style(layer)
        QgsProject.instance().addMapLayer(layer)
        found[name] = layer
    QgsProject.instance().setCrs(found["grids"].crs())
    return found


def grids(layer: QgsVectorLayer) -> None:
    """Colour by class, nothing seen hatched; label by code."""
    categories = []
    for code, colour in COLOURS.items():
        symbol = QgsFillSymbol.createSimple({"color": colour, "outline_color": "#808080", "outline_width": "0.1"})
        if code == 0:
            symbol.appendSymbolLayer(hatch("#808080"))
        categories.append(QgsRendererCategory(code, symbol, str(code)))
    layer.setRenderer(QgsCategorizedSymbolRenderer("class", categories))
    labelled(layer, "code", 5.0)


def hatch(colour: str) -> QgsLinePatternFillSymbolLayer:
    """Return a line pattern."""
    made = QgsLinePatternFillSymbolLayer()
    made.setDistance(1.0)
    made.setLineAngle(45)
    made.setSubSymbol(QgsLineSymbol.createSimple({"color": colour, "width": "0.12"}))
    return made


def townships(layer: QgsVectorLayer) -> None:
    """Draw borders and names."""
    symbol = QgsFillSymbol.createSimple({"style": "no", "outline_color": "#404040", "outline_width": "0.4"})
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
    labelled(layer, "name", 8.0)


def gaps(layer: QgsVectorLayer) -> None:
    """Hatch gaps."""
    symbol = QgsFillSymbol.createSimple({"style": "no", "outline_color": "#a03020", "outline_width": "0.1"})
    symbol.appendSymbolLayer(hatch("#a03020"))
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))


def cameras(layer: QgsVectorLayer) -> None:
    """Draw a symbol for each class."""
    shapes = {"1": "triangle", "2": "square", "3": "circle"}
    layer.setRenderer(
        QgsCategorizedSymbolRenderer(
            "class",
            [
                QgsRendererCategory(
                    value,
                    QgsMarkerSymbol.createSimple(
                        {"name": shapes.get(value, "diamond"), "size": "1.2", "color": "#203040"}
                    ),
                    value,
                )
                for value in ("1", "2", "3", "")
            ],
        )
    )


def roads(layer: QgsVectorLayer) -> None:
    """Draw lines with names."""
    layer.setRenderer(QgsSingleSymbolRenderer(QgsLineSymbol.createSimple({"color": "#b0a080", "width": "0.3"})))
    labelled(layer, "name", 5.0)


def obstacles(layer: QgsVectorLayer) -> None:
    """Fill footprints."""
    symbol = QgsFillSymbol.createSimple({"color": "#c8c8c8", "outline_color": "#909090", "outline_width": "0.06"})
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
    layer.setScaleBasedVisibility(True)
    layer.setMinimumScale(25_000)


#: Topmost first.
STYLES = {
    "cameras": cameras,
    "townships": townships,
    "gaps": gaps,
    "obstacles": obstacles,
    "roads": roads,
    "grids": grids,
}


def labelled(layer: QgsVectorLayer, field: str, size: float) -> None:
    """Label each row with a field, with a halo."""
    text = QgsTextFormat()
    text.setFont(QFont("WenQuanYi Micro Hei"))
    text.setSize(size)
    halo = text.buffer()
    halo.setEnabled(True)
    halo.setSize(0.4)
    text.setBuffer(halo)
    settings = QgsPalLayerSettings()
    settings.fieldName = field
    settings.setFormat(text)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)


def printed(what: str, layers: dict, path: Path) -> dict:
    """Lay out and print one sheet or atlas, and return how long and how large."""
    start, began = time.perf_counter(), time.process_time()
    layout, view = laid_out(layers, *SIZES["A0" if what == "A0" else "A3"])
    settings = QgsLayoutExporter.PdfExportSettings()
    settings.forceVectorOutput = True
    pages = 1
    if what in SIZES:
        view.zoomToExtent(grown(layers["grids"].extent()))
        result = QgsLayoutExporter(layout).exportToPdf(str(path), settings)
    else:
        atlas = layout.atlas()
        atlas.setCoverageLayer(layers[what])
        atlas.setEnabled(True)
        atlas.setSortFeatures(True)
        atlas.setSortExpression("code")
        view.setAtlasDriven(True)
        view.setAtlasScalingMode(QgsLayoutItemMap.Auto)
        view.setAtlasMargin(0.05)
        result, _error = QgsLayoutExporter.exportToPdf(atlas, str(path), settings)
        pages = layers[what].featureCount()
    if result != QgsLayoutExporter.Success:
        raise SystemExit(f"QGIS could not print {what}: {result}")
    seconds, busy = time.perf_counter() - start, time.process_time() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return {"seconds": seconds, "busy": busy, "pages": pages, "bytes": path.stat().st_size, "memory": most}


def laid_out(layers: dict, width: float, height: float) -> tuple:
    """Return a layout of one page and its map."""
    layout = QgsPrintLayout(QgsProject.instance())
    layout.initializeDefaults()
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(width, height, QgsUnitTypes.LayoutMillimeters))
    view = QgsLayoutItemMap(layout)
    view.setRect(0, 0, 20, 20)
    view.setLayers(list(layers.values()))
    placed(layout, view, MARGIN, 2 * MARGIN, width - PANEL - 2 * MARGIN, height - 3 * MARGIN)
    view.setFrameEnabled(True)
    view.grid().setEnabled(True)
    view.grid().setIntervalX(5_000)
    view.grid().setIntervalY(5_000)
    view.grid().setAnnotationEnabled(True)
    legend = QgsLayoutItemLegend(layout)
    legend.setLinkedMap(view)
    placed(layout, legend, width - PANEL, 2 * MARGIN, PANEL - MARGIN, height / 2)
    bar = QgsLayoutItemScaleBar(layout)
    bar.setStyle("Single Box")
    bar.setLinkedMap(view)
    bar.setUnits(QgsUnitTypes.DistanceKilometers)
    bar.setUnitsPerSegment(1)
    placed(layout, bar, width - PANEL, height - 4 * MARGIN, PANEL - MARGIN, 2 * MARGIN)
    for text, x, y in (
        ("[% coalesce(@atlas_pagename, '') %] [% attribute(@atlas_feature, 'name') %]", MARGIN, MARGIN),
        ("[% @atlas_featurenumber %] / [% @atlas_totalfeatures %]", width - PANEL, height - 2 * MARGIN),
    ):
        label = QgsLayoutItemLabel(layout)
        label.setText(text)
        label.setFont(QFont("WenQuanYi Micro Hei", 12))
        label.setFontColor(QColor("black"))
        placed(layout, label, x, y, PANEL, MARGIN)
    return layout, view


def placed(layout: QgsPrintLayout, item: object, x: float, y: float, width: float, height: float) -> None:
    """Add an item to a layout where it belongs, in mm from the upper left corner."""
    layout.addLayoutItem(item)
    item.attemptMove(QgsLayoutPoint(x, y, QgsUnitTypes.LayoutMillimeters))
    item.attemptResize(QgsLayoutSize(width, height, QgsUnitTypes.LayoutMillimeters))


def grown(extent: QgsRectangle) -> QgsRectangle:
    """Return an extent with a margin of 2 %."""
    return extent.buffered(0.02 * max(extent.width(), extent.height()))


main()
