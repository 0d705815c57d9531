"""The command line: parse, call, print."""

from __future__ import annotations

import argparse
import importlib
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.commands.quantities import fraction, positive, size_bytes, time_ms
from benchmark.registry import AXES
from benchmark.system.denials import Place
from benchmark.system.guard import guarded
from benchmark.system.places import chosen_places, require_machine
from benchmark.system.streams import Terminal

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0].endswith((".yaml", ".yml")):
        given.insert(0, "run")
    places: list[Place] = []

    def command() -> int:
        options = _parser().parse_args(given)
        require_machine()
        places.extend(chosen_places(options))
        # One command does not load what another needs: only some need torch.
        return int(importlib.import_module(options.command).main(options, Terminal()))

    return guarded(command, "--debug" in given, places)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmark",
        description="Compare meta-learning methods, optimizers and compressions for speech"
        " recognition in languages with little data.",
        epilog="python -m benchmark SUITE.yaml is short for python -m benchmark run SUITE.yaml",
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(subparsers)
    _add_plan(subparsers)
    _add_report(subparsers)
    _add_advise(subparsers)
    _add_compare(subparsers)
    _add_check(subparsers)
    _add_publish(subparsers)
    _add_reproduce(subparsers)
    _add_export(subparsers)
    _add_transcribe(subparsers)
    _add_list(subparsers)
    _add_describe(subparsers)
    _add_try(subparsers)
    _add_doctor(subparsers)
    return parser


def _command(
    subparsers: Subparsers,
    name: str,
    summary: str,
    example: str,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"example: python -m benchmark {example}",
    )
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    # `try` is no name for a module.
    module = "attempt" if name == "try" else name
    parser.set_defaults(command=f"benchmark.commands.{module}")
    return parser


def _add_suite_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="A.B=C",
        help="change one setting of the suite, such as budget.adapt=500",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="AXIS=VALUE",
        help="keep the cells with this value, such as method=maml; may be repeated",
    )
    parser.add_argument(
        "--results", type=Path, default=Path("results"), metavar="DIR", help="default: results"
    )
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")


def _add_run(subparsers: Subparsers) -> None:
    parser = _command(
        subparsers,
        "run",
        "Plan suites, run what is missing, write results and reports.",
        "run suites/multilingual.yaml --set budget.adapt=500",
    )
    parser.add_argument("suite", type=Path, nargs="+", metavar="SUITE")
    _add_suite_options(parser)
    parser.add_argument(
        "--reports", type=Path, default=Path("reports"), metavar="DIR", help="default: reports"
    )
    parser.add_argument(
        "--jobs",
        type=positive,
        default=None,
        metavar="N",
        help="worker processes (default: one per core; one with a GPU); 1 runs in this process",
    )
    parser.add_argument("--retry-failed", action="store_true", help="run failed stages again")
    parser.add_argument("--no-report", action="store_true", help="write results alone")


def _add_plan(subparsers: Subparsers) -> None:
    parser = _command(
        subparsers,
        "plan",
        "Show cells and stages as cached, missing or blocked; runs nothing.",
        "plan suites/multilingual.yaml",
    )
    parser.add_argument("suite", type=Path, metavar="SUITE")
    _add_suite_options(parser)


def _add_report(subparsers: Subparsers) -> None:
    parser = _command(
        subparsers,
        "report",
        "Render reports again, from results alone.",
        "report results/multilingual",
    )
    parser.add_argument("results", type=Path, nargs="+", metavar="RESULTS")
    parser.add_argument("--reports", type=Path, default=Path("reports"), metavar="DIR")


def _add_advise(subparsers: Subparsers) -> None:
    parser = _command(
        subparsers,
        "advise",
        "Which method, optimizer and compression to use under limits, with the evidence.",
        "advise results/multilingual --max-size 5MB --max-latency 50ms --data 100",
    )
    parser.add_argument("results", type=Path, metavar="RESULTS")
    parser.add_argument(
        "--max-size", type=size_bytes, default=math.inf, metavar="SIZE", help="such as 5MB or 800kB"
    )
    parser.add_argument(
        "--max-latency",
        type=time_ms,
        default=math.inf,
        metavar="TIME",
        help="of one utterance, 95th percentile, such as 50ms or 0.1s",
    )
    parser.add_argument(
        "--data",
        metavar="SHOTS",
        help="target speech to adapt on, such as 20 (utterances) or 10min; the nearest is taken",
    )


def _add_compare(subparsers: Subparsers) -> None:
    parser = _command(
        subparsers,
        "compare",
        "Compare two results, or two selections of one, utterance by utterance.",
        "compare results/multilingual --where method=maml --against method=joint",
    )
    parser.add_argument("a", type=Path, metavar="A", help="results folder or baseline file")
    parser.add_argument("b", type=Path, nargs="?", metavar="B", help="default: A")
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="AXIS=VALUE",
        help="compare these cells alone; may be repeated",
    )
    parser.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="AXIS=VALUE",
        help="what B has instead, such as method=joint; may be repeated",
    )
    _add_metric(parser)
    _add_output(parser, "--markdown", "as Markdown")
    _add_output(parser, "--json", "every number, as JSON")


def _add_check(subparsers: Subparsers) -> None:
    parser = _command(
        subparsers,
        "check",
        "The regression gate: exits with 1 where a candidate recognises worse than a baseline.",
        "check --baseline results/baselines/smoke --candidate results/smoke",
    )
    parser.add_argument("--baseline", type=Path, metavar="A", help="results folder or baseline")
    parser.add_argument("--candidate", type=Path, metavar="B", required=True)
    parser.add_argument(
        "--save-baseline",
        type=Path,
        metavar="PATH",
        help="make the candidate the baseline: a small file to commit",
    )
    parser.add_argument(
        "--suite", type=Path, metavar="SUITE", help="take thresholds from its `check:`"
    )
    for name, text in (
        ("level", "significance level of the whole gate (default: 0.05)"),
        ("relative", "tolerated loss as a fraction of the error rate (default: 0.05)"),
        ("absolute", "tolerated loss in error rate (default: 0); the larger of the two counts"),
        ("size", "tolerated growth of files (default: 0.02)"),
        ("latency", "tolerated growth of latency (default: not judged; 0.1 with --remeasure)"),
        ("seed-noise", "deviation between seeds where none can be measured (default: 0.08)"),
    ):
        parser.add_argument(f"--{name}", type=fraction, metavar="FRACTION", help=text)
    _add_metric(parser)
    parser.add_argument(
        "--remeasure", action="store_true", help="time the artefacts of both sides interleaved"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 4 where inconclusive")
    _add_output(parser, "--markdown", "as Markdown, for a pull request")
    _add_output(parser, "--junit", "as JUnit XML")


def _add_metric(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--metric",
        choices=["own", "wer", "cer"],
        default="own",
        help="the error rate to judge (default: the one that counts in each language)",
    )


def _add_output(parser: argparse.ArgumentParser, name: str, what: str) -> None:
    parser.add_argument(
        name, nargs="?", const="-", metavar="FILE", help=f"{what}; without FILE, printed instead"
    )


def _add_publish(subparsers: Subparsers) -> None:
    parser = _command(
        subparsers,
        "publish",
        "The leaderboard of one or more results folders as a static site, with rows for programs.",
        "publish results/multilingual --to site",
    )
    parser.add_argument("results", type=Path, nargs="+", metavar="RESULTS")
    parser.add_argument(
        "--to",
        required=True,
        metavar="PLACE",
        help="a folder, hf://spaces/OWNER/NAME or hf://datasets/OWNER/NAME (token in HF_TOKEN)",
    )


def _add_reproduce(subparsers: Subparsers) -> None:
    parser = _command(
        subparsers,
        "reproduce",
        "Run one cell again and say whether it came out the same.",
        "reproduce af3bb674ab2c --from leaderboard.json",
    )
    parser.add_argument("cell", metavar="CELL")
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        default=Path("results"),
        metavar="PLACE",
        help="leaderboard.json or .parquet, a records.parquet, or a folder with one of them or with"
        " results folders (default: results)",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="where the corpus lies, if it is a folder"
    )
    parser.add_argument(
        "--device",
        choices=["auto", "cpu", "cuda"],
        default="auto",
        help="auto is what the cell was run on",
    )


def _add_export(subparsers: Subparsers) -> None:
    parser = _command(
        subparsers,
        "export",
        "The model of one cell as a folder that transcribes without this package and torch.",
        "export af3bb674ab2c --to model",
    )
    parser.add_argument("cell", metavar="CELL")
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="a new folder")
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        default=Path("results"),
        metavar="DIR",
        help="a results folder, or a folder of those (default: results)",
    )


def _add_transcribe(subparsers: Subparsers) -> None:
    parser = _command(
        subparsers,
        "transcribe",
        "What an exported model hears in audio files.",
        "transcribe model speech.wav",
    )
    parser.add_argument("model", type=Path, metavar="DIR", help="a folder that `export` wrote")
    parser.add_argument("audio", type=Path, nargs="+", metavar="AUDIO")


def _add_list(subparsers: Subparsers) -> None:
    parser = _command(subparsers, "list", "What can go in a suite, one line each.", "list methods")
    parser.add_argument("axis", nargs="?", choices=list(AXES), help="default: all axes")


def _add_describe(subparsers: Subparsers) -> None:
    parser = _command(
        subparsers,
        "describe",
        "One method, optimizer, compression, model or corpus in full.",
        "describe maml",
    )
    parser.add_argument("name")


def _add_try(subparsers: Subparsers) -> None:
    parser = _command(
        subparsers,
        "try",
        "Check your own method, optimizer, compression, model or corpus on tiny data.",
        "try my_method.py",
    )
    parser.add_argument("file", type=Path, metavar="FILE.py")


def _add_doctor(subparsers: Subparsers) -> None:
    _command(subparsers, "doctor", "What works here: devices, packages, Hub, cache.", "doctor")
