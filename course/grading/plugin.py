"""What nbgrader runs instead of its own execution: two runs, judged outside the student's process.

nbgrader's own commands use it too (see ``nbgrader_config.py``), so ``nbgrader autograde`` and
``python3 -m course grade`` give the same marks.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from course.grading.draws import Draw, fresh_draw, public_records
from course.grading.run import (
    Runner,
    exercise_of,
    payloads,
    release_notebook,
    run_in_kernel,
    verdict_output,
    without_payloads,
)
from course.modules import ROOT, Module, read
from crmlib.exercises.verdict import NOT_YET, PASSED, Verdict, judge

TYPED_IN = (
    "This is right on the tables you have, but not on other ones: a number, a date or an id was "
    "probably typed in where it should be computed."
)
NOTHING_CAME = "This check did not run to its end, so there is nothing to mark."


@cache
def this_runs_draw(module_id: str) -> tuple[Module, Draw]:
    """The module and its fresh draw: one for each grading run, that is for each process."""
    module = read(module_id)
    return module, fresh_draw(module)


class RunAndJudge(NbGraderPreprocessor):
    """Run the notebook on the public and on fresh tables; put our verdicts in its checks."""

    # How a notebook is run. Another engine takes this one's place here.
    runner: Runner = staticmethod(run_in_kernel)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return the notebook as run on the public tables, its check cells holding verdicts."""
        module, draw = this_runs_draw(resources["nbgrader"]["assignment"])
        if is_untouched(nb, release_notebook(module.id)):
            public, verdicts = nb, untouched(draw.records)
        else:
            with ThreadPoolExecutor(2) as pool:
                public_run = pool.submit(self.runner, nb, ROOT / "datasets")
                fresh_run = pool.submit(self.runner, nb, draw.tables, figures=False)
                public, fresh = public_run.result(), fresh_run.result()
            verdicts = judge_all(module, draw, payloads(public, module), payloads(fresh, module))
        for cell in public.cells:
            name = exercise_of(cell, module)
            if name is None:
                without_payloads(cell)
            else:
                cell.outputs = [verdict_output(verdicts[name])]
        return public, resources


def is_untouched(notebook: NotebookNode, release: NotebookNode) -> bool:
    """Is all of its code as it was handed out? Then there is nothing to run."""
    return _code(notebook) == _code(release)


def _code(notebook: NotebookNode) -> list[str]:
    return [cell.source.strip() for cell in notebook.cells if cell.cell_type == "code"]


def untouched(records: dict[str, dict]) -> dict[str, Verdict]:
    """The verdicts on the starters, which were run when the records were made."""
    return {
        name: judge(
            record,
            {"exercise": name, "callable": record["callable"], "cases": record["starter"]},
        )
        for name, record in records.items()
    }


def judge_all(
    module: Module, draw: Draw, public: dict[str, Any], fresh: dict[str, Any]
) -> dict[str, Verdict]:
    """A verdict for each exercise: the fresh tables decide, the public ones help to explain."""
    known = public_records(module)
    verdicts = {}
    for name, exercise in module.exercises.items():
        if fresh[name] is None:
            verdicts[name] = Verdict(name, exercise.points, 0.0, NOT_YET, notes=(NOTHING_CAME,))
            continue
        verdict = judge(draw.records[name], fresh[name])
        if verdict.state == NOT_YET and name in known and public[name] is not None:
            if judge(known[name], public[name]).state == PASSED:
                verdict = replace(verdict, notes=(*verdict.notes, TYPED_IN))
        verdicts[name] = verdict
    return verdicts
