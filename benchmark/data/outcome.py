"""Writing of the files of prepared speech, which `Prepared` reads."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmark.data.base import Utterance
from benchmark.data.corpora.base import SPLITS, Corpus
from benchmark.data.prepared import FIELDS, LEFT_OUT, MANIFEST, SUMMARY


@dataclass
class Outcome:
    """The result of preparing a corpus: utterances kept and left out."""

    kept: list[tuple[Utterance, int]] = field(default_factory=list)
    """Utterances with the index of their first sample."""
    left_out: list[tuple[str, str, str]] = field(default_factory=list)
    """Id, split and reason; details of one utterance follow a colon."""
    num_seen: int = 0
    """Number of utterances in the corpus, whether or not the limits of a suite select them."""
    num_unread: int = 0
    """Number of `left_out` that the source could not read; limits do not apply to them."""

    @property
    def reasons(self) -> Counter[str]:
        """Number of utterances left out for each kind of reason."""
        return Counter(reason.partition(": ")[0] for *_, reason in self.left_out)

    @property
    def share_left_out(self) -> float:
        """The unusable share of the corpus: unreadable utterances among all, plus unusable ones
        among those selected."""
        num_tried = len(self.kept) + len(self.left_out) - self.num_unread
        read = 1 - self.num_unread / self.num_seen
        return 1 - read * len(self.kept) / num_tried if num_tried else 1.0


def write_outcome(outcome: Outcome, corpus: Corpus, language: str, destination: Path) -> None:
    """Write manifest, left-out list and summary; the audio is written while decoding."""
    _write_tables(outcome, destination)
    text = json.dumps(_summary(outcome, corpus, language), indent=1, ensure_ascii=False)
    (destination / SUMMARY).write_text(text, encoding="utf-8")


def _write_tables(outcome: Outcome, destination: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{**asdict(utterance), "offset": offset} for utterance, offset in outcome.kept]
    types = {"duration": pa.float64(), "offset": pa.int64()}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in (*FIELDS, "offset")])
    pq.write_table(pa.Table.from_pylist(rows, schema), destination / MANIFEST)
    columns = ("id", "split", "reason")
    reasons = [dict(zip(columns, row, strict=True)) for row in outcome.left_out]
    schema = pa.schema([(name, pa.string()) for name in columns])
    pq.write_table(pa.Table.from_pylist(reasons, schema), destination / LEFT_OUT)


def _summary(outcome: Outcome, corpus: Corpus, language: str) -> dict[str, Any]:
    utterances = [utterance for utterance, _ in outcome.kept]
    in_split = {split: [u for u in utterances if u.split == split] for split in SPLITS}
    return {
        "language": language,
        "digest": _digest(utterances),
        "identity": corpus.identity(language),
        "synthetic": corpus.synthetic,
        "num_utterances": {split: len(of) for split, of in in_split.items()},
        "seconds": {split: round(sum(u.duration for u in of), 3) for split, of in in_split.items()},
        "speakers": {
            split: len({u.speaker for u in of} - {None}) for split, of in in_split.items()
        },
        "left_out": dict(outcome.reasons),
    }


def _digest(utterances: Iterable[Utterance]) -> str:
    total = hashlib.sha256()
    for u in utterances:
        total.update(json.dumps([u.uid, u.text, u.speaker, u.split, u.audio_digest]).encode())
    return total.hexdigest()
