"""What holds of every optimizer that a suite can name."""

from dataclasses import fields
from random import Random

import pytest
import torch

from benchmark.data.batch import Batch
from benchmark.errors import Unsupported, UserError
from benchmark.methods.learning.adaptation import Adaptation
from benchmark.methods.learning.budget import Budget
from benchmark.methods.scratch import Scratch
from benchmark.models.conv_ctc import ConvCTC
from benchmark.optimizers import po
from benchmark.registry import OPTIMIZERS
from benchmark.suite.load import load

NAMES = [name for name in OPTIMIZERS.names() if name != "po_<algorithm>"] + ["po_came"]


class Support:
    """Ten utterances of two sounds, of which each text spells the order."""

    language = "tiny"

    def __init__(self):
        generator = torch.Generator().manual_seed(0)
        self.targets = torch.randint(1, 3, (10, 3), generator=generator)
        sounds = torch.eye(3)[self.targets].repeat_interleave(12, 1).repeat(1, 1, 3)
        self.features = sounds + 0.1 * torch.randn(sounds.shape, generator=generator)
        self.next = 0

    def __len__(self):
        return 10

    def batch(self, size):
        rows = torch.arange(self.next, self.next + size) % 10
        self.next += size
        lengths, target_lengths = torch.full((size,), 36), torch.full((size,), 3)
        return Batch(self.features[rows], lengths, self.targets[rows] - 1, target_lengths)


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_of_a_small_ctc_network_falls_within_the_same_budget(name):
    torch.manual_seed(0)
    network, support = ConvCTC(channels=16, blocks=1).build(9, 2), Support()
    everything = Support().batch(10)
    before = network.loss(everything).item()
    adaptation = Adaptation(
        network=network,
        budget=Budget(300),
        generator=Random(0),
        progress=lambda done, total: None,
        support=support,
        optimizer=OPTIMIZERS.make(name),
    )
    Scratch(batch_size=5).adapt(adaptation)
    assert network.loss(everything).item() < 0.8 * before
    assert 0 < adaptation.budget.spent <= 300
    assert adaptation.facts["optimizer_state_bytes"] >= 0
    assert adaptation.facts["optimizer_step_seconds"] > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_search_space_names_settings_and_values_that_a_suite_accepts(name):
    optimizer = OPTIMIZERS.make(name)
    space = type(optimizer).search_space
    assert len(space["lr"]) == 5
    assert space["lr"] == tuple(sorted(space["lr"]))
    assert space["lr"][0] <= optimizer.lr <= space["lr"][-1]
    assert set(space) <= {field.name for field in fields(optimizer)}
    for setting, values in space.items():
        for value in values:
            made = OPTIMIZERS.make(name, {setting: value})
            made.build([torch.nn.Parameter(torch.ones(2, 2)), torch.nn.Parameter(torch.ones(2))])


def test_a_suite_names_optimizers_with_parameters(suite_file):
    text = suite_file.read_text()
    entries = "[lbfgs, po_came, {name: soap, frequency: 2}, {name: muon, lr: [0.001, 0.003]}]"
    suite_file.write_text(text.replace("[sgd, adamw]", entries))
    labels = [choice.label for choice in load(suite_file).optimizers]
    assert labels == ["lbfgs", "po_came", "soap(frequency=2)", "muon(lr=0.001)", "muon(lr=0.003)"]


def test_names_of_the_library_are_read_without_importing_it():
    from pytorch_optimizer import get_supported_optimizers

    assert po.supported() == get_supported_optimizers()
    assert {name for names in po.UNSUITED.values() for name in names} <= set(po.supported())


def test_a_name_that_the_library_does_not_have_is_refused_with_a_suggestion():
    with pytest.raises(UserError, match=r"no 'camme'; did you mean 'came'"):
        OPTIMIZERS.make("po_camme")


@pytest.mark.parametrize(
    ("name", "settings", "reason"),
    [
        ("po_lomo", {}, "needs the network"),
        ("po_muon", {}, "see muon"),
        ("po_amos", {"weight_decay": 0.1}, "has no weight_decay"),
    ],
)
def test_an_optimizer_of_another_kind_and_a_setting_that_would_be_ignored_say_so(
    name, settings, reason
):
    with pytest.raises(Unsupported, match=reason):
        OPTIMIZERS.make(name, settings).build([torch.nn.Parameter(torch.ones(2))])


@pytest.mark.parametrize(
    ("settings", "wrong"), [({"schedule": "cosine"}, "schedule"), ({"clip": 1.0}, "clip")]
)
def test_lbfgs_takes_no_schedule_and_no_clipping(settings, wrong):
    with pytest.raises(UserError, match=wrong):
        OPTIMIZERS.make("lbfgs", settings)
