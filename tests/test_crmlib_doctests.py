"""Every example in crmlib's documentation runs and prints what it says."""

import doctest
import importlib
import pkgutil

import numpy as np
import pandas as pd
import pytest

import crmlib

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(crmlib.__path__, prefix="crmlib.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of(name):
    module = importlib.import_module(name)
    names = vars(module) | {"pd": pd, "np": np}
    with pd.option_context("display.width", 120, "display.max_columns", 30):
        result = doctest.testmod(module, globs=names, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0, f"{result.failed} of {result.attempted} examples of {name} fail"
