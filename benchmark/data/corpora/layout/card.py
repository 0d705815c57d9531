"""The configs that a dataset card declares, and the files that belong to each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.data.corpora.layout.configs import Selection


def declared_configs(configs: list[dict[str, Any]]) -> dict[str, Selection]:
    """The selections that a dataset card declares, by config name."""
    selections: dict[str, Selection] = {}
    for config in configs:
        folder = str(config.get("data_dir") or "").removeprefix("./").rstrip("/")
        if "data_files" in config:
            prefix = f"{folder}/" if folder else ""
            files = {
                split: [prefix + path.removeprefix("./") for path in paths]
                for split, paths in _by_split(config["data_files"]).items()
            }
            selection: Selection = {"data_files": files}
        else:
            selection = {"data_dir": folder} if folder else {}
        selections[str(config["config_name"])] = selection
    return selections


def _by_split(data_files: object) -> dict[str, list[str]]:
    """The three ways to write data files in a card: paths, splits with paths, a list of both."""
    if isinstance(data_files, Mapping):
        return {str(split): _listed(paths) for split, paths in data_files.items()}
    if isinstance(data_files, list) and data_files and isinstance(data_files[0], Mapping):
        return {str(entry["split"]): _listed(entry["path"]) for entry in data_files}
    return {"train": _listed(data_files)}


def _listed(paths: object) -> list[str]:
    return [str(path) for path in paths] if isinstance(paths, list) else [str(paths)]


def patterns(selection: Selection) -> list[str] | None:
    """Patterns of the files to download. They follow fnmatch, where `*` also crosses folders, so
    that they may take more files than the config has, but none less."""
    if "data_dir" in selection:
        return [f"{selection['data_dir']}/*"]
    if "data_files" not in selection:
        return None
    paths = [path for paths in selection["data_files"].values() for path in paths]
    return paths + [path.replace("**/", "") for path in paths if "**/" in path]
