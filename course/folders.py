"""Put a whole made folder in place of another, so that nobody ever sees a half-made one."""

from __future__ import annotations

import shutil
from pathlib import Path


def put_in_place(new: Path, old: Path) -> None:
    """Put a copy of ``new`` where ``old`` is; if that fails, the old folder stays as it was."""
    old.parent.mkdir(parents=True, exist_ok=True)
    beside, gone = (old.with_name(f".{old.name}.{end}") for end in ("new", "old"))
    for leftover in (beside, gone):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        shutil.copytree(new, beside)
        if old.exists():
            old.rename(gone)
        beside.rename(old)
    except OSError:
        if gone.exists():
            gone.rename(old)
        shutil.rmtree(beside, ignore_errors=True)  # a full disk leaves no half-made folder
        raise
    shutil.rmtree(gone, ignore_errors=True)
