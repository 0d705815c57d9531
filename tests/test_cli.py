"""The command line as a stranger meets it: help, exit codes, one-line errors."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import benchmark
from benchmark.cli import main
from benchmark.execute.job import Job, Progress
from benchmark.registry import AXES
from benchmark.store.stages import StageRecord

COMMANDS = [
    "run",
    "plan",
    "report",
    "advise",
    "compare",
    "check",
    "publish",
    "reproduce",
    "export",
    "transcribe",
    "list",
    "describe",
    "try",
    "doctor",
]


def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["-h"])
    # Two spaces more than these indent the rest of a long line.
    commands = re.findall(r"^ {4}(\w+)", capsys.readouterr().out, re.MULTILINE)
    assert commands == COMMANDS
    for command in COMMANDS:
        with pytest.raises(SystemExit) as done:
            main([command, "-h"])
        assert done.value.code == 0
        assert f"example: python -m benchmark {command}" in capsys.readouterr().out


def test_a_command_is_a_file_of_its_folder() -> None:
    folder = Path(benchmark.__file__).parent / "commands"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "base"}
    assert {name.removesuffix("_") for name in files} == set(COMMANDS)


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys, contextlib\nfrom benchmark.cli import main\n"
        "for line in (['-h'], ['plan', '-h'], ['advise', '-h']):\n"
        "    with contextlib.suppress(SystemExit):\n        main(line)\n"
        "heavy = {'torch', 'pandas', 'numpy', 'scipy', 'pydantic', 'optuna'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("git", "shown"),
    [
        (
            {"ls-files": "__init__.py", "rev-parse": "0123456789abcdef", "status": ""},
            r" \(commit 0123456789ab\)",
        ),
        (
            {"ls-files": "__init__.py", "rev-parse": "0123456789abcdef", "status": " M cli.py"},
            r" \(commit 0123456789ab, with changes\)",
        ),
        ({"ls-files": "", "rev-parse": "0123456789abcdef", "status": ""}, ""),  # another's checkout
        (None, ""),  # no git
    ],
)
def test_the_version_names_the_commit_of_a_checkout(
    git: dict[str, str] | None,
    shown: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def answer(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        if git is None:
            raise FileNotFoundError("git")
        return subprocess.CompletedProcess(command, 0, stdout=git[command[1]] + "\n")

    monkeypatch.setattr(subprocess, "run", answer)
    with pytest.raises(SystemExit) as done:
        main(["--version"])
    assert done.value.code == 0
    name = re.escape(f"speech-adaptation-benchmark {benchmark.__version__}")
    assert re.fullmatch(name + shown + "\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    "arguments",
    [
        ["absent.yaml"],
        ["run", "absent.yaml"],
        ["plan", "absent.yaml"],
        ["describe", "mamml"],
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert len(captured.err.splitlines()) == 1


def test_results_that_are_not_there_are_missing_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(tmp_path)]) == 3
    assert "no records.parquet here" in capsys.readouterr().err


def test_a_gpu_that_is_not_there_is_refused_before_any_work(
    suite_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    results = tmp_path / "results"
    assert main([str(suite_file), "--device", "cuda", "--results", str(results)]) == 2
    assert "no CUDA device" in capsys.readouterr().err
    assert not results.exists()


def test_every_suite_is_checked_before_the_first_one_runs(suite_file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("name: broken\n")
    results = tmp_path / "results"
    assert main(["run", str(suite_file), str(broken), "--results", str(results)]) == 2
    assert not results.exists()


def test_list_shows_every_member_with_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    shown = capsys.readouterr().out
    for axis in AXES.values():
        for name in axis.names():
            line = next(line for line in shown.splitlines() if line.split()[0] == name)
            assert len(line.split()) > 2


@pytest.mark.parametrize("name", ["maml", "adamw", "int4", "prune50", "conv_ctc", "synthetic"])
def test_describe_shows_parameters_and_defaults(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["describe", name]) == 0
    assert "Parameters" in capsys.readouterr().out


def test_describe_fills_in_what_a_family_name_stands_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["describe", "int4"])
    line = next(x for x in capsys.readouterr().out.splitlines() if x.strip().startswith("bits"))
    assert line.split()[-1] == "4"


def test_importing_the_package_imports_no_torch() -> None:
    script = "import sys, benchmark, benchmark.registry as r; [a.members for a in r.AXES.values()]"
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\nassert 'torch' not in sys.modules"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_every_shipped_suite_is_valid_and_can_be_planned(
    capsys: pytest.CaptureFixture[str],
) -> None:
    suites = sorted((Path(__file__).parents[1] / "suites").glob("*.yaml"))
    assert {path.stem for path in suites} >= {"multilingual", "smoke", "spoken_digits"}
    for path in suites:
        # google/fleurs cannot be reached from here, so its cells are blocked.
        expected = 3 if path.stem.startswith("fleurs") else 0
        assert main(["plan", str(path), "--device", "cpu"]) == expected
        assert path.stem in capsys.readouterr().out


def test_interrupting_keeps_what_finished(
    suite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd

    from benchmark.execute import together

    perform = together.perform
    performed: list[Job] = []

    def stop_after_ten(job: Job, progress: Progress) -> StageRecord:
        if len(performed) == 10:
            raise KeyboardInterrupt
        performed.append(job)
        return perform(job, progress)

    monkeypatch.setattr(together, "perform", stop_after_ten)
    results = tmp_path / "results"
    options = ["--jobs", "1", "--device", "cpu", "--no-report", "--results", str(results)]
    assert main([str(suite_file), *options]) == 130
    table = pd.read_parquet(results / "tiny/records.parquet")
    assert len(table) == 12
    assert set(table["status"]) == {"blocked"}
    kept = [job for job in performed if job.kind != "prepare"]
    assert {path.name for path in (results / "tiny/stages").iterdir()} == {j.key for j in kept}
