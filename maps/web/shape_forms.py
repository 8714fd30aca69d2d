"""Tell the page which layers of areas can be drawn and which fields their forms have, as the catalogue declares."""

from __future__ import annotations

from typing import Any

from geo.catalog.layers import LAYERS
from maps.web.camera_form import described

#: Layer -> its fields, in the order of the form.
FORMS = {
    "grids": (
        *("code", "name", "kind", "level", "village", "parent", "urban_rural"),
        *("households", "population", "staff", "heads"),
    ),
    "areas": ("code", "name", "kind"),
    "places": ("code", "name", "kind", "claim", "parent", "weight"),
}


def shape_forms() -> dict[str, list[dict[str, Any]]]:
    """Return the fields of each layer: as those of a camera, with their names and those of their values.

    Examples
    --------
    >>> [(one["name"], one["words"]) for one in shape_forms()["areas"]][:2]
    [('code', ('代码', 'Code')), ('name', ('名称', 'Name'))]
    """
    return {name: [_named(name, field) for field in fields] for name, fields in FORMS.items()}


def _named(layer: str, name: str) -> dict[str, Any]:
    field = LAYERS[layer].field(name)
    return {
        **described(field),
        "words": (field.zh, field.en),
        "choices": [{"name": one.name, "words": (one.zh, one.en)} for one in field.values],
    }
