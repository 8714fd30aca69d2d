"""Hold what a print is asked for as a job, and in whose name and scope it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, cast

from geo.catalog.papers import ORIENTATIONS, PAPERS, ZONES_OF_ATLAS
from geo.errors import BadValue, UnknownName
from geo.storage.protocol import Store
from geo.storage.records import Caller, Job, JobFile

PRINT = "print"
#: What can be printed as a job; the first is what is where nothing is asked for.
KINDS = ("atlas", "sheet")
#: The input of a stored job that has the townships of its owner; no caller can give it.
_SCOPE = "townships"


@dataclass(frozen=True)
class Printed:
    """The file of a print, and the run that it is of."""

    file: JobFile
    run: str


#: Draws the print of a job: the store, the job, and what is told each step and its share of the work.
Draw = Callable[[Store, Job, Callable[[str, float], None]], Printed]


@dataclass(frozen=True)
class PrintOptions:
    """What is to be printed: see ``/prints/atlas.pdf`` and ``/prints/sheet.pdf``, whose parameters these are.

    ``scale`` is of a sheet, ``by`` is of an atlas.
    """

    kind: str = KINDS[0]
    by: str = ZONES_OF_ATLAS[0]
    paper: str = "A3"
    orientation: str = ORIENTATIONS[0]
    run: str = "latest"
    zone: str | None = None
    claim: str | None = None
    lang: str = "zh"
    basemap: str | None = None
    scale: int | None = None
    title: str = ""
    layers: str | None = None

    def checked(self) -> None:
        """Raise UnknownName for a name that there is not, BadValue for what the kind does not have."""
        for value, known, zh in (
            (self.kind, KINDS, "印刷品"),
            (self.by, ZONES_OF_ATLAS, "分图方式"),
            (self.paper, tuple(PAPERS), "纸张"),
            (self.orientation, ORIENTATIONS, "方向"),
            (self.lang, ("zh", "en"), "语言"),
        ):
            if value not in known:
                listed = ", ".join(known)
                raise UnknownName(
                    f"没有{zh} {value[:40]}，可用：{listed}", f"there is no {value[:40]}; there are: {listed}"
                )
        if self.kind != "sheet" and self.scale is not None:
            raise BadValue("scale 只用于 sheet", "scale is for a sheet")

    def as_dict(self) -> dict[str, Any]:
        """Return them as the inputs of a job."""
        return asdict(self)


def inputs_of(options: PrintOptions, caller: Caller) -> dict[str, Any]:
    """Return the inputs to store: the options, and the townships of the caller, whatever a request says."""
    return {**options.as_dict(), _SCOPE: None if caller.townships is None else list(caller.townships)}


def print_options_of(job: Job) -> PrintOptions:
    """Return the options of a print."""
    return PrintOptions(**{name: value for name, value in job.inputs.items() if name != _SCOPE})


def owner_of(job: Job) -> Caller:
    """Return the caller that asked for a print, with the role and the townships of then: it is drawn as they see it."""
    townships = job.inputs[_SCOPE]
    role = cast(Any, job.role)
    return Caller(job.owner, role, None if townships is None else tuple(townships), key=key_of(job))


def key_of(job: Job) -> str:
    """Return the key of the caller that asked for a job; empty where its name is its id (``Caller.id``)."""
    return "" if job.owner_id == job.owner else job.owner_id


def cannot_draw(_store: Store, _job: Job, _progress: Callable[[str, float], None]) -> Printed:
    """Raise BadValue: this process runs analyses only."""
    raise BadValue("此进程不排印", "this process prints nothing")
