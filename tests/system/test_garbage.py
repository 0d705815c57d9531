"""The search for garbage goes on after work that did without."""

from __future__ import annotations

import gc

import pytest

from benchmark.system.garbage import no_garbage


def test_the_search_goes_on_afterwards_and_after_an_error() -> None:
    with no_garbage():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), no_garbage():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_who_does_without_inside_of_another_does_not_switch_it_on() -> None:
    with no_garbage():
        with no_garbage():
            pass
        assert not gc.isenabled()
