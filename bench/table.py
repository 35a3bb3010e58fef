"""What is printed: one line a measurement, and how figures grow with the rows."""

from collections.abc import Iterable, Iterator, Sequence

from bench.measured import Aim, Measured

HEAD = ("", "rows", "ours ms", "p95 ms", "bare ms", "ratio", "SQL", "aim", "met")
# Ten or a hundred times the rows may cost this much more: noise, a level more of an index.
FLAT = Aim(ratio=1.5)
GROWING = ("admin list, beside a stock admin", "search", "incident page", "dashboard")


def grown(found: Sequence[Measured]) -> Iterator[Measured]:
    """Our pages at each size beside the same page at the smallest, whose aim is to be as fast."""
    smallest = {one.name: one for one in reversed(found) if one.rows == min(_sizes(found))}
    for one in found:
        base = smallest.get(one.name)
        if base and one.rows > base.rows and one.name.startswith(GROWING):
            name = f"flat: {one.name.removesuffix(', beside a stock admin')}"
            yield Measured(name, one.database, one.rows, one.ours_ms, base.ours_ms, aim=FLAT)


def _sizes(found: Iterable[Measured]) -> set[int]:
    return {one.rows for one in found}


def lines(found: Iterable[Measured]) -> Iterator[str]:
    """The table, a block for each database."""
    rows = [HEAD, *map(_cells, found)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    for row in rows:
        cells = (_aligned(n, cell, widths[n]) for n, cell in enumerate(row))
        yield "  ".join(cells).rstrip()


def _aligned(n: int, cell: str, width: int) -> str:
    return cell.ljust(width) if HEAD[n] in ("", "aim") else cell.rjust(width)


def _cells(one: Measured) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: ""}[one.is_met]
    return (
        f"{one.database}: {one.name}",
        f"{one.rows:,}",
        f"{one.ours_ms:,.1f}",
        "" if one.p95_ms is None else f"{one.p95_ms:,.1f}",
        "" if one.bare_ms is None else f"{one.bare_ms:,.1f}",
        "" if one.ratio is None else f"{one.ratio:.2f}",
        "" if one.statements is None else str(one.statements),
        str(one.aim),
        met,
    )
