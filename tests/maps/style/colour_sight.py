"""Show colours as readers of other colour vision see them, and as a grey copy has them, and measure how they differ.

Complete loss of one cone, on linear RGB, is by the matrices of Machado, Oliveira and Fernandes (2009), "A
physiologically-based model for simulation of color vision deficiency", doi:10.1109/TVCG.2009.113, severity 1; grey is
luminance. Differences are those of CIE L*a*b* (1976): 2.3 is what an eye just sees side by side.
"""

from __future__ import annotations

import numpy as np

VISIONS = {
    "none": np.eye(3).tolist(),
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "grey": [[0.2126, 0.7152, 0.0722]] * 3,
}
#: sRGB to XYZ (IEC 61966-2-1), and its white.
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = _XYZ @ np.ones(3)


def channels(colour: str) -> np.ndarray:
    """Return red, green and blue from 0 to 1 of a colour such as ``#2b6cb0``."""
    return np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def seen(rgb: np.ndarray, vision: str = "none") -> np.ndarray:
    """Return the CIE L*a*b* (..., 3) of colours (..., 3), channels from 0 to 1, as one of that vision sees them."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.clip(linear @ np.array(VISIONS[vision]).T, 0, 1) @ _XYZ.T / _WHITE
    x, y, z = np.moveaxis(np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def apart(one: str, other: str, vision: str = "none") -> float:
    """Return how far two colours are apart for a reader of that vision."""
    return float(np.linalg.norm(seen(channels(one), vision) - seen(channels(other), vision)))
