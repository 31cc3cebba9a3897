"""Look for what must not be handed out: code of answers and traps, sealed answers, samples, seeds.

Used before the students' archive is finished, and by the tests on everything that is public.
"""

from __future__ import annotations

import gzip
import html
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from course.modules import BEGIN, END, ROOT, Module, list_modules, read

LEAST_LENGTH = 18
MOST_DEPTH = 4


@dataclass(frozen=True)
class Secret:
    """A line that gives something away; ``kind`` says what."""

    kind: str
    line: str


@dataclass(frozen=True)
class Leak:
    """A secret found in a file."""

    file: str
    secret: Secret

    def __str__(self) -> str:
        return f"{self.file} holds {self.secret.kind}: {self.secret.line[:80]}"


STUDENTS = frozenset(
    {
        "an answer",
        "a trap",
        "another right answer",
        "a sealed answer",
        "a sample answer",
        "the seed",
    }
)
READERS = frozenset({"a sealed answer", "a sample answer", "the seed"})


def scan(
    paths: Iterable[Path],
    *,
    kinds: frozenset[str] = STUDENTS,
    secrets: Iterable[Secret] | None = None,
) -> list[Leak]:
    """Every secret of ``kinds`` in the files, folders and archives at ``paths``.

    ``kinds`` is ``STUDENTS`` for what students are given and ``READERS`` for the website, which
    may show answers. ``secrets`` are by default those of all modules.
    """
    wanted = [s for s in (all_secrets() if secrets is None else secrets) if s.kind in kinds]
    return [
        Leak(name, secret)
        for path in paths
        for name, text in _texts(Path(path))
        for secret in wanted
        if secret.line in text
    ]


@cache
def all_secrets() -> tuple[Secret, ...]:
    """The secrets of every module, and the seed of the public tables."""
    from course.company import PUBLIC_SEED

    found = [Secret("the seed", str(PUBLIC_SEED)), Secret("the seed", hex(PUBLIC_SEED))]
    for name in list_modules():
        found += secrets_of(read(name))
    return tuple(found)


def secrets_of(module: Module) -> list[Secret]:
    """A module's secrets: lines that stand in its answers and nowhere in what is public."""
    public = _public_text(module)
    found = []
    for exercise in module.exercises.values():
        solution = "\n".join(re.findall(f"{BEGIN}\n(.*?){END}", exercise.answer, flags=re.DOTALL))
        if exercise.sealed:
            # However short: nothing public may hold it.
            found += [Secret("a sealed answer", line) for line in _lines(solution, 1)]
        else:
            found += _distinctive("an answer", solution, public)
        for variant in exercise.traps:
            found += _distinctive("a trap", variant.source, public)
        for variant in exercise.also_right:
            found += _distinctive("another right answer", variant.source, public)
    for task in module.written.values():
        for _, sample in task.samples:
            found += _distinctive("a sample answer", sample, public)
    return found


def _distinctive(kind: str, text: str, public: str) -> list[Secret]:
    return [Secret(kind, line) for line in _lines(text, LEAST_LENGTH) if line not in public]


def _lines(text: str, least: int) -> list[str]:
    lines = (_squeezed(line) for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if len(line) >= least))


def _public_text(module: Module) -> str:
    """What the learner sees anyway: the lesson, the starters, the checks, and crmlib's source."""
    shown = [
        c.source
        for c in module.cells
        if c.role in {"lesson", "setup", "check", "hint", "written", "rubric", "quiz"}
    ]
    shown += [exercise.starter for exercise in module.exercises.values()]
    shown += [p.read_text(encoding="utf-8") for p in sorted((ROOT / "crmlib").rglob("*.py"))]
    return _squeezed("\n".join(shown))


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        yield from _text_of(file.name, str(file), file.read_bytes(), 0)


def _text_of(name: str, shown: str, data: bytes, depth: int) -> Iterator[tuple[str, str]]:
    """The searchable text of a file; archives are opened, notebooks and pages unwrapped."""
    if depth < MOST_DEPTH and name.endswith((".zip", ".whl")):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from _text_of(member, f"{shown}:{member}", archive.read(member), depth + 1)
        return
    if depth < MOST_DEPTH and name.endswith(".gz"):
        yield from _text_of(name.removesuffix(".gz"), shown, gzip.decompress(data), depth + 1)
        return
    text = data.decode("utf-8", "replace")
    if name.endswith((".ipynb", ".json")):
        text = text + "\n" + "\n".join(_strings(text))
    if name.endswith((".html", ".htm")):
        text = text + "\n" + html.unescape(re.sub(r"<[^>]+>", "", text))
    yield shown, _squeezed(text)


def _strings(text: str) -> Iterator[str]:
    """All strings in JSON text, with their line breaks; lists of lines are joined."""
    try:
        stack = [json.loads(text)]
    except ValueError:
        return
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            if item and all(isinstance(part, str) for part in item):
                yield "".join(item)
            else:
                stack.extend(item)
        elif isinstance(item, dict):
            stack.extend(item.values())
