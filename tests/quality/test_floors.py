"""Quality does not fall: what was once measured, less a question or two, is the floor. Floors are raised, never lowered.

A change that fails here made answers worse on questions it was not made for; `python -m kb evaluate tests/quality --run now.json`
shows which.
"""

import pytest

FLOORS = {
    "other professions": {"hit@1": 0.82, "hit@5": 0.93, "content": 0.82, "bearing": 0.72, "AUROC": 0.88, "rightly refused": 0.63},
    "shipped": {"hit@1": 0.80, "hit@5": 0.91, "content": 0.84, "bearing": 0.60, "AUROC": 0.98, "rightly refused": 0.84},
}
CEILINGS = {
    "other professions": {"wrongly refused": 0.12, "median words": 70},
    "shipped": {"wrongly refused": 0.05, "median words": 112},
}


@pytest.mark.parametrize(("name", "figure"), [(name, figure) for name, figures in FLOORS.items() for figure in figures])
def test_a_figure_stays_above_its_floor(reports, name, figure):
    assert reports[name][figure] >= FLOORS[name][figure], "\n".join(reports[name].lines())


@pytest.mark.parametrize(("name", "figure"), [(name, figure) for name, figures in CEILINGS.items() for figure in figures])
def test_a_figure_stays_below_its_ceiling(reports, name, figure):
    assert reports[name][figure] <= CEILINGS[name][figure], "\n".join(reports[name].lines())

