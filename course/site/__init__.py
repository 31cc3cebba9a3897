"""The website: the same executed notebooks as everybody has, and the pages around them.

Pages are staged in a temporary folder under ``build/``, Sphinx turns them into HTML with warnings
as errors, and the finished site takes the old one's place at once. Nothing is run here, and
nothing that a page needs lies on another host.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from course.errors import CourseError
from course.folders import put_in_place
from course.modules import FOLDER, ROOT

OUTPUT = ROOT / "build" / "site"
BOOK = ROOT / "course" / "book"
MARK = ".crm-course-site"  # stands in a finished site, so that only a site is ever replaced


def build_site(
    *,
    output: Path | None = None,
    texts: Path = FOLDER,
    made: Path = ROOT,
    datasets: Path = ROOT / "datasets",
) -> int:
    """Make the website in ``output`` (default ``build/site``) and return 0.

    Parameters
    ----------
    output
        The site's folder: new, empty, or an earlier site.
    texts
        The folder of the modules' texts.
    made
        The folder that holds ``solutions/`` and ``notebooks/``.
    datasets
        The folder of the data packages.

    Raises
    ------
    CourseError
        If a module's solutions are missing, ``output`` holds something else, or Sphinx warns.
    """
    from rich.console import Console

    from course.site.staging import stage

    output = Path(output or OUTPUT).resolve()
    _refuse_foreign(output)
    scratch = ROOT / "build"
    scratch.mkdir(exist_ok=True)
    console = Console()
    console.print("Making the website ...")
    with (
        tempfile.TemporaryDirectory(prefix="site-", dir=scratch) as folder,
        console.status("Gathering the pages") as status,
    ):
        pages, html = Path(folder) / "pages", Path(folder) / "html"
        stage(pages, texts=texts, made=made, datasets=datasets)
        _run_sphinx(pages, html, status.update)
        for leftover in (html / "_static").glob("*.html"):
            leftover.unlink()  # parts of the theme's templates, no pages
        (html / MARK).touch()
        (html / ".nojekyll").touch()  # or some hosts leave out folders that begin with "_"
        put_in_place(html, output)
    count = len(list(output.rglob("*.html")))
    console.print(f"{count} pages made. Open {output / 'index.html'}", soft_wrap=True)
    return 0


def _refuse_foreign(output: Path) -> None:
    """Stop before anything that is not a site of ours would be replaced."""
    if output.is_file() or (
        output.is_dir() and any(output.iterdir()) and not (output / MARK).exists()
    ):
        raise CourseError(f"{output} holds something else than the website: choose a new folder.")


def _run_sphinx(pages: Path, html: Path, tell: object) -> None:
    """Run Sphinx, tell how far it is, and stop with what it warned of."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "--fail-on-warning", "--keep-going"]
    command += ["--no-color", "-c", str(Path(__file__).parent), "-d", str(html.parent / "doctrees")]
    log = html.parent / "warnings.txt"
    command += ["-w", str(log), str(pages), str(html)]
    # In a folder of its own kind of numbers, letters and dates, so that every machine's site reads
    # the same; the course is found from the repository's root.
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        last = []
        for line in process.stdout:
            line = line.strip()
            if line:
                last = [*last[-20:], line]
                tell(f"Sphinx: {line[:70]}".replace("[", r"\["))
    if process.returncode:
        warned = log.read_text(encoding="utf-8").strip() if log.exists() else ""
        said = (warned or "\n".join(last)).replace(str(pages) + os.sep, "")
        raise CourseError(f"The website was not made, for Sphinx found something wrong:\n{said}")
