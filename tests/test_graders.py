"""Every grader is proven: right answers earn all, mistakes are named, the starter earns nothing."""

import tempfile
from pathlib import Path

import pytest

from course.grading.draws import move_truth, write_tables
from course.modules import FOLDER, list_modules, read_file
from course.proof import failures
from course.reference import records, run_variants
from crmlib.exercises.verdict import judge
from tests.test_build import TINY

TEXTS = [TINY, *(FOLDER / f"{name}.md" for name in list_modules())]


def draw(seed, folder):
    """One draw's tables and truth under ``folder``."""
    tables, truth = folder / "tables", folder / "truth"
    tables.mkdir()
    truth.mkdir()
    write_tables(tables, seed)
    move_truth(tables, truth)
    return tables, truth


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize("seed", [1, 2**127 + 5])
@pytest.mark.parametrize("text", TEXTS, ids=lambda p: p.stem)
def test_right_answers_earn_all_and_every_mistake_is_named(text, seed, folder):
    module = read_file(text)
    tables, truth = draw(seed, folder)
    payloads = run_variants(module, tables)
    assert failures(module, payloads, records(module, payloads, truth)) == []


@pytest.mark.parametrize("text", TEXTS, ids=lambda p: p.stem)
def test_no_public_value_is_right_on_another_draw(text, folder):
    from course.build import public_truth
    from course.modules import ROOT

    module = read_file(text)
    tables, truth = draw(3, folder)
    fresh = records(module, run_variants(module, tables, which="grading"), truth)
    public = run_variants(module, ROOT / "datasets", which="grading")
    known = records(module, public, public_truth(folder / "public"))
    for name, exercise in module.exercises.items():
        typed_in = public[name]["reference"]
        assert judge(known[name], typed_in).score == exercise.points
        if not exercise.sealed:
            assert judge(fresh[name], typed_in).score < exercise.points, name


@pytest.mark.parametrize("seed", range(10, 20))
@pytest.mark.parametrize("text", TEXTS[1:], ids=lambda p: p.stem)
def test_every_reference_runs_on_any_draw(text, seed, folder):
    module = read_file(text)
    tables, _ = draw(seed, folder)
    payloads = run_variants(module, tables, which="reference")
    errors = [c for p in payloads.values() for c in p["reference"]["cases"] if "error" in c]
    assert errors == []
