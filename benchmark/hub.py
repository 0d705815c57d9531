"""Reading from the Hugging Face Hub: where it is, and what its refusals mean to a user."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from benchmark.cache import REMEDY, cache_folder
from benchmark.errors import DataError
from benchmark.system.denials import Place, denial

Kind = Literal["dataset", "model"]

_PAGES: dict[Kind, str] = {"dataset": "datasets/", "model": ""}
_INSTEAD: dict[Kind, str] = {
    "dataset": "give a folder that holds the dataset as `source`",
    "model": "give a folder that holds the model as `checkpoint`",
}


def endpoint() -> str | None:
    """`HF_ENDPOINT` as it is now; huggingface_hub reads it only when it is imported."""
    return os.environ.get("HF_ENDPOINT")


@contextmanager
def explained(name: str, revision: str, kind: Kind) -> Iterator[None]:
    """Turn what huggingface_hub raises into a DataError that says what to do."""
    from huggingface_hub import errors

    try:
        yield
    except DataError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and (
            denied := denial(error, [Place(cache_folder(), REMEDY)])
        ):
            raise DataError(denied) from error
        # A snapshot that fails reports what is missing here, and as its cause, why.
        cause = error.__cause__ if isinstance(error, errors.LocalEntryNotFoundError) else None
        raise DataError(_advice(cause or error, name, revision, kind)) from error


def _advice(error: BaseException, name: str, revision: str, kind: Kind) -> str:
    from huggingface_hub import errors

    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if isinstance(error, errors.GatedRepoError) or status == 403:
        return (
            f"{name} on the Hub is not open to you: accept its terms at "
            f"https://huggingface.co/{_PAGES[kind]}{name}, then log in with `hf auth login`"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{name} on the Hub has no revision {revision!r}"
    if isinstance(error, errors.RepositoryNotFoundError) or status == 401:
        return (
            f"the Hub has no {kind} {name}, or it is private: check the name, or log in with "
            "`hf auth login`"
        )
    if status is not None:
        return f"the Hub answered {status} for {name}; try again later"
    reason = (str(error).splitlines() or [""])[0] or type(error).__name__
    return (
        f"{name} cannot be had from the Hub ({endpoint() or 'https://huggingface.co'}): {reason}\n"
        f"Connect and run again, or {_INSTEAD[kind]}."
    )
