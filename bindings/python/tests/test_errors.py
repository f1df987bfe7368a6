"""What is refused, by which exception, with which place."""

import gzip
import pickle
from pathlib import Path
from typing import Any

import pytest

import edgewise
from edgewise import InputError, ResourceError, UsageError

TEXT = ["the lid leaks"]


def test_classes() -> None:
    for kind in (UsageError, InputError, ResourceError, edgewise.InternalError):
        assert issubclass(kind, edgewise.EdgewiseError)
    assert issubclass(UsageError, ValueError)
    error = InputError("broken", 3, 17)
    copied = pickle.loads(pickle.dumps(error))
    assert (type(copied), str(copied), copied.line, copied.byte) == (InputError, "broken", 3, 17)
    assert UsageError("wrong").line is None


@pytest.mark.parametrize(
    "options",
    [
        {"threads": 2**31}, {"threads": 2**80}, {"threads": "2"}, {"threads": 1.5}, {"seed": -1}, {"seed": 2**64}, {"decoys": -1},
        {"decoys": 10**6}, {"themes": -1}, {"memory": -1}, {"max_line": 3}, {"zstd_window_log": 99}, {"format": "xml"},
        {"format": "jsonl"}, {"columns": {"body": "x"}}, {"columns": {"text": 3}}, {"columns": "text"},
        {"columns": {"text": "a\0"}}, {"model": 3}, {"model": "a\0b"}, {"vectors": [1, 2]}, {"progress": 3},
    ],
    ids=str,
)  # fmt: skip
def test_options_that_make_no_sense(options: Any) -> None:
    with pytest.raises(UsageError):
        edgewise.mine(TEXT, **options)


def test_unknown_options() -> None:
    with pytest.raises(UsageError, match="colour"):
        edgewise.plan(TEXT, colour=1)  # type: ignore[call-arg]  # the mistake under test
    with pytest.raises(TypeError):
        edgewise.mine(TEXT, colour=1)  # type: ignore[call-arg]  # the mistake under test


NO_COMMENTS: list[Any] = [3, None, {}, {"text": "a"}, [3], ["a", 3], [{}, "a"], [Path("a"), "b"], "", "a\0b"]


@pytest.mark.parametrize("comments", NO_COMMENTS, ids=repr)
def test_things_that_are_no_comments(comments: Any) -> None:
    with pytest.raises(UsageError):
        edgewise.mine(comments)


def test_names_among_texts(slice_path: Path) -> None:
    with pytest.raises(UsageError, match="pathlib"):
        edgewise.mine([str(slice_path)])
    assert len(edgewise.mine([str(slice_path), "no file"]).comments) == 2


@pytest.mark.parametrize("comments", [[], b"", "no/such/file", b"[1, 2", b"\x28\xb5\x2f\xfd"], ids=repr)
def test_inputs_that_cannot_be_read(comments: Any) -> None:
    with pytest.raises(InputError):
        edgewise.mine(comments)


def test_a_broken_file_names_the_place(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(b'[{"text":"the lid"},\n{"text":"the handle"},\n{"text":"the sp')
    with pytest.raises(InputError, match="get a whole copy") as caught:
        edgewise.mine(path)
    assert caught.value.line == 3 and caught.value.byte is not None and caught.value.byte >= 44
    assert str(caught.value).startswith(f"{path}:3: byte {caught.value.byte}: ")


def test_a_broken_archive_names_itself(tmp_path: Path) -> None:
    path = tmp_path / "broken.gz"
    path.write_bytes(gzip.compress(b"".join(b'{"text":"comment %d on the lid"}\n' % at for at in range(50)))[:-20])
    with pytest.raises(InputError, match="breaks off at byte") as caught:
        edgewise.mine(path)
    assert str(path) in str(caught.value)


def test_memory_is_kept_to(slice_path: Path) -> None:
    with pytest.raises(ResourceError):
        edgewise.mine(slice_path, memory=1 << 20)


def test_circles_are_refused() -> None:
    record: dict[str, Any] = {"text": "a"}
    record["self"] = record
    with pytest.raises(UsageError, match="record 0"):
        edgewise.mine([record])
