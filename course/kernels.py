"""Jupyter kernels for running notebooks, the same way in the build and in grading."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any


def client(notebook: Any, folder: Path, **options: Any) -> Any:
    """An nbclient for ``notebook`` that runs in ``folder`` with this environment's Python.

    Where the system has them, the kernel talks over sockets in a private folder and not over TCP.
    """
    from nbclient import NotebookClient
    from traitlets.config import Config

    config = Config()
    sockets = None
    if os.name == "posix":
        sockets = tempfile.TemporaryDirectory(prefix="k-", ignore_cleanup_errors=True)
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = str(Path(sockets.name) / "k")
    made = NotebookClient(
        notebook,
        config=config,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        **options,
    )
    made.sockets = sockets  # removed together with the client
    return made
