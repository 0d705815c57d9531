from __future__ import annotations

import pytest

from benchmark.data.base import Utterance
from benchmark.data.disjoint import Sharing, check_disjoint
from benchmark.errors import DataError

BOTH = frozenset({"speaker", "text"})


def said(uid: str, speaker: str | None, text: str, audio: str | None = None) -> Utterance:
    return Utterance(uid, "nl", uid[0], speaker, text, 1.0, audio or f"audio of {uid}")


POOL = [said("a1", "anna", "Hallo!"), said("a2", "anna", "tot ziens")]


def test_new_speakers_and_sentences_pass() -> None:
    sharing = check_disjoint(POOL, [said("t1", "bert", "dag")], BOTH)
    assert sharing == Sharing(1, 0, 0, speakers_known=True)


def test_shared_text_is_found_after_normalisation_and_both_sides_are_named() -> None:
    test = [said("t1", "bert", "dag"), said("t2", "bert", "hallo")]
    with pytest.raises(DataError, match=r"1 of 2 .* first t2 with a1\.\n.*`disjoint: \[speaker\]`"):
        check_disjoint(POOL, test, BOTH)


def test_shared_speaker_is_found() -> None:
    with pytest.raises(
        DataError, match=r"share their speaker .* t1 with a1\.\n.*`disjoint: \[text\]`"
    ):
        check_disjoint(POOL, [said("t1", "anna", "dag")], BOTH)


def test_allowed_sharing_is_counted() -> None:
    test = [said("t1", "anna", "dag"), said("t2", "anna", "hallo"), said("t3", "bert", "Hallo")]
    sharing = check_disjoint(POOL, test, frozenset())
    assert (sharing.num_shared_speaker, sharing.num_shared_text) == (2, 2)
    assert sharing.shared_speaker == pytest.approx(2 / 3)


def test_last_requirement_may_be_dropped() -> None:
    with pytest.raises(DataError, match=r"`disjoint: \[\]`"):
        check_disjoint(POOL, [said("t1", "anna", "dag")], frozenset({"speaker"}))


@pytest.mark.parametrize("same", [said("a1", "x", "y"), said("t1", "x", "y", "audio of a1")])
def test_same_utterance_on_both_sides_is_never_allowed(same: Utterance) -> None:
    with pytest.raises(DataError, match="of the support pool"):
        check_disjoint(POOL, [same], frozenset())


def test_unknown_speakers_are_said_to_be_unknown() -> None:
    sharing = check_disjoint(POOL, [said("t1", None, "dag")], BOTH)
    assert not sharing.speakers_known
    assert sharing.num_shared_speaker == 0
