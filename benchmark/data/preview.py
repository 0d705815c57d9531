"""What batches of some languages will look like, before any is drawn.

Nothing is drawn from the languages themselves. The last shape that a function returns is as long,
in frames and in units, as that of any batch can be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from benchmark.data.buckets import Shape, around
from benchmark.data.speech import SpeechSet

PREVIEWS = 200
"""Batches that are looked at, which takes milliseconds."""


def batches(sets: Sequence[SpeechSet], size: int) -> list[Shape]:
    """Shapes of batches of `size` utterances, each of one language."""
    return _shapes(sets, size, lambda copies, random: _batch(random.choice(copies), size))


def episodes(sets: Sequence[SpeechSet], size: int) -> list[Shape]:
    """Shapes of support sets of `size` utterances, which are those of query sets too."""

    def support(copies: Sequence[SpeechSet], random: Random) -> Shape:
        one = random.choice(copies)
        return one.shape(one.draw_episode(size, size)[0])

    enough = [each for each in sets if len(each) > 1]
    return _shapes(enough, size, support) if enough else []


def mixtures(sets: Sequence[SpeechSet], size: int) -> list[Shape]:
    """Shapes of batches of `size` utterances, each of a language drawn for it."""

    def mixture(copies: Sequence[SpeechSet], random: Random) -> Shape:
        drawn = random.choices(copies, k=size)
        return around([_batch(c, drawn.count(c)) for c in copies if c in drawn])

    return _shapes(sets, size, mixture)


def together(shapes: Sequence[Shape], count: int) -> list[Shape]:
    """Shapes that hold `count` batches each, drawn from these."""
    random = Random(count)
    drawn = [around(random.choices(shapes[:-1], k=count)) for _ in shapes[:-1]]
    return [*drawn, shapes[-1]]


def _shapes(
    sets: Sequence[SpeechSet], size: int, draw: Callable[[Sequence[SpeechSet], Random], Shape]
) -> list[Shape]:
    random = Random(size)
    copies = [each.preview(seed) for seed, each in enumerate(sets)]
    drawn = [draw(copies, random) for _ in range(PREVIEWS)]
    largest = around([*drawn, *(each.longest() for each in sets)])
    return [shape._replace(size=size) for shape in (*drawn, largest)]


def _batch(language: SpeechSet, size: int) -> Shape:
    return language.shape(language.draw_batch(size))
