"""A line of the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """What was measured, in `ms` or `MB`. Without a limit it is only told."""

    what: str
    found: float
    unit: str
    limit: float | None = None
