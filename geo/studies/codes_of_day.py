"""Answer codes of grids of any day with the grids of one, and hold them against what an address or a point says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from geo.catalog.division_codes import code_text, compared_code
from geo.errors import BadValue
from geo.places.address.address_faults import Fault
from geo.places.address.answerer import MAX_CANDIDATES
from geo.places.address.match_faults import told_fault, with_fault
from geo.places.gazetteer import Gazetteer
from geo.places.grid_shares import GridShare
from geo.places.text_faults import future_code, old_code, unknown_code
from geo.sentences import sentence
from geo.storage.protocol import Store
from geo.studies.today_of_code import LaterCode, code_alone, later_code, today_of_code
from geo.types import Candidate, Match

_MAX_KNOWN = 50_000


class CodesOfDay:
    """Grids of a gazetteer's day by a code of any day: the rows of a list have few codes, many times each.

    Parameters
    ----------
    find
        Returns the grids of the day that own the ground of a code, the largest share first: see
        `geo.studies.today_of_code`. None: the codes of the day are known only.
    find_later
        Returns since when a code is used that is used only after the day. None: of no code is that known.

    Examples
    --------
    >>> from datetime import date
    >>> import geopandas as gpd
    >>> none = gpd.GeoDataFrame({"code": [], "name": [], "level": [], "kind": [], "parent": []}, geometry=[], crs=4326)
    >>> places = Gazetteer(none, none, none, lambda: none, at=date(2026, 1, 1), revision=1)
    >>> [one.code for one in CodesOfDay(places, lambda code: [GridShare("g7", 1.0)]).of("g1")]
    ['g7']
    """

    def __init__(
        self,
        gazetteer: Gazetteer,
        find: Callable[[str], Sequence[GridShare]] | None = None,
        find_later: Callable[[str], LaterCode | None] | None = None,
    ) -> None:
        self._gazetteer = gazetteer
        self._find, self._find_later = find or gazetteer.current_codes, find_later or _never
        self._known: dict[str, tuple[tuple[GridShare, ...], LaterCode | None]] = {}

    @classmethod
    def of_store(cls, gazetteer: Gazetteer, store: Store) -> CodesOfDay:
        """Return the codes of any day that a store knows."""
        day = gazetteer.at
        return cls(gazetteer, partial(today_of_code, store, at=day), partial(later_code, store, at=day))

    def of(self, code: str) -> tuple[GridShare, ...]:
        """Return the grids of the day that own the ground of a code."""
        return self._of(code)[0]

    def match(self, code: str) -> Match:
        """Return the grids of the day that a code of any day means; raise BadValue where it means none."""
        today, later = self._of(code)
        if later is not None:
            return self._of_later(code, later)
        if not today:
            raise BadValue(f"没有编码为 {code[:60]} 的网格", f"there is no grid of the code {code[:60]}")
        found, codes = self._gazetteer.grids_named(code, today), [one.code for one in today]
        if codes == [code_text(code)]:
            return found
        return with_fault(found, old_code(code[:60], codes, day=self._gazetteer.former.day), is_doubt=False)

    def instead_of(self, found: Match) -> Match:
        """Return the answer to a text that is a code alone, where it has no grid so far; else the answer as it is."""
        code = None if any(one.grid for one in found.candidates) else code_alone(str(found.query))
        if code is None:
            return found
        try:
            return replace(self.match(code), query=found.query)
        except BadValue:
            return found

    def held_against(self, found: Match, code: str) -> Match:
        """Return the answer to an address or point with what a code beside it has against it.

        A point is in its grid whatever code is written beside it.
        """
        fault = self._fault(found, code)
        return found if fault is None else told_fault(found, fault, is_doubt=isinstance(found.query, str))

    def _of_later(self, code: str, later: LaterCode) -> Match:
        """Return the answer to a code that is used only after the day: the grids of its ground, none sure."""
        fault = future_code(code, later.since, self._gazetteer.at.isoformat(), [one.code for one in later.grids])
        named = self._gazetteer.grids_named(code, later.grids)
        if later.grids:
            return with_fault(named, fault)
        return with_fault(replace(named, candidates=(Candidate(None, (), "grid", 0.0, "exact", None, None),)), fault)

    def _of(self, code: str) -> tuple[tuple[GridShare, ...], LaterCode | None]:
        if code not in self._known:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            today = tuple(self._find(code))
            self._known[code] = today, None if today else self._find_later(code)
        return self._known[code]

    def _fault(self, found: Match, code: str) -> Fault | None:
        """Return how the code of a row contradicts an answer; None where it does not.

        A code of a division that holds the answer, and of a microgrid in the grid that is the answer, agree with it.
        """
        shares, later = self._of(code)
        if later is not None:
            then = [one.code for one in later.grids]
            return future_code(code, later.since, self._gazetteer.at.isoformat(), then)
        today = [one.code for one in shares]
        chains = [[str(link["code"]) for link in one.chain] for one in found.candidates if one.grid is not None]
        own = {compared_code(code)} | {compared_code(one) for one in today}
        if any(own & {compared_code(link) for link in links} for links in chains):
            return None
        if not today:
            return unknown_code(code[:60])
        finer = {str(link["code"]) for one in today for link in self._gazetteer.hierarchy.chain_of_grid(one)}
        if not chains or len(chains) >= MAX_CANDIDATES or any(links[-1] in finer for links in chains):
            return None
        listed, named, day = ", ".join(links[-1] for links in chains), ", ".join(today), self._gazetteer.former.day
        zh, en = (f"{day} ", f"on {day}") if day else ("今天", "today")
        text = sentence(
            f"与网格编码不一致：查得网格 {listed}，编码{zh}是 {named}",
            f"it disagrees with the code of the grid: found is {listed}, the code is {en} {named}",
        )
        return {"code": "address_differs", "text": text}


def _never(code: str) -> None:
    """Return that a code is used on no later day."""
