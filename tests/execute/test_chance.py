"""What chance depends on, so that results differ by what was asked for and not by luck."""

from pathlib import Path

from benchmark.execute.job import Context, Job
from benchmark.store.identity import key


def seed(**identity):
    job = Job("compress", key(identity), identity, Path(), {}, "cpu")
    return Context(job, Path(), lambda done, total: None).seed


def test_a_technique_that_learns_makes_the_same_network_for_every_runtime():
    native = seed(chain="prune70+refit", adapted="0123")
    assert seed(chain="prune70+refit", adapted="0123", runtime={"name": "onnxruntime"}) == native
    assert seed(chain="prune70+refit", adapted="4567") != native
    assert seed(chain="prune50+refit", adapted="0123") != native
