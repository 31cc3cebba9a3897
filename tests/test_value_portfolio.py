"""The customer portfolio: value, potential and dependence."""

import pandas as pd
import pytest

from crmlib.value import portfolio_grid

CUSTOMERS = pd.DataFrame(
    {
        "value": [90.0, 70.0, 5.0, 1.0],
        "potential": [80.0, 5.0, 60.0, 2.0],
        "dependence": [0.9, 0.2, 0.4, 0.1],
    }
)


def test_each_cell_has_its_stance():
    stances = portfolio_grid(CUSTOMERS)["stance"].tolist()
    assert stances == ["invest", "protect", "develop", "serve at low cost"]


def test_without_cuts_the_median_divides():
    grid = portfolio_grid(CUSTOMERS)
    assert grid["dependence_level"].tolist() == ["high", "low", "high", "low"]


def test_a_cut_of_ones_own_is_used():
    grid = portfolio_grid(CUSTOMERS, cuts={"value": 80})
    assert grid["value_level"].tolist() == ["high", "low", "low", "low"]


def test_columns_may_have_other_names():
    renamed = CUSTOMERS.rename(columns={"value": "clv"})
    assert portfolio_grid(renamed, value="clv", cuts={"clv": 80})["value_level"][0] == "high"


def test_a_cut_for_another_column_is_refused():
    with pytest.raises(ValueError, match="cuts names 'margin'"):
        portfolio_grid(CUSTOMERS, cuts={"margin": 3})


def test_a_cut_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match=r"cuts\['value'\] must hold numbers"):
        portfolio_grid(CUSTOMERS, cuts={"value": "high"})
