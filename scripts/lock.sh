#!/usr/bin/env bash
# Compiles the lock files anew from requirements/*.in (`make lock`; give UPGRADE=1 to take newer releases).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
uv=.venv/uv/bin/uv
[ -x "$uv" ] || uv=uv
"$uv" --version >/dev/null 2>&1 || { echo 'lock: uv is missing; run make setup, or install uv' >&2; exit 1; }
options=(--quiet --generate-hashes --no-header ${UPGRADE:+--upgrade})
"$uv" pip compile "${options[@]}" --universal --python-version 3.9 requirements/uv.in -o requirements/uv.txt
"$uv" pip compile "${options[@]}" --python-version 3.10 requirements/build.in -o requirements/build.txt
"$uv" pip compile "${options[@]}" --python-version 3.10 -b requirements/build.txt requirements/bot.in -o requirements/bot.txt
"$uv" pip compile "${options[@]}" --python-version 3.12 -b requirements/build.txt requirements/app.in -o requirements/app.txt
