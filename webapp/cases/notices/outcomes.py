"""How sending can fail."""


class Away(Exception):
    """The other side cannot be reached: all that waits for it waits a little longer."""


class Refused(Exception):
    """The other side does not take this message; `for_good`: it never will."""

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good
