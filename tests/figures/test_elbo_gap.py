"""The figure of ELBO gaps: runs of their item alone, judgements that turn, options."""

import dataclasses

import numpy as np
import pytest

from figures import elbo_gap
from figures.elbo_gap_run import families_of, run_item, world
from theorylab.errors import InvalidArgument


@pytest.fixture(scope="module")
def data():
    return elbo_gap.compute("class", seeds=3, seed=1)


def test_a_run_depends_on_its_item_alone():
    assert run_item(("class", 1, 2)) == run_item(("class", 1, 2))
    assert run_item(("class", 1, 2)) != run_item(("class", 1, 0))


def test_block_posteriors_depend_on_the_next_state_alone():
    truth = world("block", 0, 0)
    assert ((truth.emissions > 0).sum(0) == 1).all()


def test_the_conclusion_turns(data):
    assert elbo_gap.conclusion(data).supported
    posterior = families_of("class").index("posterior")
    for change in (
        {"measured": changed(data, 0, posterior, 1e-6)},
        {"measured": changed(data, 3, posterior, 1e-6)},
        {"measured": changed(data, 0, 0, -10.0)},
        {"measured": changed(data, 1, 0, 10.0)},
        {"same": np.zeros_like(data.same)},
    ):
        assert not elbo_gap.conclusion(dataclasses.replace(data, **change)).supported
    table = elbo_gap.columns(data)
    assert table["rows"] == [1, 6, 12, 72] and table["seeds_as_mle"][posterior] == 3


def changed(data, measure, family, by):
    measured = data.measured.copy()
    measured[measure, family, 0] += by
    return measured


def test_infinite_gaps_are_drawn_and_told():
    data = elbo_gap.compute("block", seeds=2)
    assert "one q: infinite on 2 of 2" in elbo_gap.conclusion(data).text
    assert len(elbo_gap.draw(data).axes) == 3
    assert np.isinf(elbo_gap.columns(data)["gap_mean"][0])


def test_bad_options_are_named():
    with pytest.raises(InvalidArgument, match="variant is 'nothing'"):
        elbo_gap.compute("nothing")
    with pytest.raises(InvalidArgument, match="seeds is 1"):
        elbo_gap.compute(seeds=1)
