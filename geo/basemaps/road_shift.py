"""Measure how far the lines of a picture are off those of another: where the two fit best, moved against each other.

Roads stand out of a map, and mostly of an image, by their contrast to what is beside them. The contrast is correlated
with a picture of our roads for every shift within reach, by the Fourier transform; whether roads are lighter or darker
than what is beside them, the fit itself tells.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: Half the side, in pixels, of the surroundings that a line stands out of; and of what counts as one line.
_AROUND, _LINE = 10, 3
#: Contrast beyond this multiple of its root mean square counts no more: letters are stronger than roads, and fewer.
_STRONGEST = 2.5
#: Contrast below this, of 255, is none: that of rounding, or of a packed plain ground.
_FAINTEST = 0.5
#: A peak less than this many standard deviations above all other shifts is none.
MIN_PEAK = 7.0
#: Pixels round the peak that belong to it.
_PEAK_REACH = 12
#: Pixels within which good and bad fits lie beside each other, and within which their middle is the best.
_BESIDE, _NEAR = 14, 4


class Shift(NamedTuple):
    """A shift in pixels, to the right and down, and how far it stands out, in standard deviations of the others."""

    right: float
    down: float
    peak: float

    @property
    def is_sure(self) -> bool:
        """Return whether it stands out so far that it is no accident."""
        return self.peak >= MIN_PEAK


def shift_of(picture: np.ndarray, roads: np.ndarray, reach: int) -> Shift:
    """Return by how much a picture lies to the right of, and below, our roads.

    Parameters
    ----------
    picture
        Red, green, blue, opacity; what is transparent counts nothing.
    roads
        Our roads where they belong: 1 on a road, else 0; of the same rows and columns.
    reach
        Longest shift in pixels that is looked for, along each axis.

    Examples
    --------
    >>> picture = np.full((200, 200, 4), 255, dtype=np.uint8)
    >>> picture[:, 90:93, :3] = picture[60:63, :, :3] = 90
    >>> roads = np.zeros((200, 200))
    >>> roads[:, 80:83] = roads[40:43, :] = 1
    >>> found = shift_of(picture, roads, 40)
    >>> round(found.right), round(found.down), found.is_sure  # two roads alone may fit by accident
    (10, 20, False)
    """
    lines = contrast(picture)
    # A road and what is beside it: contrast there tells as much against a shift as that on the road tells for it.
    wanted = _smooth(roads.astype(float)) - _blurred(roads.astype(float), _AROUND)
    if not lines.any() or not wanted.any():
        return Shift(0.0, 0.0, 0.0)
    fits = _correlated(_smooth(lines), wanted, reach)
    found = _peak(fits, reach)
    if found.is_sure:
        return found
    # Some roads lighter and others darker than their ground cancel each other: their contrast alone does not.
    either = np.abs(lines)
    return max(
        found, _peak(_correlated(_smooth(either - either.mean()), wanted, reach), reach), key=lambda one: one.peak
    )


def contrast(picture: np.ndarray) -> np.ndarray:
    """Return how much lighter each pixel is than its surroundings, 0 where any of these are transparent."""
    opacity = picture[..., 3] > 127
    light = picture[..., :3].astype(float).mean(axis=2)
    light[~opacity] = light[opacity].mean() if opacity.any() else 0.0
    found = light - _blurred(light, _AROUND)
    found[np.abs(found) < _FAINTEST] = 0.0
    whole = _blurred(opacity.astype(float), _AROUND) > 0.999
    if not whole.any():
        return np.zeros_like(found)
    strongest = _STRONGEST * float(np.sqrt((found[whole] ** 2).mean()))
    found = np.clip(found, -strongest, strongest)
    # What is transparent is neither lighter nor darker: it must not draw the roads to it, or away.
    return np.where(whole, found - found[whole].mean(), 0.0)


def _smooth(values: np.ndarray) -> np.ndarray:
    """Return values smoothed twice, the nearer ones counting more: both edges of a road become one line."""
    return _blurred(_blurred(values, _LINE), _LINE)


def _blurred(values: np.ndarray, reach: int) -> np.ndarray:
    """Return the mean of the square round each value; beyond the edges they go on as they are there."""
    side = 2 * reach + 1
    sums = np.pad(np.pad(values, reach, mode="edge"), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    return (sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]) / side**2


def _correlated(lines: np.ndarray, wanted: np.ndarray, reach: int) -> np.ndarray:
    """Return the correlation for every shift from -reach to reach: rows are shifts down, columns to the right."""
    # As much room as is shifted, or the ends would meet; powers of two, which are transformed fastest.
    shape = [1 << (side + reach - 1).bit_length() for side in lines.shape]
    found = np.fft.irfft2(np.fft.rfft2(lines, shape) * np.conj(np.fft.rfft2(wanted, shape)), shape)
    rows, columns = (np.arange(-reach, reach + 1) % side for side in shape)
    return found[np.ix_(rows, columns)]


def _peak(fits: np.ndarray, reach: int) -> Shift:
    """Return the shift of the best fit, or of the worst: roads darker than their ground fit as badly as others well.

    Beside a good fit lie bad ones and the other way round, so the best is looked for where both are strongest.
    """
    strength = _blurred(fits**2, _BESIDE)
    row, column = (int(at) for at in np.unravel_index(int(strength.argmax()), fits.shape))
    rows, columns = (slice(max(at - _NEAR, 0), at + _NEAR + 1) for at in (row, column))
    near = fits[rows, columns]
    if -near.min() > near.max():
        fits, near = -fits, -near
    at = np.unravel_index(int(near.argmax()), near.shape)
    row, column = rows.start + int(at[0]), columns.start + int(at[1])
    others = fits.copy()
    rows, columns = (slice(max(at - _PEAK_REACH, 0), at + _PEAK_REACH + 1) for at in (row, column))
    others[rows, columns] = np.nan
    spread = float(np.nanstd(others))
    peak = (float(fits[row, column]) - float(np.nanmean(others))) / spread if spread > 0 else 0.0
    right, down = _middle(fits, row, column)
    return Shift(right - reach, down - reach, peak)


def _middle(fits: np.ndarray, row: int, column: int) -> tuple[float, float]:
    """Return column and row of a peak to fractions: the middle of its upper half, which a flat top has too."""
    rows = np.arange(max(row - _LINE, 0), min(row + _LINE + 1, fits.shape[0]))
    columns = np.arange(max(column - _LINE, 0), min(column + _LINE + 1, fits.shape[1]))
    near = fits[np.ix_(rows, columns)]
    weights = np.clip(near - (near.max() + near.min()) / 2, 0, None)
    total = float(weights.sum())
    if total <= 0:
        return float(column), float(row)
    return float((weights * columns).sum()) / total, float((weights * rows[:, None]).sum()) / total
