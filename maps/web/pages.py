"""Write the planner's page: one self-contained file, or the served page that reads the API.

Folium provides the map skeleton; what it would load from public hosts is replaced by vendored files or omitted
(``maps.web.assets``). Both pages share one template and one set of scripts, under a content security policy without
other hosts or ``eval``.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import folium
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template
from jinja2 import Environment, PackageLoader

from geo import errors
from geo.basemaps.opening import BaseMapTiles
from geo.catalog.palette import LIGHT
from geo.files import write_atomically
from maps.map_data import MapData
from maps.style.words import WORDS, language_tag
from maps.web import assets, carried_tiles, page_config, payload
from maps.web.assets import STATIC_DIR
from maps.web.page_colours import page_colours

__all__ = ["STATIC_DIR", "csp", "page", "write_map"]

#: Largest one-file map in bytes (the limit of docs/maps.md: 5 MB for a county of 690 grids).
MAX_BYTES = 5_000_000
#: In the order of execution: each uses only those before it.
SCRIPTS = (
    *("base", "state", "parts", "i18n", "shapes", "model", "zonenames", "mvt", "tiles", "embedded", "served", "source"),
    *(
        "symbols",
        "verdicts",
        "alongroads",
        "describe",
        "sheets",
        "painting",
        "countcircles",
        "map",
        "ownground",
        "roadnames",
    ),
    *("drawing", "layers", "labels", "camerapopup", "sectors", "cameraseen", "scope", "select", "inview", "legend"),
    *("basemaps", "gaps", "zones", "suggestions", "coordinates", "locating", "search", "linkparts", "permalink"),
    *("export", "onesheet", "crosshair", "pullup", "hints"),
    *("measuregeo", "measure", "measurekinds", "measuremap", "start"),
)
#: Of the served page alone: what needs a service to answer.
DESK_SCRIPTS: tuple[str, ...] = (
    *("runage", "sightprofile", "measuresight", "sightroom", "drawnscope"),
    *("sheetrows", "sheetfilters", "sheetchoose", "sheet", "sheetmap"),
    *("changes", "changeparts", "changetrial", "changedial", "changeform", "changemap", "changefigures"),
    *("changeconflict", "changesave", "changedrafts", "changeoutage", "changehistory", "keptlists"),
    *("changekept", "change"),
    *("jobs", "presspreview", "pressjob", "press"),
    *("runparts", "runstart", "runmanage", "runcompare", "runtables", "rundifference", "runswipe", "runs"),
    *("dataspoken", "dataimport", "datapairs", "dataform", "datareport", "datamap", "datacheck", "data", "databegin"),
    *("shapemath", "shapelist", "shapenet", "shapeborders"),
    *("drawtools", "drawdivide", "drawmap", "drawform", "drawcorner", "drawsave", "drawkept", "draw"),
)
#: All scripts of the served page, in order; ``start`` is last, once all modules have added themselves.
SERVED_SCRIPTS = (*SCRIPTS[:-1], *DESK_SCRIPTS, SCRIPTS[-1])
#: Style sheets of both pages, in order. None has the name of a script of both: folium would keep one of the two.
STYLES = ("page", "ground", "read", "chosen", "change", "runs", "data", "gauge", "grid", "everyone", "drawn", "press")


class PlannerScripts(JSCSSMixin, MacroElement):
    """Scripts and styles of the page as an element of a folium map, which they start on."""

    _template = Template(
        "{% macro script(this, kwargs) %}gridsight.start({{ this._parent.get_name() }});{% endmacro %}"
    )
    default_js = [(name, f"{assets.OWN_PREFIX}{name}.js") for name in SCRIPTS]  # noqa: RUF012 (the form that folium requires)
    default_css = [(name, f"{assets.OWN_PREFIX}{name}.css") for name in STYLES]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca annotates no constructor


def csp(nonce: str, *, connect: str = "'self'", frames: str = "blob:") -> str:
    """Return the content security policy of the page.

    ``connect`` names where its script may send requests; ``frames`` what it may show within itself: files that it has
    fetched, as the preview of what is printed, and no address.
    """
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        f"img-src 'self' data: blob:; font-src 'self' data:; connect-src {connect}; frame-src {frames}; "
        "base-uri 'none'; form-action 'none'"
    )


def page(
    *,
    nonce: str,
    lang: str,
    run: str | None,
    role: str = "admin",
    user: str | None = None,
    import_bytes: int = 100_000_000,
) -> str:
    """Return the served page.

    Parameters
    ----------
    nonce
        The nonce of the response's policy (``csp``); a new one for every request.
    lang
        ``zh`` or ``en``: the language it opens in.
    run
        The run to show; None for the latest.
    role
        Of the reader (docs/contract.md section 5): the page requests nothing that this role may not read.
    user
        The name of the signed-in user, empty for none; None in embedded mode without keys, where nobody signs in.
    import_bytes
        The largest file that may be sent to be imported.

    Raises
    ------
    UnknownName
        The language is neither ``zh`` nor ``en``.
    """
    figure, parts = _skeleton()
    config = {**page_config.own(lang, mode="served", run=run), "role": role, "user": user or ""}
    config["importBytes"] = import_bytes
    return _render(
        lang,
        head=assets.linked(figure, nonce),
        nonce=nonce,
        config=config,
        asked=payload.dumps(_asked_first(config["run"])),
        served=True,
        data=None,
        policy=None,
        role=role,
        user=user,
        **parts,
    )


def _asked_first(run: str) -> list[str]:
    """Return what the page's scripts ask first: the page asks it while they are on their way."""
    name = quote(run, safe="!'()*")
    return ["/runs", f"/runs/{name}", f"/page/{name}/overview"]


def write_map(data: MapData, out: Path, *, lang: str = "zh", base: BaseMapTiles | None = None) -> None:
    """Write one HTML file that contains the whole map and needs no network.

    Parameters
    ----------
    data
        What to show, in any known CRS.
    out
        The file; written atomically (temporary file and rename).
    lang
        ``zh`` or ``en``: the language it opens in.
    base
        The opened base map whose tiles the file carries, as many as fit; None for none.

    Raises
    ------
    UnknownName
        The language is neither ``zh`` nor ``en``.
    SourceBroken, SourceSlow
        Another host does not give the base map's tiles.
    """
    figure, parts = _skeleton()
    config = page_config.own(lang, mode="file", run=data.meta.run_id) | page_config.fixed()
    config |= page_config.table_headings()
    bare = _render(
        lang,
        head=assets.inlined(figure, "0" * 32),
        nonce="0" * 32,
        config=config,
        served=False,
        data="",
        policy="",
        **parts,
    )
    budget = MAX_BYTES - len(bare.encode("utf-8")) - 1_024
    values = payload.payload(data, budget=budget - (0 if base is None else carried_tiles.RESERVED))
    if base is not None:
        left = budget - len(payload.dumps(values).encode("utf-8"))
        values["bases"], note = carried_tiles.carried(base, data, left)
        values["notes"].append(note)
    text = payload.dumps(values)
    # The nonce is a hash of the data, so the data cannot contain a script with it.
    nonce = hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]
    head = assets.inlined(figure, nonce)
    policy = csp(nonce, connect="'none'", frames="'none'").replace("'self' ", "")
    whole = _render(lang, head=head, nonce=nonce, config=config, served=False, data=text, policy=policy, **parts)
    write_atomically(Path(out), lambda path: path.write_text(whole, encoding="utf-8", newline="\n"))


@cache
def _skeleton() -> tuple[folium.Figure, dict[str, str]]:
    """Return a rendered folium figure and its map element and script."""
    chart = folium.Map(location=[35.0, 104.0], zoom_start=4, tiles=None, prefer_canvas=True, zoom_control=False)
    chart._id = "planner"  # a fixed id, so that the same data give the same bytes
    # Without tiles Leaflet has no maximum zoom, and fitting a point would not end.
    chart.options.update(max_zoom=21, min_zoom=3, attribution_control=False, zoom_snap=0.25, wheel_px_per_zoom_level=90)
    planner = PlannerScripts()
    planner._id = "planner"
    chart.add_child(planner)
    figure = cast(folium.Figure, chart.get_root())
    figure.render()
    return figure, {"map_html": figure.html.render(), "script": figure.script.render()}


@cache
def _templates() -> Environment:
    return Environment(loader=PackageLoader("maps"), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def _render(lang: str, *, config: dict[str, Any], **values: Any) -> str:
    if lang not in ("zh", "en"):
        raise errors.UnknownName(f"没有语言 {lang}，可用：zh、en", f"no language {lang}; there are: zh, en")
    index = 0 if lang == "zh" else 1
    return (
        _templates()
        .get_template("page.html")
        .render(
            html_lang=language_tag(lang),
            t=lambda key: WORDS[key][index],
            config=payload.dumps(config),
            colours=page_colours(),
            light=LIGHT,
            **{"role": "admin", "user": None, **values},
        )
    )
