"""The sample quarter, a slice of it, and one run over the slice that many tests look at."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

import edgewise

os.environ["EDGEWISE_WEIGHTS"] = ""  # no deep encoder, whatever lies in the cache

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "build" / "sample" / "quarter.jsonl"
PROGRAM = Path(os.environ.get("EDGEWISE_PROGRAM", ROOT / "build" / "release" / "edgewise"))
ROWS = 800


@pytest.fixture(scope="session")
def slice_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slice") / "slice.jsonl"
    with SAMPLE.open(encoding="utf-8") as lines:
        path.write_text("".join(line for line, _ in zip(lines, range(ROWS), strict=False)), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def records(slice_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in slice_path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def run(slice_path: Path) -> edgewise.Run:
    return edgewise.mine(slice_path, decoys=2)


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
