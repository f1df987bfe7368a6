"""The package and the program are one engine: the same files, byte for byte."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import PROGRAM, lines_of

import edgewise


@pytest.fixture(scope="module")
def told(slice_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("told") / "run"
    command: list[str | Path] = [PROGRAM, "mine", slice_path, "-o", folder, "--decoys", "2", "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120)
    return folder


def test_files_are_the_same(run: edgewise.Run, told: Path, tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet" / "there"
    run.write(folder)
    run.write(str(folder))
    assert sorted(os.listdir(folder)) == sorted(os.listdir(told))
    for name in ("needs.jsonl", "themes.jsonl", "comments.jsonl", "run.json"):
        assert (folder / name).read_bytes() == (told / name).read_bytes(), name


def near(one: Any, other: Any) -> bool:
    """The files round their numbers."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(near(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(near, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return bool(one == pytest.approx(other, abs=6e-4))
    return bool(one == other)


def test_records_are_those_of_the_files(run: edgewise.Run, told: Path) -> None:
    assert near(run.needs.to_records(), lines_of(told / "needs.jsonl"))
    assert near(run.themes.to_records(), lines_of(told / "themes.jsonl"))
    for comment, line in zip(run.comments.to_records(), lines_of(told / "comments.jsonl"), strict=True):
        if "needs" not in line:  # written only where there are several
            assert comment.pop("needs") == ([line["need"]] if line["need"] else [])
        assert near({name: comment[name] for name in line}, line)


def test_explain(run: edgewise.Run, told: Path) -> None:
    need = run.needs[0]
    said = edgewise.explain(told, need.id)
    assert said["id"] == need.id
    words = edgewise.explain(str(told), run.comments[0].id, as_text=True)
    command: list[str | Path] = [PROGRAM, "explain", told, run.comments[0].id]
    assert words == subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()
    with pytest.raises(edgewise.EdgewiseError, match="nobody"):
        edgewise.explain(told, "nobody")
    with pytest.raises(edgewise.EdgewiseError):
        edgewise.explain(told / "nowhere", need.id)


def test_assign(run: edgewise.Run, told: Path, slice_path: Path, tmp_path: Path) -> None:
    assigned = edgewise.assign(told, slice_path)
    assert all(one.known for one in assigned) and assigned.to_arrow().num_rows == len(run.comments)
    for comment, placed in zip(run.comments, assigned, strict=True):
        assert (placed.id, placed.theme, placed.noise) == (comment.id, comment.theme, comment.noise)
        assert placed.needs == comment.needs
    (tmp_path / "later.jsonl").write_text(json.dumps({"id": "a", "text": "nothing that anybody ever said, zebra"}) + "\n")
    command: list[str | Path] = [PROGRAM, "assign", told, tmp_path / "later.jsonl"]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    (again,) = edgewise.assign(told, tmp_path / "later.jsonl")
    assert not again.known and again.fringe is None and (again.id, again.theme, again.noise) == (said["id"], said["theme"], said["noise"])
    with pytest.raises(edgewise.InputError, match="model.bin"):
        edgewise.assign(tmp_path, ["the lid leaks"])


def test_cannot_write(run: edgewise.Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(edgewise.ResourceError):
        run.write(tmp_path / "file")
