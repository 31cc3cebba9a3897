"""Run the benchmarks and print one table: ``python3 -m benchmarks [rfm] [imports] [commands]``."""

import argparse
import functools
import sys

from benchmarks import commands, imports, rfm
from benchmarks.measuring import Result


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for (all by default); 1 if a limit is exceeded."""
    parser = argparse.ArgumentParser(
        prog="python3 -m benchmarks",
        description="Measure crmlib and the course on this machine.",
        epilog="Example: python3 -m benchmarks rfm --orders 1000000",
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="rfm, imports, commands (default: all)"
    )
    parser.add_argument("--orders", type=int, default=10_000_000, help="orders for rfm")
    options = parser.parse_args(arguments)
    benchmarks = {
        "imports": imports.run,
        "commands": commands.run,
        "rfm": functools.partial(rfm.run, options.orders),
    }
    for name in options.names:
        if name not in benchmarks:
            parser.error(f"there is no benchmark {name!r}; there are: {', '.join(benchmarks)}")
    results = []
    for name in options.names or benchmarks:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        results += benchmarks[name]()
    print(as_table(results))
    return 0 if all(result.kept for result in results) else 1


def as_table(results: list[Result]) -> str:
    """One line a result: what, value, unit, limit, and whether it was kept."""
    lines = []
    for result in results:
        decimals = 0 if result.unit == "MB" else 3
        line = f"{result.what:<44}{result.value:>10,.{decimals}f} {result.unit:<3}"
        if result.limit is not None:
            line += f" limit {result.limit:g}: {'kept' if result.kept else 'EXCEEDED'}"
        lines.append(line.rstrip())
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
