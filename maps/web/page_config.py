"""Tell the page what it needs to know before it asks for data: its own settings, and what is the same on every page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from geo.catalog import headings
from geo.catalog.claims import PLACES_OF_RUN
from geo.catalog.layers import DRAWN, LAYERS, SCOPED
from geo.catalog.results import (
    CAUSES,
    GAPS,
    LEADING_FIGURES,
    OWN_ZONE_NAMES_FROM,
    RUN_LAYERS,
    SCOPED_RUN_LAYERS,
    SHARE_EDGES,
    SHARES,
    ZONE_LAYERS,
    ZONES,
    popup_rows,
)
from maps.style import coverage_classes, themes
from maps.style.words import WORDS
from maps.web import payload
from maps.web.analyze_form import analyze_form
from maps.web.camera_form import camera_form
from maps.web.import_form import import_form
from maps.web.press_form import press_form
from maps.web.shape_forms import shape_forms


def own(lang: str, *, mode: str, run: str | None) -> dict[str, Any]:
    """Return what a page is of: ``served`` or ``file``, the language that it opens in, and its run."""
    return {"mode": mode, "lang": lang, "run": run or "latest"}


@cache
def fixed() -> dict[str, Any]:
    """Return what is the same on every page: the words of both languages, colours, classes, names of layers."""
    return {
        "words": {key: list(pair) for key, pair in WORDS.items()},
        "style": themes.as_json(),
        "classes": [
            {"code": one.code, "low": one.low, "high": one.high, "text": [one.zh, one.en]}
            for one in coverage_classes.CLASSES
        ],
        "edges": list(SHARE_EDGES),
        "zoneLayers": list(ZONE_LAYERS),
        "zoneNamesFrom": {one.name: one.names_from for one in ZONES},
        "ownZoneNamesFrom": OWN_ZONE_NAMES_FROM,
        "zoneFields": list(payload.ZONE_FIELDS),
        "zoneColumns": ["name", *LEADING_FIGURES],
        "zonePopup": [{"text": list(heading), "fields": fields} for heading, fields in popup_rows()],
        "cameraPopup": list(LAYERS["cameras"].popup_fields),
        "cameraUnits": {one.name: one.unit for one in LAYERS["cameras"].fields if one.unit},
        "assumedTold": [[as_is, re.sub(r"\\(\d)", r"$\1", zh)] for as_is, zh in headings.ASSUMED_ZH],
        "figures": list(SHARES),
        "keys": {
            **{name: one.key for name, one in LAYERS.items()},
            **{name: table.key for name, table in RUN_LAYERS.items()},
            "verdicts": PLACES_OF_RUN.key,
            **payload.ROAD_KEYS,
        },
        "gapFields": list(GAPS.names),
        "decimals": _decimals(),
        "causes": list(CAUSES),
        "scoped": [*SCOPED_RUN_LAYERS, *SCOPED],
        "drawn": [
            {"name": name, "shapes": list(LAYERS[name].shapes), "zones": LAYERS[name].is_zones}
            for name in DRAWN
            if LAYERS[name].map_fields
        ],
    }


@cache
def desk_forms() -> dict[str, Any]:
    """Return the forms of the served page, which only a service can take."""
    return {
        "cameraForm": camera_form(),
        "analyzeForm": analyze_form(),
        "importForm": import_form(),
        "shapeForms": shape_forms(),
        "pressForm": press_form(),
    }


@cache
def fixed_script() -> str:
    """Return as a script what is the same on every served page, so that browsers keep it and each page is short."""
    return f"window.gridsightFixed = {payload.dumps(fixed() | desk_forms())};\n"


def table_headings() -> dict[str, Any]:
    """Return the headings of the tables that the one-file map makes itself: those of the service's downloads."""
    return {
        "zoneHeadings": _headings(ZONE_LAYERS[0], payload.ZONE_FIELDS),
        "gapHeadings": _headings("gaps", GAPS.names),
        "gapNames": [{"name": one.name, "text": [one.zh, one.en]} for one in headings.RUN_NAMES["gaps"]],
    }


def _headings(layer: str, names: Sequence[str]) -> dict[str, list[str]]:
    known = headings.run_fields(layer)
    return {name: [headings.heading(known[name], "zh"), headings.heading(known[name], "en")] for name in names}


def _decimals() -> dict[str, int]:
    known = {**headings.run_fields(ZONE_LAYERS[0]), **headings.run_fields("gaps")}
    places = {name: headings.decimals(one) for name, one in known.items()}
    return {name: one for name, one in places.items() if one is not None}
