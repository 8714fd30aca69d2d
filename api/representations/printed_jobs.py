"""Draw the prints of jobs as their owners see the store: with the role and the townships that they had when they asked.

The worker may read the whole county; what is drawn is read in the owner's name instead, so that in server mode the
database holds the scope.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import Any

from api.jobs import lifecycle
from api.jobs.print_options import Draw, Printed, owner_of, print_options_of
from api.representations.base_map_of_store import base_map_if_named
from api.representations.map_data_of_run import stored_map_data
from api.settings import Settings
from geo.catalog.papers import paper_lying
from geo.errors import BadValue
from geo.storage.protocol import Store
from geo.storage.records import Caller, Job, JobFile
from geo.studies.stored_runs import require_zone
from maps.map_data import MapData, of_claim
from maps.print.atlas.whole_atlas import write_atlas
from maps.print.sheet import write_sheet
from maps.print.sheet_options import SheetOptions, layers_named

#: Bytes that a file may have: it is kept in the store, and read into memory whole.
MOST_BYTES = 200_000_000
#: Seconds between two reports of progress; each is a transaction.
_PAUSE = 0.5

_PDF = "application/pdf"


def drawing(settings: Settings) -> Draw:
    """Return what draws the prints of jobs with these settings."""
    return partial(drawn_job, settings)


def drawn_job(settings: Settings, store: Store, job: Job, progress: Callable[[str, float], None]) -> Printed:
    """Return the file of a print, drawn as its owner sees the store.

    Raises
    ------
    GeoError
        What is asked for cannot be printed, or the file is too large to be kept.
    """
    options, owner = print_options_of(job), owner_of(job)
    mine = store.acting(owner)
    progress("读取批次 / reading the run", 0.02)
    with mine.snapshot():
        data = stored_map_data(mine, options.run, caller=owner)
        if options.zone is not None:
            require_zone(mine, mine.run(data.meta.run_id, layers=[]), options.zone)
    if options.claim is not None:
        data = of_claim(data, options.claim)
    out = BytesIO()
    with base_map_if_named(settings, mine, options.basemap) as base:
        data = replace(data, base=None if base is None else base.base)
        common: dict[str, Any] = {"paper": options.paper, "zone": options.zone, "lang": options.lang, "base": base}
        layers = layers_named(options.layers)
        if options.kind == "sheet":
            chosen = SheetOptions(options.orientation, options.scale, options.title, layers)
            progress("排版 / drawing", 0.3)
            write_sheet(data, out, **common, options=chosen)
        else:
            paper = paper_lying(options.paper, options.orientation)
            common |= {"paper": paper, "title": options.title, "layers": layers}
            write_atlas(data, out, by=options.by, townships=_scope(data, owner), progress=_pages(progress), **common)
    content = out.getvalue()
    if len(content) > MOST_BYTES:
        size, most = len(content) / 1e6, MOST_BYTES // 1_000_000
        raise BadValue(
            f"文件有 {size:.0f} MB，至多 {most} MB；请缩小范围，或用命令 gridsight print",
            f"the file has {size:.0f} MB, at most {most} MB are kept; choose a smaller extent, or use gridsight print",
        )
    name = f"{options.kind}-{data.meta.run_id}.pdf"
    return Printed(JobFile(job.id, name, _PDF, content, lifecycle.now()), data.meta.run_id)


def _scope(data: MapData, owner: Caller) -> frozenset[str] | None:
    return frozenset(owner.townships or ()) if data.partial == "townships" else None


def _pages(progress: Callable[[str, float], None]) -> Callable[[int, int], None]:
    """Return what is told of each page, and tells it on now and then: what it raises ends the drawing."""
    told = time.monotonic()

    def report(done: int, of: int) -> None:
        nonlocal told
        if done < of and time.monotonic() - told < _PAUSE:
            return
        told = time.monotonic()
        progress(f"第 {done} 页，共 {of} 页 / page {done} of {of}", 0.1 + 0.88 * done / of)

    return report
