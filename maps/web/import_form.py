"""Tell the page which layers a file can be imported as, with the fields that a column can be read for."""

from __future__ import annotations

from typing import Any

from geo.catalog import headings
from geo.catalog.fields import POSITION
from geo.catalog.layers import LAYERS
from geo.catalog.options import IMPORT_MODES


def import_form() -> dict[str, Any]:
    """Return the layers with name, both titles and fields, and the modes.

    Examples
    --------
    >>> form = import_form()
    >>> form["layers"][0]["name"], form["modes"][0]
    ('divisions', 'upsert')
    """
    layers = [
        {
            "name": name,
            "text": [headings.title(name, "zh", of_run=False), headings.title(name, "en", of_run=False)],
            "fields": [
                [one.name, one.zh, one.en]
                for one in (*layer.fields, *layer.also_read, *(POSITION if layer.is_placed else ()))
            ],
        }
        for name, layer in LAYERS.items()
    ]
    return {"layers": layers, "modes": list(IMPORT_MODES)}
