"""What happened when: acts are told in any order and played in the order of their instants."""

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import TypeAlias

Act: TypeAlias = Callable[[datetime], object]


class Story:
    """Acts with their instants. Played in order, so that the audit chain reads as a year did."""

    def __init__(self) -> None:
        self._acts: list[tuple[datetime, int, Act]] = []
        self._told = count()

    def tell(self, at: datetime, act: Act) -> None:
        """Let this happen then; of two at one instant the one told first comes first."""
        heapq.heappush(self._acts, (at, next(self._told), act))

    def play(self) -> None:
        """Everything, the earliest first; an act may tell further ones that come later."""
        while self._acts:
            at, _, act = heapq.heappop(self._acts)
            act(at)
