"""The interpreter lock, Ctrl-C, and progress."""

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import SAMPLE

import edgewise


def test_others_run_meanwhile() -> None:
    counted, stop = 0, threading.Event()

    def count() -> None:
        nonlocal counted
        while not stop.is_set():
            counted += 1

    thread = threading.Thread(target=count)
    thread.start()
    try:
        while not counted:
            time.sleep(0.001)
        before = counted
        edgewise.mine(SAMPLE, threads=1, decoys=0, encoder="static")
        during = counted - before
    finally:
        stop.set()
        thread.join()
    assert during > 10_000


def test_several_runs_at_once(run: edgewise.Run, slice_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        runs = list(pool.map(lambda threads: edgewise.mine(slice_path, decoys=2, threads=threads), [1, 2, 1]))
    assert all(other.needs == run.needs for other in runs)


def test_one_run_from_several_threads(run: edgewise.Run, tmp_path: Path) -> None:
    def look(at: int) -> list[str]:
        if at % 5 == 0:
            run.write(tmp_path / "out")
        return [run.text(i) for i in range(0, len(run.comments), 9)]

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(look, range(10)))
    assert all(words == seen[0] for words in seen)


def test_progress_is_told(slice_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    edgewise.mine(slice_path, decoys=2, progress=lambda stage, done, total: told.append((stage, done, total)))
    stages = [stage for stage, _, _ in told]
    assert stages.index("read") < stages.index("embed") < stages.index("needs")
    assert all(total == 0 or done <= total for _, done, total in told)


def test_progress_on_standard_error(slice_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edgewise.mine(slice_path, decoys=1, progress=True)
    out, err = capsys.readouterr()
    assert out == "" and "edgewise: read" in err and err.endswith("\r")


@pytest.mark.parametrize("at", ["read", "embed", "decoys"])
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_progress_may_raise(slice_path: Path, at: str, error: type[BaseException]) -> None:
    def tell(stage: str, done: int, total: int) -> None:
        if stage == at:
            raise error("enough")

    with pytest.raises(error, match="enough"):
        edgewise.mine(slice_path, decoys=2, progress=tell)


def test_progress_may_use_the_engine(slice_path: Path) -> None:
    inner: list[int] = []

    def tell(stage: str, done: int, total: int) -> None:
        if stage == "families":
            inner.append(edgewise.mine(["the lid leaks"]).counts["read"])

    edgewise.mine(slice_path, decoys=0, progress=tell)
    assert inner == [1]


INTERRUPTED = """
import sys, edgewise
def tell(stage, done, total):
    if stage == "decoys": print(stage, flush=True)
print("begun", flush=True)
try:
    edgewise.mine(sys.argv[1], decoys=100, progress=tell if sys.argv[2] == "decoys" else None)
except KeyboardInterrupt:
    print("stopped", flush=True)
    edgewise.mine(["the lid leaks"])
    raise
"""


@pytest.mark.parametrize("when", ["begun", "decoys"])
def test_control_c(when: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, SAMPLE, when], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with child:
        try:
            assert child.stdout
            for line in child.stdout:
                if line.strip() == when:
                    break
            time.sleep(0.5)
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=60)
        finally:
            child.kill()
    assert "stopped" in out and "KeyboardInterrupt" in err
    assert child.returncode == -signal.SIGINT
