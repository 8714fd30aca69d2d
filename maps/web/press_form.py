"""Tell the page what can be printed and what can be chosen for it, as the catalogue declares it."""

from __future__ import annotations

from typing import Any

from geo.catalog.papers import LAYERS_OF_SHEET, MOST_TITLE_LETTERS, ORIENTATIONS, PAPERS, ZONES_OF_ATLAS

_PEOPLE, _WRITERS = ("viewer", "planner", "admin"), ("planner", "admin")
#: What can be printed: its route, who may, what can be chosen for it. ``drawn`` is for zones that somebody drew,
#: ``shown`` for what a browser can show, ``long`` how many sheets are drawn within a request: more are a job, of who
#: may have one. ``of`` are the parameters of which the first that is chosen on the page, or exists, is printed: without
#: any the kind is not offered.
_KINDS: tuple[dict[str, Any], ...] = (
    {
        "name": "sheet",
        "path": "/prints/sheet.pdf",
        "roles": _PEOPLE,
        "fields": ("zone", "paper", "orientation", "scale", "title", "layers", "basemap"),
        "drawn": True,
        "shown": True,
    },
    {
        "name": "atlas",
        "path": "/prints/atlas.pdf",
        "roles": _PEOPLE,
        "fields": ("by", "zone", "paper", "orientation", "title", "layers", "basemap"),
        "drawn": False,
        "shown": True,
        "long": 40,
    },
    {
        "name": "report",
        "path": "/prints/report.zip",
        "roles": _WRITERS,
        "fields": ("title", "unit"),
        "drawn": False,
        "shown": False,
    },
    {
        "name": "camera",
        "path": "/prints/camera.pdf",
        "roles": _WRITERS,
        "fields": (),
        "drawn": False,
        "shown": True,
        "of": ("camera",),
    },
    {
        "name": "sector",
        "path": "/prints/sector.pdf",
        "roles": _WRITERS,
        "fields": ("paper",),
        "drawn": False,
        "shown": True,
        "of": ("camera", "zone"),
    },
    {
        "name": "draft",
        "path": "/prints/draft.pdf",
        "roles": _WRITERS,
        "fields": ("draft",),
        "drawn": False,
        "shown": True,
        "of": ("draft",),
    },
)


def press_form() -> dict[str, Any]:
    """Return the kinds of prints, papers, orientations, layers of a sheet, and zones that an atlas has sheets of.

    Examples
    --------
    >>> form = press_form()
    >>> [kind["name"] for kind in form["kinds"]], form["paper"]
    (['sheet', 'atlas', 'report', 'camera', 'sector', 'draft'], 'A3')
    """
    return {
        "kinds": [{**kind, "roles": list(kind["roles"]), "fields": list(kind["fields"])} for kind in _KINDS],
        "papers": list(PAPERS),
        "paper": "A3",
        "orientations": list(ORIENTATIONS),
        "layers": list(LAYERS_OF_SHEET),
        "title_letters": MOST_TITLE_LETTERS,
        "by": list(ZONES_OF_ATLAS),
        "jobs": list(_WRITERS),
    }
