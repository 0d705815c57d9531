"""Sizes are those of files, and zeros are counted as what they are."""

from benchmark.measure.size import measure_size


def test_pruning_halves_the_numbers_that_count_but_not_the_parameters(make_artefact):
    (dense, _), (pruned, _) = make_artefact("none"), make_artefact("prune50")
    before, after = measure_size(dense), measure_size(pruned)
    assert before.bytes == dense.stat().st_size
    assert before.parameters == after.parameters
    assert 0.5 < after.nonzero_parameters / before.nonzero_parameters < 0.56
    assert 4 * before.parameters < before.bytes < 4 * before.parameters + 10_000
