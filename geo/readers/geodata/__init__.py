"""Read files of shapes, each format with its guards: GDAL's, drawings, KML, GPX and the JSON forms."""
