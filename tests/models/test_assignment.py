"""Which frames belong to which unit."""

import itertools

import torch

from benchmark.data.batch import Batch
from benchmark.models.conv_ctc import ConvCTC
from benchmark.models.keyword_cnn import KeywordCNN


def test_ctc_posteriors_are_those_of_all_alignments_counted_one_by_one():
    torch.manual_seed(0)
    network = ConvCTC(channels=6, blocks=1, kernel=3).build(8, 3).double()
    features = torch.randn(1, 16, 8, dtype=torch.float64)
    target = [1, 1]
    batch = Batch(features, torch.tensor([16]), torch.tensor([target]), torch.tensor([2]))
    encoded = network.encode(batch)
    probabilities = network.output(encoded.frames)[0].softmax(1)
    expected = torch.zeros(4, 3, dtype=torch.float64)
    for path in itertools.product(range(4), repeat=4):
        if [unit - 1 for unit, _ in itertools.groupby(path) if unit] == target:
            weight = probabilities[range(4), path].prod().detach()
            for t, row in enumerate(path):
                if row:
                    expected[t, row - 1] += weight
    paths = expected[:, 1].sum() / (network.assign(encoded, batch)[0, :, 1].sum())
    torch.testing.assert_close(network.assign(encoded, batch)[0], expected / paths)
    total = (-network.loss(batch) * 2).exp()
    torch.testing.assert_close(paths, total.detach())


def test_padding_belongs_to_no_unit():
    network = ConvCTC(channels=6, blocks=1, kernel=3).build(8, 3)
    lengths, ones = torch.tensor([16, 8]), torch.ones(2, dtype=torch.long)
    batch = Batch(torch.randn(2, 16, 8), lengths, ones[:, None], ones)
    shares = network.assign(network.encode(batch), batch)
    assert shares.shape == (2, 4, 3)
    assert shares[0, 2:].sum() > 0
    assert shares[1, 2:].sum() == 0


def test_an_utterance_belongs_to_its_word():
    network = KeywordCNN().build(64, 3)
    ones = torch.ones(2, dtype=torch.long)
    batch = Batch(torch.randn(2, 9, 64), 9 * ones, torch.tensor([[2], [0]]), ones)
    shares = network.assign(network.encode(batch), batch)
    assert shares.tolist() == [[[0, 0, 1]], [[1, 0, 0]]]
