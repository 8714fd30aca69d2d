"""Define the sizes of the demo counties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

SizeName = Literal["small", "gulang", "yangxian"]


@dataclass(frozen=True)
class Size:
    """Counts of a fictional county; they are met exactly.

    Attributes
    ----------
    area_km2
        Area of the county, approximately.
    spacing
        Distance in metres between the points whose cells form every border: the resolution of the borders.
    townships, villages, grids
        Counts; villages include the residents' communities in the towns.
    microgrids
        Grids of level 2; 0 for none.
    communities
        Communities of the county town.
    town, seat
        Half the number of street blocks of the county town, and of the seat of every other township, along and across.
    town_grids, seat_grids
        General grids of one community of the county town, and of a seat.
    town_dedicated, seat_dedicated
        Dedicated grids (schools, hospitals, parks, offices) of the county town, and of a seat.
    cameras
        Rows of class 1, 2 and 3.
    obstacles
        Building footprints.
    """

    area_km2: float
    spacing: float
    townships: int
    villages: int
    grids: int
    microgrids: int
    communities: int
    town: tuple[int, int]
    seat: tuple[int, int]
    town_grids: int
    town_dedicated: int
    seat_grids: int
    seat_dedicated: int
    cameras: tuple[int, int, int]
    obstacles: int

    @property
    def rural_villages(self) -> int:
        """Return the number of villages that are no community of a town."""
        return self.villages - self.communities - (self.townships - 1)

    @property
    def rural_grids(self) -> int:
        """Return the number of grids of the rural villages, one natural village each."""
        urban = self.communities * self.town_grids + self.town_dedicated
        return self.grids - urban - (self.townships - 1) * (self.seat_grids + self.seat_dedicated)


#: ``gulang`` has the real scale of the county of that name, ``small`` a twentieth, ``yangxian`` two levels of grids.
#: Its 194 villages are one more than the county has. The 194 of the county's reports are governance centres, those of
#: 20 townships and 174 villages: here too, one village of each township has none of its own.
SIZES: Mapping[str, Size] = {
    "small": Size(
        area_km2=240, spacing=480, townships=2, villages=10, grids=40, microgrids=0, communities=2, town=(4, 3),
        seat=(2, 2), town_grids=4, town_dedicated=3, seat_grids=3, seat_dedicated=2, cameras=(82, 49, 169),
        obstacles=2_000,
    ),
    "gulang": Size(
        area_km2=5_000, spacing=600, townships=20, villages=194, grids=690, microgrids=0, communities=8, town=(8, 6),
        seat=(3, 2), town_grids=9, town_dedicated=18, seat_grids=5, seat_dedicated=3, cameras=(1_932, 1_159, 3_980),
        obstacles=40_000,
    ),
    "yangxian": Size(
        area_km2=3_200, spacing=290, townships=18, villages=290, grids=1_168, microgrids=10_515, communities=10,
        town=(9, 7), seat=(3, 3), town_grids=9, town_dedicated=20, seat_grids=6, seat_dedicated=3,
        cameras=(3_270, 1_962, 6_738), obstacles=80_000,
    ),
}  # fmt: skip
