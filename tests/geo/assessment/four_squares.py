"""Four squares with six cameras, whose figures can be counted on paper."""

from __future__ import annotations

from geo.visibility.views import Views
from tests.geo.ascii_drawing import at, camera, drawn, picture, rect

# Four squares of 10 m:  C D
#                        A B
SQUARES = picture("CD\nAB", 10)


def five() -> Views:
    """Five cameras on the four squares.

    a  class 1, sees x 0-15, y 0-10: all of A (100), the left half of B (50)
    b  class 2, sees x 5-15, y 0-10: half of A, half of B, both seen by a too
    b2 class 3, the same pole as b, sees x 5-10, y 0-10: half of A, a third lens but no third site
    c  offline, sees all of D: counts for nothing
    d  no class, surely the left half of C (50), possibly all of C
    e  class 3, sees x 0-5, y 0-5 and is not on any zone's ground but a pole outside them
    """
    return drawn(
        camera("a", rect(0, 0, 15, 10), **{"class": 1}),
        camera("b", rect(5, 0, 15, 10), site="pole", **{"class": 2}),
        camera("b2", rect(5, 0, 10, 10), site="pole", **{"class": 3}),
        camera("c", rect(10, 10, 20, 20), status="offline"),
        camera("d", rect(0, 10, 5, 20), rect(0, 10, 10, 20)),
        camera("e", rect(0, 0, 5, 5), place=at(-3, 0), **{"class": 3}),
    )
