"""A smaller student learns what its teacher says, from speech whose texts it does not see."""

from dataclasses import replace

import pytest
import torch
from spoken import (
    UNITS,
    Spoken,
    adaptation,
    architecture,
    loss,
    scores,
    subject,
    support,
    technique,
)

from benchmark.axis import SettingError
from benchmark.compression.constraints.distillation import distil, divergence
from benchmark.errors import Unsupported
from benchmark.models.networks.base import Encoded


@pytest.fixture(scope="module")
def teacher():
    return subject("conv_ctc", taught=480)


def student(teacher, known, unknown, **settings):
    heard = replace(teacher, support=support(known, unknown))
    fields = {"student": {"channels": 16, "blocks": 1}, "gradients": 240, **settings}
    return technique("distil", **fields).compress(heard)


def test_unlabelled_speech_makes_a_better_student(teacher):
    few, test = Spoken(2), Spoken(24, seed=9)
    alone = student(teacher, few, None)
    helped = student(teacher, few, Spoken(60, seed=5, labelled=False))
    assert loss(helped.network(), test) < 0.5 * loss(alone.network(), test)
    assert helped.architecture == architecture("conv_ctc", channels=16, blocks=1)
    assert sum(w.values.numel() for w in helped.weights.values()) == sum(
        p.numel() for p in helped.architecture.build().parameters()
    )


def test_the_divergence_is_that_of_the_softened_posteriors():
    torch.manual_seed(0)
    ours, theirs = torch.randn(2, 5, 4), torch.randn(2, 5, 4)
    lengths = torch.tensor([5, 2])
    expected = 0.0
    for row, length in enumerate(lengths.tolist()):
        p, q = ((x[row, :length] / 3).softmax(-1).double() for x in (theirs, ours))
        expected += float((p * (p / q).log()).sum(-1).mean()) / 2 * 9
    found = divergence(Encoded(ours, lengths), Encoded(theirs, lengths), 3.0)
    assert float(found) == pytest.approx(expected, rel=1e-5)
    assert float(divergence(Encoded(theirs, lengths), Encoded(theirs, lengths), 3.0)) == 0


def test_it_listens_to_both_kinds_of_speech_within_its_budget(teacher):
    known, unknown = Spoken(8), Spoken(40, seed=5, labelled=False)
    heard = replace(teacher, support=support(known, unknown))
    technique("distil", student={"channels": 8}, gradients=60, batch_size=8).compress(heard)
    assert heard.support.spent == 60
    assert (known.handed_out, unknown.handed_out) == (30, 30)


def test_a_student_that_is_not_smaller_is_refused(teacher):
    with pytest.raises(Unsupported, match=r"student of [\d,]+ parameters is not smaller"):
        student(teacher, Spoken(4), None, student={"channels": 24})
    with pytest.raises(Unsupported, match=r"no such student: conv_ctc has no parameter 'width'"):
        student(teacher, Spoken(4), None, student={"width": 3})


def test_a_student_has_to_be_named():
    with pytest.raises(SettingError, match="student"):
        technique("distil")


def test_a_student_with_other_frames_is_refused(teacher):
    network = subject("conv_ctc", channels=8).network()
    network.subsampling.second.stride = (1,)
    whole = network.encode

    def twice_the_frames(batch):
        encoded = whole(batch)
        return Encoded(encoded.frames, encoded.lengths * 2)

    network.encode = twice_the_frames
    with pytest.raises(Unsupported, match="strides must be the same"):
        distil(adaptation(network, Spoken(8), 16), teacher.network(), None, 2.0, 8)


def test_the_teacher_stays_what_it_was(teacher):
    before = scores(teacher.network(), Spoken(4))
    student(teacher, Spoken(8), None, gradients=16)
    assert torch.equal(scores(teacher.network(), Spoken(4)), before)
    assert before.shape[-1] == UNITS + 1
