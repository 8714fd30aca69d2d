"""Read which form or sheet of cameras ``print`` is asked for, and draw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from geo.storage.protocol import Store
    from geo.types import Run
    from maps.map_data import MapData
    from maps.print.drawn_file import DrawnFile


@dataclass(frozen=True)
class WantedForm:
    """The options of forms; at most one of ``sector``, ``draft``, ``grid_draft`` and ``cameras`` alone is asked for."""

    cameras: tuple[str, ...]
    sector: bool
    draft: str | None
    zone: str | None
    paper: str | None
    grid_draft: str | None = None

    @property
    def is_any(self) -> bool:
        """Return whether a form is asked for rather than a sheet or an atlas."""
        return bool(self.cameras) or self.sector or self.draft is not None

    def require_fitting(self, others: Mapping[str, object]) -> None:
        """Raise UsageError where something is asked for that the form has not."""
        others = {**others, "--draft": self.draft if self.sector or self.cameras else None}
        if self.grid_draft is not None:
            mixed = {"--draft": self.draft, "--sector": self.sector, "--camera": self.cameras, "--zone": self.zone}
            _refuse("--grid-draft", {**others, **mixed}, self.paper, "A4")
        elif self.sector:
            _refuse("--sector", others)
            if bool(self.zone) == bool(self.cameras):
                raise click.UsageError("--sector 须配 --zone 或 --camera / --sector is with --zone or with --camera")
        elif self.cameras:
            _refuse("--camera", {**others, "--zone": self.zone}, self.paper, "A4")
        elif self.draft is not None:
            _refuse("--draft", {**others, "--zone": self.zone}, self.paper, "A3")

    def run_of(self, store: Store, run: str) -> str:
        """Return the run that the form is of."""
        from api.representations.printed_forms import run_of_draft
        from geo.studies.camera_drafts import named_draft

        return run if self.draft is None else run_of_draft(store, named_draft(store, self.draft), run)

    def drawn(self, store: Store, data: MapData, head: Run, lang: str) -> DrawnFile:
        """Return the pages; ``head`` is the run of the map."""
        from api.representations.printed_forms import checked_names, printed_camera_forms, printed_draft
        from geo.studies.camera_drafts import named_draft
        from geo.studies.preview_changes import kept_analysis, options_of
        from maps.print.forms.sector_sheet import sector_sheets

        if self.draft is not None:
            analysis = kept_analysis(store, options_of(head))
            return printed_draft(store, analysis, data, named_draft(store, self.draft), lang)
        if self.sector:
            names = checked_names(self.cameras) if self.cameras else ()
            return sector_sheets(data, names=names, zone=self.zone, paper=self.paper or "A3", lang=lang)
        return printed_camera_forms(store, data, self.cameras, lang)


def _refuse(of: str, others: Mapping[str, object], paper: str | None = None, own: str = "") -> None:
    for name, value in others.items():
        if value:
            raise click.UsageError(f"{name} 不用于 {of} / {name} is not for {of}")
    if paper is not None and paper.strip().upper() != own:
        raise click.UsageError(f"{of} 的纸张是 {own} / {of} is printed on {own}")
