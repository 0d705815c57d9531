"""Errors are counted per utterance and rates are sums over sums."""

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import DataError
from benchmark.scoring.errors import Errors, score

texts = st.lists(st.sampled_from(["ab", "cd", "efg", "h"]), min_size=1, max_size=6).map(" ".join)


@given(st.lists(st.tuples(texts, st.one_of(texts, st.just(""))), min_size=1, max_size=8))
def test_rates_are_those_of_jiwer(pairs):
    references, hypotheses = map(list, zip(*pairs, strict=True))
    scored = score(references, hypotheses, "en", "wer")
    assert scored.wer == pytest.approx(jiwer.wer(references, hypotheses))
    assert scored.cer == pytest.approx(jiwer.cer(references, hypotheses))
    for (reference, hypothesis), utterance in zip(pairs, scored.utterances, strict=True):
        expected = jiwer.process_words(reference, hypothesis)
        assert utterance.words == Errors(
            len(reference.split()), expected.substitutions, expected.deletions, expected.insertions
        )


def test_a_worked_example():
    # "a" inserted, "sat" -> "set", "mat" deleted.
    [utterance] = score(["the cat sat on mat"], ["the a cat set on"], "en", "wer").utterances
    assert utterance.words == Errors(length=5, substitutions=1, deletions=1, insertions=1)
    assert utterance.words.rate == pytest.approx(3 / 5)
    assert utterance.edits == "=i=s=d"


def test_the_rate_of_a_corpus_is_not_a_mean_of_rates():
    scored = score(["a", "b c d e f g h i j"], ["x", "b c d e f g h i j"], "en", "wer")
    assert scored.wer == pytest.approx(1 / 10)


def test_silence_counts_as_deletions():
    scored = score(["one two", "three"], ["", ""], "en", "wer")
    assert (scored.wer, scored.cer, scored.deletion_rate) == (1.0, 1.0, 1.0)


def test_both_texts_are_normalised():
    assert score(["Hello, World!"], ["hello world"], "en", "wer").wer == 0


def test_spaces_do_not_count_where_words_are_not_spaced():
    scored = score(["\u4f60\u597d\u4e16\u754c"], ["\u4f60 \u597d \u4e16 \u4eba"], "zh", "cer")
    assert scored.cer == pytest.approx(1 / 4)
    assert [e.length for e in scored.counted] == [4]


def test_a_combining_mark_is_not_lost():
    # Hindi "kii" and "kaa" differ in a combining vowel alone.
    assert score(["\u0915\u0940"], ["\u0915\u093e"], "hi", "wer").wer == 1


def test_a_reference_without_words_is_named():
    with pytest.raises(DataError, match=r"'\.\.\.'"):
        score(["..."], ["a"], "en", "wer")


def test_no_utterances_have_no_rate():
    with pytest.raises(DataError, match="no test utterances of nl"):
        score([], [], "nl", "wer")
