"""Cells share stages; nothing is done once per cell that can be done once for many."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pyarrow.parquet as pq
import pytest

from benchmark.axis import Axis
from benchmark.errors import SuiteError
from benchmark.execute.job import Job, perform
from benchmark.plan.explain import explain
from benchmark.plan.planner import Plan, make_plan
from benchmark.plan.speech import Speech, prepared_store
from benchmark.plan.status import examine, to_run
from benchmark.store.stages import StageRecord, StageStore
from benchmark.suite.load import load
from benchmark.suite.matrix import matrix


def planned(path: Path, *assignments: str, prepare: bool = False) -> Plan:
    suite = load(path, assignments)
    if prepare:
        store = prepared_store()
        for language in Speech.of(suite.data).languages.values():
            if language.stage and not language.prepared:
                stage = language.stage
                job = Job("prepare", stage.key, stage.identity, store.folder, {}, "cpu")
                assert perform(job, lambda done, total: None).status == "ok"
    return make_plan(suite, matrix(suite), Speech.of(suite.data), "cpu")


def counts(plan: Plan) -> dict[str, int]:
    kinds = ("prepare", "meta_train", "adapt", "compress", "evaluate", "score", "time")
    return {kind: len(plan.graph.of_kind(kind)) for kind in kinds}


def test_stages_are_shared_as_widely_as_their_inputs_allow(suite_file: Path) -> None:
    """5 methods x 2 optimizers x 4 compressions x 3 languages x 3 seeds = 360 cells."""
    plan = planned(
        suite_file,
        "data={source: synthetic, train: [de, en], test: [nl, pt, tr], shots: [20]}",
        "methods=[scratch, joint, fomaml, maml, reptile]",
        "compressions=[none, int8, prune50, prune50+int8]",
        "seeds=[0, 1, 2]",
    )
    assert len(plan.cells) == 360
    assert counts(plan) == {
        "prepare": 5,
        # Four methods that meta-train and the start that three of them share, for each seed.
        "meta_train": (4 + 1) * 3,
        "adapt": 5 * 3 * 2 * 3,
        "compress": 360,
        "evaluate": 360,
        "score": 360,
        # One structure for each compression and size of the output layer.
        "time": 4 * 3,
    }


def test_a_setting_of_adaptation_alone_shares_meta_training(suite_file: Path) -> None:
    plan = planned(suite_file, "methods=[{name: joint, batch_size: [4, 8]}]")
    assert counts(plan)["meta_train"] == 1
    assert counts(plan)["adapt"] == 2 * 2


@pytest.mark.parametrize("compressions", ["none, int8", "int8@during", "none, int8@during"])
def test_snapshots_are_kept_where_a_curve_is_made_of_them(
    suite_file: Path, compressions: str
) -> None:
    plan = planned(suite_file, f"compressions=[{compressions}]", "curve=[0, 1]")
    keeping = {s.key for s in plan.graph.of_kind("adapt") if s.stage.snapshots}
    assert keeping == {s.stage.adapted for s in plan.graph.of_kind("curve")}
    assert bool(keeping) == ("none" in compressions)


def test_reference_sizes_are_known_without_none_in_the_suite(suite_file: Path) -> None:
    plan = planned(suite_file, "compressions=[int8]")
    chains = [s.stage.compression["chain"] for s in plan.graph.of_kind("compress")]
    assert sum(chain[0]["name"] == "none" for chain in chains) == len(chains) / 2


def test_a_plan_says_which_setting_differs_from_what_is_stored(
    suite_file: Path, tmp_path: Path
) -> None:
    store = StageStore(tmp_path / "stages")
    before = planned(suite_file, prepare=True)
    finish(before, store)
    assert to_run(before, examine(before, store)) == []
    after = planned(suite_file, "budget.meta_train=128")
    stages = to_run(after, examine(after, store))
    assert {stage.kind for stage in stages} >= {"meta_train", "adapt", "score"}
    assert "time" not in {stage.kind for stage in stages}
    reasons = explain(stages, store.records())
    assert reasons.keys() == {"meta_train"}
    assert "gradients: 32 -> 64" in reasons["meta_train"]
    assert all(reason.startswith("gradients: ") for reason in reasons["meta_train"])


def test_a_stage_is_compared_with_the_stored_one_that_differs_least(
    suite_file: Path, tmp_path: Path
) -> None:
    store = StageStore(tmp_path / "stages")
    finish(planned(suite_file, "seeds=[1]", "budget.adapt=8", prepare=True), store)
    finish(planned(suite_file, "seeds=[2]"), store)
    plan = planned(suite_file, "methods=[scratch]", "compressions=[none]")
    stages = to_run(plan, examine(plan, store))
    assert explain(stages, store.records()) == {"adapt": ["seed: 2 -> 0"]}


def test_a_new_method_needs_its_own_stages_alone(suite_file: Path, tmp_path: Path) -> None:
    store = StageStore(tmp_path / "stages")
    finish(planned(suite_file, prepare=True), store)
    text = suite_file.read_text().replace("methods: [scratch,", "methods: [reptile, scratch,")
    suite_file.write_text(text)
    plan = planned(suite_file)
    stages = to_run(plan, examine(plan, store))
    assert len(stages) == 1 + 2 + 3 * 4
    assert all("reptile" in stage.label for stage in stages)


def finish(plan: Plan, store: StageStore) -> None:
    """Put every stage of a plan there, as if it had run."""
    for stage in plan.graph.stages.values():
        if stage.kind != "prepare":
            with store.writing(stage.key) as folder:
                store.put(folder, StageRecord(stage.kind, stage.key, stage.identity))


def test_a_missing_stage_that_nobody_needs_is_not_run_again(
    suite_file: Path, tmp_path: Path
) -> None:
    store = StageStore(tmp_path / "stages")
    plan = planned(suite_file, prepare=True)
    finish(plan, store)
    for stage in plan.graph.of_kind("meta_train"):
        store.remove(stage.key)
    assert to_run(plan, examine(plan, store)) == []


def test_more_shots_than_exist_is_an_error_before_any_training(suite_file: Path) -> None:
    with pytest.raises(SuiteError, match=r"tiny.yaml: .*cc.*24"):
        planned(suite_file, "data.shots=[500]", prepare=True)


def test_a_test_set_that_shares_speakers_is_refused_unless_allowed(
    suite_file: Path, tiny_corpus: Path, tmp_path: Path
) -> None:
    corpus = tmp_path / "shared"
    for language in ("aa", "bb", "cc"):
        (corpus / language).mkdir(parents=True)
        for split in ("train", "test"):
            table = pq.read_table(tiny_corpus / language / f"{split}.parquet")
            speakers = [["one"] * len(table)]
            table = table.set_column(table.column_names.index("speaker"), "speaker", speakers)
            pq.write_table(table, corpus / language / f"{split}.parquet")
    (corpus / "README.md").write_text((tiny_corpus / "README.md").read_text())
    with pytest.raises(SuiteError, match="cc/test/000"):
        planned(suite_file, f"data.source={corpus}", prepare=True)
    planned(suite_file, f"data.source={corpus}", "data.disjoint=[text]")


def test_planning_imports_no_torch(suite_file: Path) -> None:
    script = dedent(f"""\
        import sys
        from benchmark.cli import main
        main(["plan", {str(suite_file)!r}, "--device", "cpu"])
        assert "torch" not in sys.modules, "torch was imported"
        """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_more_cells_make_no_more_members_and_look_up_nothing_that_is_not_there(
    suite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    for cls, name in ((Axis, "make"), (Axis, "identity"), (StageStore, "look")):
        original = getattr(cls, name)

        def counting(*args: Any, original: Any = original, name: str = name) -> Any:
            called.append(name)
            return original(*args)

        monkeypatch.setattr(cls, name, counting)
    planned(suite_file, prepare=True)
    numbers = []
    for seeds in ("seeds=[0]", "seeds=[0, 1, 2, 3, 4, 5]"):
        called.clear()
        plan = planned(suite_file, seeds)
        examine(plan, StageStore(tmp_path / "stages"))
        numbers.append(len(called))
    assert numbers[0] == numbers[1]
