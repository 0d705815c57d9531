"""k-means agrees with scikit-learn from the same start, and pruned weights stay zero."""

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans, kmeans_plusplus

from benchmark.compression.storage.clusters import lloyd, starting_points
from benchmark.compression.storage.encodings.codebook import Codebook
from benchmark.compression.storage.weight import compress
from benchmark.errors import Unsupported
from benchmark.registry import COMPRESSIONS


def normal(size, seed=0):
    return np.sort(np.random.default_rng(seed).normal(size=size))


@pytest.mark.parametrize("start", ["linear", "k-means++"])
@pytest.mark.parametrize("entries", [4, 16, 64])
def test_lloyd_ends_where_scikit_learn_does(start, entries):
    ordered = normal(3000)
    centres = starting_points(ordered, entries, start, seed=1)
    reference = KMeans(entries, init=centres[:, None], n_init=1, tol=0, algorithm="lloyd")
    reference.fit(ordered[:, None])
    found = lloyd(ordered, centres)
    assert np.allclose(found.centres, np.sort(reference.cluster_centers_[:, 0]), atol=1e-9)
    assert found.inertia == pytest.approx(reference.inertia_, rel=1e-9)
    nearest = np.abs(ordered[:, None] - found.centres).argmin(1)
    ranks = reference.cluster_centers_[:, 0].argsort().argsort()
    assert np.array_equal(nearest, ranks[reference.labels_])


def test_drawn_starts_are_as_good_as_those_of_scikit_learn():
    """On average over seeds: the squared distance to the nearest start."""
    ordered = normal(2000)

    def cost(centres):
        return (np.abs(ordered[:, None] - centres).min(1) ** 2).sum()

    ours = [cost(starting_points(ordered, 8, "k-means++", seed)) for seed in range(200)]
    theirs = [
        cost(kmeans_plusplus(ordered[:, None], 8, random_state=s, n_local_trials=1)[0][:, 0])
        for s in range(200)
    ]
    assert np.mean(ours) == pytest.approx(np.mean(theirs), rel=0.1)


def test_the_start_follows_from_the_seed():
    settings = [{"init": "k-means++", "seed": seed} for seed in (0, 0, 1)]
    tables = [shared(torch.randn(40, 50, generator=fixed()), 8, **s).table for s in settings]
    assert torch.equal(tables[0], tables[1])
    assert not torch.equal(tables[0], tables[2])


def fixed():
    return torch.Generator().manual_seed(0)


def shared(values, entries, **settings):
    technique = COMPRESSIONS.make(f"kmeans{entries}", settings)
    return compress({"w": values}, [technique])["w"].encoding


@pytest.mark.parametrize("entries", [4, 5, 16, 100, 256])
def test_a_tensor_has_no_more_values_than_its_table(entries):
    values = torch.randn(200, 100, generator=fixed())
    weight = compress({"w": values}, [COMPRESSIONS.make(f"kmeans{entries}")])["w"]
    assert len(weight.values.unique()) <= entries
    assert weight.encoding.bits == int(np.ceil(np.log2(entries)))


def test_pruned_weights_stay_zero_and_no_other_becomes_so(state):
    pruned = compress(state, [COMPRESSIONS.make("prune50")])
    both = compress(state, [COMPRESSIONS.make("prune50"), COMPRESSIONS.make("kmeans16")])
    for name, weight in both.items():
        if isinstance(weight.encoding, Codebook):
            assert torch.equal(weight.values == 0, pruned[name].values == 0)
            assert 0 in weight.encoding.table


def test_few_values_are_kept_as_they_are():
    values = torch.randn(250, generator=fixed()).half().float().repeat(40).view(100, 100)
    assert torch.equal(
        compress({"w": values}, [COMPRESSIONS.make("kmeans256")])["w"].values, values
    )


def test_a_tensor_too_small_for_a_table_is_stored_as_halves():
    weights = compress(
        {"w": torch.randn(4, 4), "v": torch.randn(90, 90)}, [COMPRESSIONS.make("kmeans256")]
    )
    assert weights["w"].encoding.bits is None
    assert weights["v"].encoding.bits == 8


def test_pruning_after_a_table_without_zero_is_refused():
    chain = [COMPRESSIONS.make("kmeans4"), COMPRESSIONS.make("prune50")]
    with pytest.raises(Unsupported, match="no zero among their values; prune before"):
        compress({"w": torch.rand(40, 40) + 1}, chain)


def test_weights_beyond_the_table_are_refused():
    with pytest.raises(Unsupported, match="70000 is too large for a table of float16"):
        compress({"w": torch.full((40, 40), 70000.0)}, [COMPRESSIONS.make("kmeans4")])
