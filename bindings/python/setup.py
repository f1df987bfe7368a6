"""Builds edgewise._core: `make` makes the engine's static library in the checkout, and a thin C module is linked to it.

EDGEWISE_CONFIG chooses the Makefile's configuration (release).
"""

import os
import re
import subprocess
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CONFIG = os.environ.get("EDGEWISE_CONFIG", "release")
LIBRARY = f"build/{CONFIG}/libedgewise.a"
SCRATCH = ROOT / "build" / "python"


def found(pattern: str, path: Path) -> str:
    match = re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
    if not match:
        raise SystemExit(f"{path} has no line {pattern!r}; is this a whole checkout of edgewise?")
    return match[1]


if not (ROOT / "core" / "edgewise.h").is_file():
    raise SystemExit("edgewise is built from its checkout: pip install PATH/TO/edgewise/bindings/python")


class Build(build_ext):
    def run(self) -> None:
        jobs = str(len(os.sched_getaffinity(0)))
        subprocess.run(["make", "--no-print-directory", f"-j{jobs}", f"CONFIG={CONFIG}", LIBRARY], cwd=ROOT, check=True)
        super().run()


SCRATCH.mkdir(parents=True, exist_ok=True)
os.chdir(HERE)
sources = sorted(str(path.relative_to(HERE)) for path in (HERE / "native").glob("*.c"))
warnings = "-Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Werror=implicit"
core = Extension(
    "edgewise._core",
    sources=sources,
    depends=["native/core.h", str(ROOT / "core" / "edgewise.h"), str(ROOT / LIBRARY)],
    include_dirs=[str(ROOT / "core")],
    define_macros=[("Py_LIMITED_API", "0x030B0000")],
    extra_compile_args=["-std=c11", "-fvisibility=hidden", *warnings.split()],
    extra_objects=[str(ROOT / LIBRARY)],
    extra_link_args=[*found(r"^LIBS := (.*)$", ROOT / "Makefile").split(), "-pthread", "-Wl,--exclude-libs,ALL"],
    py_limited_api=True,
)
setup(
    version=found(r'^#define EW_VERSION "(.*)"', ROOT / "core" / "edgewise.h"),
    ext_modules=[core],
    cmdclass={"build_ext": Build},
    options={
        "build": {"build_base": str(SCRATCH)},
        "egg_info": {"egg_base": str(SCRATCH)},
        "bdist_wheel": {"py_limited_api": "cp311"},
    },
)
