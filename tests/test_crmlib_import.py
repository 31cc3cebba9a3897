"""Importing crmlib costs next to nothing, warns of nothing and needs no network."""

import subprocess
import sys

import pytest

HEAVY = ["sklearn", "scipy", "seaborn", "matplotlib", "ipywidgets", "statsmodels"]
AREAS = ["value", "segments", "plots", "explore", "data"]


def run(code, *options):
    """What a fresh Python prints; its warnings are errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", *options, "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def loaded_by(statement, names):
    """Which of some modules a statement brings in."""
    code = f"import sys\n{statement}\nprint([n for n in {names!r} if n in sys.modules])"
    return run(code).strip()


def test_import_crmlib_brings_in_nothing_heavy():
    assert loaded_by("import crmlib", [*HEAVY, "pandas", "numpy"]) == "[]"


@pytest.mark.parametrize("area", AREAS)
def test_an_area_brings_in_no_library_before_it_is_used(area):
    assert loaded_by(f"import crmlib\ncrmlib.{area}.__all__", HEAVY) == "[]"


@pytest.mark.parametrize("area", AREAS)
def test_every_public_name_exists(area):
    code = f"import crmlib\nm = crmlib.{area}\nprint([n for n in m.__all__ if not hasattr(m, n)])"
    assert run(code).strip() == "[]"


def test_import_changes_no_setting_of_pandas_or_matplotlib():
    code = """
import pandas as pd, matplotlib
before = pd.describe_option(_print_desc=False), dict(matplotlib.rcParams)
from crmlib import data, explore, plots, segments, value
print(before == (pd.describe_option(_print_desc=False), dict(matplotlib.rcParams)))
"""
    assert run(code, "-W", "ignore::DeprecationWarning").strip() == "True"


def test_the_analytics_work_without_a_network():
    code = """
import socket
def refuse(*args, **options):
    raise OSError("the network was asked for")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
from crmlib import data, value
table = value.rfm(data.load("cdnow"), snapshot="1998-07-01")
print(value.revenue_concentration(table["monetary"]))
"""
    assert run(code).startswith("The top 20% of 2,357 customers bring 67")
