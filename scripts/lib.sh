# shellcheck shell=bash
# What the scripts share. Sourced, never run: it moves to the repository's top folder and finds or makes the tools.

set -euo pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=$TOP/.cache
cd "$TOP"
mkdir -p "$CACHE/logs"

# Home Assistant is big: without compiled files every start would take seconds longer.
unset PYTHONDONTWRITEBYTECODE
# A virtual environment that happens to be active has no say here.
unset VIRTUAL_ENV PYTHONHOME
# uv and Home Assistant keep things in the home; without a usable one they keep them here.
[ -n "${HOME:-}" ] && [ -w "$HOME" ] || export HOME=$CACHE/home

UV_VERSION=0.13.9
PYTHON_WANTED='>=3.14.2,<3.15'

say() { printf '==> %s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# step TEXT COMMAND...   Says what is done, then how long it took; every 15 s that it still goes on. The command's
# output goes to a log, which is shown only if the command fails.
step() {
  local text=$1 log began=$SECONDS code=0 waited=0
  shift
  log=$(mktemp "$CACHE/logs/step.XXXXXX")
  say "$text"
  "$@" >"$log" 2>&1 &
  local child=$!
  trap 'kill "$child" 2>/dev/null; exit 130' INT TERM  # a command in the background is deaf to Ctrl-C
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.2
    waited=$((SECONDS - began))
    if ((waited >= 15 && waited % 15 == 0 && waited != ${reported:-0})); then
      local reported=$waited
      printf '    still at it after %d s\n' "$waited"
    fi
  done
  wait "$child" || code=$?
  trap - INT TERM
  if ((code)); then
    cat "$log" >&2
    rm -f "$log"
    die "this failed: $text"
  fi
  rm -f "$log"
  printf '    done in %d s\n' $((SECONDS - began))
}

# uv installs in seconds what takes pip minutes, and can let Home Assistant win over what the test plugin pins.
find_uv() {
  UV=$(command -v uv || true)
  [ -n "$UV" ] && return
  UV=$CACHE/uv/bin/uv
  if [ ! -x "$UV" ]; then
    command -v python3 >/dev/null || die "neither uv nor python3 is here; install one of them"
    step "Getting uv $UV_VERSION" make_uv
  fi
  follow_pip_settings
}

make_uv() {
  python3 -m venv --clear "$CACHE/uv" && "$CACHE/uv/bin/python" -m pip install --quiet "uv==$UV_VERSION"
}

# uv does not read pip's settings, yet a machine may reach packages only by them.
follow_pip_settings() {
  local pip=("$CACHE/uv/bin/python" -m pip config get) found
  if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}${UV_CONFIG_FILE:-}" ]; then
    found=${PIP_INDEX_URL:-$("${pip[@]}" global.index-url 2>/dev/null || true)}
    [ -z "$found" ] || export UV_DEFAULT_INDEX=$found
  fi
  if [ -z "${UV_INSECURE_HOST:-}" ]; then
    found=${PIP_TRUSTED_HOST:-$("${pip[@]}" global.trusted-host 2>/dev/null || true)}
    [ -z "$found" ] || export UV_INSECURE_HOST=$found
  fi
  if [ -z "${SSL_CERT_FILE:-}" ]; then
    found=${PIP_CERT:-$("${pip[@]}" global.cert 2>/dev/null || true)}
    [ -z "$found" ] || export SSL_CERT_FILE=$found
  fi
}

is_wanted_python() {
  "$1" -c '
import ssl, sqlite3, sys
is_environment = sys.prefix != sys.base_prefix
sys.exit(is_environment or not (3, 14, 2) <= sys.version_info[:3] < (3, 15))' 2>/dev/null
}

# A Python 3.14 that is here already, else uv's own, else Debian's.
find_python() {
  local name
  for name in python3.14 python3 python; do
    PYTHON=$(command -v "$name" || true)
    [ -n "$PYTHON" ] && is_wanted_python "$PYTHON" && return
  done
  PYTHON=$CACHE/python3.14/usr/bin/python3.14
  is_wanted_python "$PYTHON" && return
  PYTHON=$("$UV" python find --system --no-python-downloads "$PYTHON_WANTED" 2>/dev/null || true)
  [ -n "$PYTHON" ] && is_wanted_python "$PYTHON" && return
  say "Getting Python 3.14"
  if UV_HTTP_TIMEOUT=10 timeout 180 "$UV" python install --quiet 3.14 2>/dev/null; then
    PYTHON=$("$UV" python find --system --no-python-downloads "$PYTHON_WANTED")
    return
  fi
  PYTHON=$CACHE/python3.14/usr/bin/python3.14
  step "uv cannot download it here; unpacking Debian's, with its own C library, into .cache/python3.14" \
    env UV="$UV" "$TOP/scripts/install_python314" "$CACHE/python3.14"
}
