#!/usr/bin/env bash
# Build the wheel as a release is built, install it, and test what is installed, once per instruction set.
#
#     bash tools/test.sh [folder of a virtual environment]
#
# Without an argument: the active virtual environment, else a new one that is removed afterwards.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

venv=${1:-${VIRTUAL_ENV:-$scratch/venv}}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
python=$(cd "$venv/bin" && pwd)/python

echo "== build the sdist, and the wheel from it"
"$python" -m pip install --quiet build
rm -rf "$root/dist"
"$python" -m build --outdir "$root/dist" "$root" >"$scratch/build.log" 2>&1 || {
    tail -n 40 "$scratch/build.log"
    exit 1
}
wheel=$(echo "$root"/dist/*.whl)
ls -l "$root/dist"

echo "== install the wheel"
"$python" -m pip install --quiet --force-reinstall --no-deps "$wheel"
"$python" -m pip install --quiet "$wheel[test]"

export OPENBLAS_NUM_THREADS=1 # its threads spin while they wait, for minutes if another program has a CPU
cd "$scratch" # away from the sources: only what is installed can be imported
tests=(-p no:cacheprovider -c "$root/pyproject.toml" --rootdir "$root" "$root/tests")
skip="" # what is slow builds the library, and is run once, with the best instruction set
for isa in $("$python" -c "from fastact import _dispatch; print(*reversed(_dispatch.available()))"); do
    echo "== test, instruction set $isa"
    FASTACT_ISA=$isa "$python" -m pytest "${tests[@]}" -m "$skip"
    skip="not slow"
done
