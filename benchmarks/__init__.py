"""Is it quick enough? Every promise about speed, measured on this machine in one run.

``python3 -m benchmarks`` prints ratios (ours against an alternative, both measured in the same run)
and seconds against a limit. A ratio says the same on a slow and on a fast machine.
To add a benchmark, write a module with ``run() -> list[Result]`` and name it in ``__main__.py``.
"""
