"""Keep the analyses that changes of cameras are tried on: few, each of one state of the store, swapped whole."""

from __future__ import annotations

import threading
from collections import OrderedDict

from api.long_work import Turns
from geo.storage.protocol import Store
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.preview_changes import KeptAnalysis, kept_analysis, options_name, state_of

#: Analyses that are kept: of a county each takes some hundred megabytes.
_MOST = 2
_COMPUTING = ("正在准备试算，稍后重试", "an analysis is being prepared for previews; try again shortly")


class PreviewCache:
    """The last analyses that previews asked for, by their options.

    They are of the whole county, as runs are, and never sent: an answer holds the figures of zones and the views of the
    cameras that the caller itself named (docs/contract.md section 5). One that the store has outrun is brought up to
    date by whoever asks next, while others still finish with the old one, which nobody changes.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, KeptAnalysis] = OrderedDict()
        self._lock = threading.Lock()
        self._turns = Turns(1, waiting=6, seconds=60.0, busy=_COMPUTING)

    def get(self, county: Store, options: AnalyzeOptions) -> KeptAnalysis:
        """Return the analysis of the store as it is; ``county`` has rights on the whole county."""
        name = options_name(options)
        with county.snapshot():
            state = state_of(county, options)
        found = self._known(name)
        if found is not None and found.is_of(state):
            return found
        with self._turns.turn():
            # Whoever had the turn before may have made it.
            return self._put(name, kept_analysis(county, options, self._known(name)))

    def _known(self, name: str) -> KeptAnalysis | None:
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def _put(self, name: str, made: KeptAnalysis) -> KeptAnalysis:
        with self._lock:
            self._kept[name] = made
            self._kept.move_to_end(name)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return made
