"""The tiger behind one of two doors (Kaelbling, Littman & Cassandra 1998, Section 5.1), exactly."""

from __future__ import annotations

from typing import Any

from theorylab.worlds.pomdp import POMDP

LISTEN, OPEN_LEFT, OPEN_RIGHT = range(3)
TIGER_LEFT, TIGER_RIGHT = range(2)


def tiger(gamma: Any = "19/20") -> POMDP:
    """Listening costs 1 and hears the right side with probability 17/20; a door pays 10 or -100.

    After a door is opened the tiger is put behind either at random, and what is heard says nothing.
    Hidden states: tiger left, tiger right; observations likewise; rewards per step, discounted.
    """
    stays, anew = [[1, 0], [0, 1]], [["1/2", "1/2"], ["1/2", "1/2"]]
    heard = [["17/20", "3/20"], ["3/20", "17/20"]]
    return POMDP(
        P=[[stays[x], anew[x], anew[x]] for x in range(2)],
        observe=[heard, anew, anew],
        rewards=[[-1, -100, 10], [-1, 10, -100]],
        start=["1/2", "1/2"],
        gamma=gamma,
    )
