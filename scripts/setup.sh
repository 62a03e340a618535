#!/usr/bin/env bash
# Makes .venv/bot (Python 3.10, Rasa) and .venv/app (Python 3.12, the rest) from the hashed lock files.
# An environment is touched only when its lock files changed. Ends with one clear line when it cannot go on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export UV_NO_PROGRESS=1 UV_PYTHON_PREFERENCE=system

fail() { printf 'set-up: %s\n' "$*" >&2; exit 1; }

digest() { # of what an environment is made from
  cat "$@" | { sha256sum 2>/dev/null || shasum -a 256; } | cut -d ' ' -f 1
}

is_current() { # environment, digest
  [ -x ".venv/$1/bin/python" ] && [ "$(cat ".venv/$1/.made-from" 2>/dev/null)" = "$2" ] \
    && ".venv/$1/bin/python" -c '' 2>/dev/null
}

find_uv() {
  if [ -x .venv/uv/bin/uv ] && .venv/uv/bin/uv --version >/dev/null 2>&1; then uv=.venv/uv/bin/uv; return; fi
  if uv --version >/dev/null 2>&1; then uv=uv; return; fi
  command -v python3 >/dev/null || fail 'python3 is missing; install it (Debian: apt-get install python3 python3-venv)'
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' \
    || fail "python3 is older than 3.9; install a newer one, or uv itself, and run make again"
  echo 'set-up: fetching uv'
  rm -rf .venv/uv
  python3 -m venv .venv/uv >/dev/null 2>&1 \
    || { rm -rf .venv/uv; fail 'python3 cannot make environments (no ensurepip); install it (Debian: apt-get install python3-venv)'; }
  .venv/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
    -r requirements/uv.txt >.venv/uv.log 2>&1 \
    || { rm -rf .venv/uv; fail "uv could not be fetched with pip: $(tail -n 1 .venv/uv.log); or install uv yourself"; }
  uv=.venv/uv/bin/uv
}

make_environment() { # name, Python version, lock files …
  local name=$1 version=$2 log=.venv/$1.log wanted
  shift 2
  wanted=$(digest requirements/build.txt "$@")
  if is_current "$name" "$wanted"; then return 0; fi
  echo "set-up: making .venv/$name (Python $version)"
  rm -f ".venv/$name/.made-from"
  if [ "$(".venv/$name/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" != "$version" ]; then
    rm -rf ".venv/$name"
    "$uv" venv --quiet --python "$version" ".venv/$name" >"$log" 2>&1 \
      || fail "Python $version is missing here and could not be fetched; install it (for example: uv python install $version, or pyenv install $version)"
  fi
  # sync installs exactly what is listed and nothing that a package asks for beyond that
  "$uv" pip sync --quiet --require-hashes --build-constraints requirements/build.txt \
    --python ".venv/$name/bin/python" "$@" >"$log" 2>&1 \
    || { tail -n 20 "$log" >&2; fail "packages for .venv/$name could not be installed (whole output: $log)"; }
  printf '%s\n' "$wanted" >".venv/$name/.made-from"
}

mkdir -p .venv 2>/dev/null || fail "cannot write to $PWD; make it writable for $(id -un)"
if command -v flock >/dev/null; then
  exec 9>.venv/setup.lock
  flock -n 9 || { echo 'set-up: waiting for another set-up to end'; flock 9; }
fi

bot_files=(requirements/bot.txt requirements/encoder.txt)
app_files=(requirements/app.txt)
if is_current bot "$(digest requirements/build.txt "${bot_files[@]}")" \
  && is_current app "$(digest requirements/build.txt "${app_files[@]}")"; then exit 0; fi

find_uv
make_environment bot 3.10 "${bot_files[@]}" &
bot_job=$!
app_failed=0
(make_environment app 3.12 "${app_files[@]}") || app_failed=1
wait "$bot_job" || exit 1
exit "$app_failed"
