"""Say what a source of tiles offers: matrices in its projection, and the picture of each tile."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from geo.basemaps.extents import Extent
from geo.basemaps.matrices import Matrix
from geo.basemaps.pictures import decoded, resized


class TileSource(ABC):
    """A source of tiles; its methods may be called from several threads at once.

    Attributes
    ----------
    projection
        ``mercator``, ``degrees``, or ``EPSG:n`` of a projection in metres.
    matrices
        From coarse to fine.
    is_photo
        Whether its pictures are photographs, so that an answer may be JPEG.
    extent
        Where it has tiles at all, in degrees; None where it does not tell.
    """

    projection: str
    matrices: Sequence[Matrix]
    is_photo: bool = False
    extent: Extent | None = None

    @abstractmethod
    def picture(self, matrix: Matrix, column: int, row: int) -> bytes | None:
        """Return the picture of a tile as it is kept, None where there is none.

        Raises
        ------
        UnreadableFile
            The file is damaged there.
        SourceBroken, SourceSlow
            Another host has no picture, or none in time.
        """

    def pixels(self, matrix: Matrix, column: int, row: int) -> np.ndarray | None:
        """Return the picture of a tile as an array of the size of the matrix's tiles; errors as ``picture``."""
        data = self.picture(matrix, column, row)
        if data is None:
            return None
        found = decoded(data)
        if found.shape[:2] != (matrix.tall, matrix.wide):  # tiles for screens of twice the pixels, mostly
            found = resized(found, matrix.wide, matrix.tall)
        return found

    def close(self) -> None:  # noqa: B027 (few keep anything open)
        """Close what the source keeps open."""


def between(matrices: Sequence[Matrix], zooms: Sequence[float], levels: tuple[int, int] | None) -> list[Matrix]:
    """Return the matrices whose zooms lie within the levels of a base map, all where it names none.

    Examples
    --------
    >>> from geo.basemaps.matrices import mercator_matrix
    >>> [one.id for one in between([mercator_matrix(7), mercator_matrix(8)], [7.0, 8.0], (8, 16))]
    ['8']
    """
    if levels is None:
        return list(matrices)
    return [one for one, zoom in zip(matrices, zooms, strict=True) if levels[0] <= round(zoom) <= levels[1]]
