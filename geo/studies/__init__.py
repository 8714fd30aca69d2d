"""Answer one user question a function: read, analyse, store; the only place where analyses and stores meet."""

from __future__ import annotations

from geo.files import write_atomically
from geo.studies.analysis import SAVING, analyze, analyze_files, compute_run
from geo.studies.checking import check
from geo.studies.comparing import Comparison, compare, gaps, outage
from geo.studies.importing import import_file, import_frames
from geo.studies.locating import Gazetteer, locate_address, locate_point
from geo.studies.options import ZONE_LAYERS, AnalyzeOptions
from geo.studies.output import RUN_LAYERS, write_out

__all__ = [
    "RUN_LAYERS",
    "SAVING",
    "ZONE_LAYERS",
    "AnalyzeOptions",
    "Comparison",
    "Gazetteer",
    "analyze",
    "analyze_files",
    "check",
    "compare",
    "compute_run",
    "gaps",
    "import_file",
    "import_frames",
    "locate_address",
    "locate_point",
    "outage",
    "write_atomically",
    "write_out",
]
