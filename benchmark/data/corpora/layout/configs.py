"""The config of a dataset for a language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from benchmark.data.corpora.layout.card import Config
from benchmark.data.corpora.layout.splits import usual_name
from benchmark.errors import DataError


def all_configs(declared: Mapping[str, Config], folders: Iterable[str]) -> dict[str, Config]:
    """The configs of a dataset: those declared by its card or, if there are none, the whole dataset
    as `default` and a config per top-level folder, unless the folders are splits."""
    if declared.keys() - {"default"}:
        return dict(declared)
    names = [name for name in folders if not name.startswith((".", "__"))]
    if any(usual_name(name) or name == "data" for name in names):
        names = []
    return {"default": Config(), **declared, **{name: Config(name) for name in names}}


def choose_config(
    language: str, names: Sequence[str], mapping: Mapping[str, str], source: str
) -> str:
    """The config of `language`: the mapped one, else the one with that name, else the only one with
    that prefix (`nl` -> `nl_nl`).

    Raises DataError if there is none or more than one, and lists the configs.
    """
    if language in mapping:
        wanted = mapping[language]
        if wanted in names:
            return wanted
        raise DataError(f"{source} has no config {wanted!r}{_meant(wanted, names)}")
    if language in names:
        return language
    longer = [name for name in names if name.startswith((f"{language}_", f"{language}-"))]
    if len(longer) == 1:
        return longer[0]
    if longer:
        raise DataError(
            f"{source} has several configs for language {language!r}: {', '.join(longer)}; "
            f"choose one, for example `configs: {{{language}: {longer[0]}}}`"
        )
    raise DataError(
        f"{source} has no config for language {language!r}{_meant(language, names)}; "
        f"`configs: {{{language}: NAME}}` names one that holds that language alone"
    )


def _meant(wanted: str, names: Sequence[str]) -> str:
    close = get_close_matches(wanted, names, n=1)
    question = f"; did you mean {close[0]!r}?" if close else ";"
    listed = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    return f"{question} It has: {listed}" if close else f"{question} it has: {listed}"
