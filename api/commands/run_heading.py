"""Say above an answer which run it is of, of what day its data are, and what was changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.commands.console import Console
from geo.sentences import in_language

if TYPE_CHECKING:
    from geo.storage.protocol import Store
    from geo.types import Run


@dataclass(frozen=True)
class RunHeading:
    """The run of an answer: its id, the day of its data, and notes as ``中文 / English``."""

    run: str
    data_date: str
    notes: tuple[str, ...]

    def members(self) -> dict[str, Any]:
        """Return what JSON tells of it beside the id."""
        return {"data_date": self.data_date, "notes": list(self.notes)}

    def print_to(self, console: Console) -> None:
        """Print a head line, and the notes on stderr."""
        console.print(f"批次 {self.run}，数据日期 {self.data_date}", f"run {self.run}, data of {self.data_date}")
        self.print_notes(console)

    def print_notes(self, console: Console) -> None:
        """Print the notes on stderr."""
        for note in self.notes:
            zh, en = (in_language(note, lang) for lang in ("zh", "en"))
            console.print_note(f"注意：{zh}", f"note: {en}")


def run_heading(store: Store, run: Run) -> RunHeading:
    """Return how old the answer of a run is."""
    from geo.studies.run_age import age_notes
    from geo.studies.stored_runs import data_day

    return RunHeading(run.id, data_day(store, run).isoformat(), age_notes(store, run))
