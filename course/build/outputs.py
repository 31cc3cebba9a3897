"""Make a notebook's outputs the same on every run, and refuse what can't be.

What a learner would see differ from run to run (a memory address, a warning, a widget's random
id) doesn't belong in a committed notebook.
"""

from __future__ import annotations

import base64
import io
import re

import nbformat
import numpy as np

from course.errors import CourseError

WIDGET = "application/vnd.jupyter.widget-view+json"
WIDGET_NOTE = "An interactive explorer stands here when you run this cell."
FIGURE_TOLERANCE = 0.02  # mean absolute difference of pixels, 0 to 1


def stabilise(notebook: nbformat.NotebookNode, name: str) -> None:
    """Clean every output in place.

    Raises
    ------
    CourseError
        If a cell stops with an error, writes to stderr, shows a memory address, or shows a figure
        without alt text.
    """
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {
        "name": "python",
        "file_extension": ".py",
        "mimetype": "text/x-python",
    }
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        for output in cell.outputs:
            _refuse(output, cell, name)
            if "data" in output:
                _clean(output, cell)


def _refuse(output: nbformat.NotebookNode, cell: nbformat.NotebookNode, name: str) -> None:
    where = f"{name}: the cell `{cell.source.strip().splitlines()[0][:60]}`"
    if output.output_type == "error":
        raise CourseError(f"{where} stops with {output.ename}: {output.evalue[:300]}")
    if output.output_type == "stream" and output.name == "stderr":
        raise CourseError(f"{where} writes to stderr: {output.text.strip()[:300]}")
    text = output.get("text", "") or output.get("data", {}).get("text/plain", "")
    if re.search(r"\b0x[0-9a-f]{7,}\b", text):
        raise CourseError(f"{where} shows a memory address: {text[:120]}")
    if "image/png" in output.get("data", {}) and "mystnb" not in cell.metadata:
        raise CourseError(f"{where} shows a figure and lacks `alt:`, the text that describes it")


def _clean(output: nbformat.NotebookNode, cell: nbformat.NotebookNode) -> None:
    data = output.data
    if data.pop(WIDGET, None) is not None:
        data["text/plain"] = WIDGET_NOTE
        data.pop("text/html", None)
        tags = cell.metadata.setdefault("tags", [])
        if "nbval-ignore-output" not in tags:
            tags.append("nbval-ignore-output")
    if "text/html" in data:  # pandas' Styler names its tables at random
        names = dict.fromkeys(re.findall(r"\bT_[0-9a-f]{5}", data["text/html"]))
        for i, old in enumerate(names):
            data["text/html"] = data["text/html"].replace(old, f"T_{i:05d}")


def keep_equal_figures(new: nbformat.NotebookNode, old: nbformat.NotebookNode) -> None:
    """Where only a figure's pixels differ a little, let the committed figure stay."""
    before = {cell.id: cell for cell in old.cells if cell.cell_type == "code"}
    for cell in new.cells:
        if cell.cell_type != "code" or cell.id not in before:
            continue
        for output, earlier in zip(cell.outputs, before[cell.id].outputs, strict=False):
            fresh = output.get("data", {}).get("image/png")
            kept = earlier.get("data", {}).get("image/png")
            if fresh and kept and fresh != kept and same_figure(fresh, kept):
                output.data["image/png"] = kept


def same_figure(one: str, other: str) -> bool:
    """Do two PNGs (as base64) show the same, but for how a platform draws letters and edges?"""
    first, second = _pixels(one), _pixels(other)
    if any(abs(a - b) > 3 for a, b in zip(first.shape, second.shape, strict=True)):
        return False
    height, width = np.minimum(first.shape[:2], second.shape[:2])
    difference = np.abs(first[:height, :width] - second[:height, :width])
    return float(difference.mean()) <= FIGURE_TOLERANCE


def _pixels(png: str) -> np.ndarray:
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(png))) as image:
        return np.asarray(image.convert("RGB"), dtype=float) / 255
