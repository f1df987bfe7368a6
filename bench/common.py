"""What the benches share: the machine, pinned runs with their cost, corpora."""
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
FRAME = 1 << 20


def machine():
    """Processor and cores, as one word of a CSV."""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        facts = dict(re.split(r"\s*: ", line.strip(), maxsplit=1) for line in lines if ": " in line)
    return f"{facts.get('model name', 'unknown')} family {facts.get('cpu family', '?')} model {facts.get('model', '?')} x{os.cpu_count()}"


def commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=HERE, capture_output=True, text=True)
    return done.stdout.strip() or "none"


def cost(command, threads=1, env=None, limit=600):
    """Runs a command on `threads` cores. Returns (exit code, CPU seconds, peak bytes, last line said); exit code None: out of time."""
    cores = sorted(os.sched_getaffinity(0))[:threads]
    late = []
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, env=dict(os.environ, **(env or {})), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
                                 preexec_fn=lambda: os.sched_setaffinity(0, cores))
        timer = threading.Timer(limit, lambda: (late.append(1), child.kill()))
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        lines = said.read().decode("utf-8", "replace").strip().splitlines()
    return None if late else child.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, lines[-1] if lines else ""


def timed(program, verb, source, out, threads, env=None, options=()):
    """One run of a stage. Returns its --timings; ends the bench where it fails."""
    timings = out + ".timings.json"
    command = [program, verb, source, "-o", out, "--threads", str(threads), "--quiet", "--timings", timings, *options]
    code, cpu, peak, said = cost(command, threads, env)
    if code != 0:
        sys.exit(f"{' '.join(command)}: exit {code}: {said}")
    with open(timings, encoding="utf-8") as file:
        found = json.load(file)
    return dict(found, process_cpu=cpu, process_peak=peak)


def foretold(program, source, options):
    """What plan says of a run with these options."""
    done = subprocess.run([program, "plan", source, *options, "--json"], check=True, capture_output=True)
    return json.loads(done.stdout)


def mined(program, source, folder, options):
    """One run of mine: its --timings, with the units it had."""
    timings = folder + ".timings.json"
    subprocess.run([program, "mine", source, "-o", folder, *options, "--quiet", "--timings", timings], check=True, stdout=subprocess.DEVNULL)
    with open(timings, encoding="utf-8") as file:
        spent = json.load(file)
    with open(os.path.join(folder, "run.json"), encoding="utf-8") as file:
        return dict(spent, units=json.load(file)["units"])


def pack(plain, path):
    """JSONL -> zstd frames of about 1 MiB that end with a line, each with its size, as `edgewise pack` makes them."""
    with open(plain, "rb") as lines, open(path, "wb") as out:
        while block := lines.readlines(FRAME):
            data = b"".join(block)
            out.write(subprocess.run(["zstd", "-q", "-3", "-c", f"--stream-size={len(data)}"], input=data, capture_output=True, check=True).stdout)


def sample(rows, folder):
    """The sample quarter at any size, plain and packed, made once. Returns the packed file's path."""
    path = os.path.join(folder, f"sample-{rows}.jsonl")
    if not os.path.exists(path + ".zst"):
        with tempfile.TemporaryDirectory(dir=folder) as made:
            subprocess.run([sys.executable, os.path.join(HERE, "../corpora/sample/generate.py"), made, "--rows", str(rows)], check=True,
                           stdout=subprocess.DEVNULL)
            os.rename(os.path.join(made, "quarter.jsonl"), path)
        pack(path, path + ".part")
        os.rename(path + ".part", path + ".zst")
    return path + ".zst"
