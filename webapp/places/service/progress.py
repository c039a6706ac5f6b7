"""How far long work on boundaries is, for whoever waits for it."""

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """What is being done, in this order."""

    READING = "reading"
    LOOKING = "looking"
    WRITING = "writing"


Progress = Callable[[Step, int, int], None]
"""Told the step, the areas done in it and the areas in all; 0 while their number is not known."""


def untold(_step: Step, _done: int, _total: int) -> None:
    """Nobody waits."""
