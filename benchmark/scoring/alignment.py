"""Alignment of a hypothesis with its reference."""

from __future__ import annotations

import jiwer

Step = tuple[str, str, str]
"""(kind, reference part, hypothesis part); kind is equal, substitute, insert or delete."""


def align(reference: str, hypothesis: str, metric: str) -> list[Step]:
    """The steps that turn normalised `reference` into `hypothesis`, neighbouring equal units
    joined.

    Units are words, or characters if `metric` is `cer`.
    """
    by_character = metric == "cer"
    process = jiwer.process_characters if by_character else jiwer.process_words
    glue = "" if by_character else " "
    output = process(reference, hypothesis)
    left, right = output.references[0], output.hypotheses[0]
    steps: list[Step] = []
    for chunk in output.alignments[0]:
        source = left[chunk.ref_start_idx : chunk.ref_end_idx]
        target = right[chunk.hyp_start_idx : chunk.hyp_end_idx]
        if chunk.type == "substitute" and not by_character:
            steps += [(chunk.type, a, b) for a, b in zip(source, target, strict=True)]
        else:
            steps.append((chunk.type, glue.join(source), glue.join(target)))
    return steps
