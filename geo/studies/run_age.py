"""Tell of a stored run what day its data are of, and whether its layers were changed since."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from geo.catalog.layers import INPUTS, LAYERS
from geo.sentences import sentence
from geo.studies.stored_runs import data_day

if TYPE_CHECKING:
    from geo.storage.protocol import Store
    from geo.types import Run

#: Layers that a run is computed from.
SOURCES = (*INPUTS, "places", "claims")
#: Member of a run's summary: layer -> its revision when the run read it.
REVISIONS = "revisions"


def revisions(store: Store, layers: Iterable[str] = SOURCES) -> dict[str, int]:
    """Return how far each layer is that a run is computed from.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     revisions(store, ["cameras"])
    {'cameras': 0}
    >>> folder.cleanup()
    """
    return {name: store.revision(name) for name in layers}


def changed_layers(store: Store, run: Run) -> list[str]:
    """Return the layers that were changed after the run had read them, by any program; none for an older run.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.types import Run
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     changed_layers(store, Run("0190", "2026-03-01T00:00:00.000Z", {}, {"revisions": {"places": 3}}))
    ['places']
    >>> folder.cleanup()
    """
    read = run.summary.get(REVISIONS) or {}
    known = {name: number for name, number in read.items() if name in SOURCES}
    return [name for name, number in known.items() if store.revision(name) != number]


def age_notes(store: Store, run: Run, *, hidden: Collection[str] = ()) -> tuple[str, ...]:
    """Return what makes a run other than the data are now, as ``中文 / English``: changed layers, a later run's day.

    Parameters
    ----------
    store, run
        The store as its caller may read it, and a run in it.
    hidden
        Layers that the caller is told nothing about.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.types import Run
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     for note in age_notes(store, Run("0190", "2026-03-01T00:00:00.000Z", {}, {"revisions": {"places": 3}})):
    ...         print(note.partition(" / ")[2])
    changed after this run: Places; its answers are of before that, analyse again
    >>> folder.cleanup()
    """
    notes = []
    changed = [LAYERS[name] for name in changed_layers(store, run) if name not in hidden]
    if changed:
        notes.append(
            sentence(
                f"{'、'.join(one.zh for one in changed)}在此批次之后改过，答案仍是改动之前的，请重新运行分析",
                f"changed after this run: {', '.join(one.en for one in changed)}; its answers are of before that, "
                "analyse again",
            )
        )
    day = data_day(store, run)
    later = max(((data_day(store, one), one.id) for one in store.runs()), default=(day, run.id))
    if later[0] > day:
        notes.append(
            sentence(
                f"此批次的数据是 {day} 的；数据日期最新的批次是 {later[1]}（{later[0]}）",
                f"the data of this run are of {day}; the run of the latest data is {later[1]} ({later[0]})",
            )
        )
    return tuple(notes)
