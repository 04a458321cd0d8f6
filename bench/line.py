"""A line of the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """What was measured, in one unit. Without a limit it is only told."""

    what: str
    found: float
    unit: str
    limit: float | None = None

    @property
    def kept(self):
        return self.limit is None or self.found <= self.limit

    def shown(self, number):
        return "" if number is None else f"{number:.{2 if number < 10 else 1}f} {self.unit}"
