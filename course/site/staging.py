"""Gather the site's pages in a folder: the book, a page a module, and the pages made by code."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

from course.errors import CourseError
from course.modules import Module, read_file

SAME_DATE = (2026, 1, 1, 0, 0, 0)  # so that the same course makes the same archive


def stage(pages: Path, *, texts: Path, made: Path, datasets: Path) -> None:
    """Fill the new folder ``pages`` with everything that Sphinx reads."""
    from course.site import BOOK
    from course.site.datasets import data_page
    from course.site.reference import reference_pages
    from course.site.syllabus import syllabus_page

    modules = [read_file(path) for path in sorted(texts.glob("[0-9][0-9]-*.md"))]
    _refuse_missing(modules, made)
    shutil.copytree(BOOK, pages)
    for module in modules:
        stage_module(module, made, pages / "modules")
    _write(pages / "syllabus.md", syllabus_page(modules))
    _write(pages / "data.md", data_page(datasets))
    for name, text in reference_pages().items():
        _write(pages / "reference" / name, text)
    for page in pages.glob("*.md"):
        _write(page, link_modules(page.read_text(encoding="utf-8"), modules))


def _refuse_missing(modules: list[Module], made: Path) -> None:
    lacking = [m.id for m in modules if not (made / "solutions" / m.id / f"{m.id}.ipynb").exists()]
    if not modules or lacking:
        what = f"solutions/ lacks {', '.join(lacking)}" if lacking else "there is no module yet"
        raise CourseError(f"The website shows the built notebooks, and {what}: run `build` first.")


def stage_module(module: Module, made: Path, folder: Path) -> None:
    """Write a module's page and the archive of its students' notebook into ``folder``."""
    import nbformat

    from course.site.lesson import lesson_page

    folder.mkdir(parents=True, exist_ok=True)
    solution = nbformat.read(made / "solutions" / module.id / f"{module.id}.ipynb", as_version=4)
    nbformat.write(lesson_page(module, solution), folder / f"{module.id}.ipynb")
    with zipfile.ZipFile(folder / f"{module.id}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        release = made / "notebooks" / module.id
        for path in sorted(p for p in release.rglob("*") if p.is_file()):
            name = path.relative_to(release.parent)
            if not any(part.startswith(".") for part in name.parts):
                entry = zipfile.ZipInfo(name.as_posix(), SAME_DATE)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, path.read_bytes())


def link_modules(text: str, modules: list[Module]) -> str:
    """Make ``{module}`02``` a link to the module's page, or say that it is to come."""
    known = {module.id[:2]: module for module in modules}

    def link(found: re.Match) -> str:
        module = known.get(found[1])
        if module is None:
            return f"module {found[1]} (to come)"
        return f"[module {found[1]}](modules/{module.id}.ipynb)"

    return re.sub(r"\{module\}`(\d\d)`", link, text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
