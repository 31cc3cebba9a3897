"""Checks that teach: run an answer, judge what came out, and name the mistake.

A module's text writes ``check("nps", [case(...), ...])``; everything else follows from there.
"""

from crmlib.data import tables
from crmlib.exercises.judges import choice, clusters, decision, items, number, table, text, values
from crmlib.exercises.kernel import Case, case, check
from crmlib.exercises.verdict import Verdict

__all__ = [
    "Case",
    "Verdict",
    "case",
    "check",
    "choice",
    "clusters",
    "decision",
    "items",
    "number",
    "table",
    "tables",
    "text",
    "values",
]
