#!/bin/sh
# Makes .venv and everything in it, on a machine that has only Python 3.11+ and make.
# usage: tools/setup.sh [browser]   (browser: chromium for the UI tests as well)
set -eu
cd "$(dirname "$0")/.."

say() { printf '\033[1m%s\033[0m\n' "$*"; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1
    fi
}

# Debian packages, only those that are missing. Returns 1 and says the exact line when we may not install.
need_packages() {
    command -v dpkg >/dev/null 2>&1 || { say "not Debian: please install the equivalents of: $*"; return 1; }
    missing=""
    for package in "$@"; do
        dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' || missing="$missing $package"
    done
    [ -z "$missing" ] && return 0
    say "installing$missing"
    # shellcheck disable=SC2086
    if as_root env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing" >/dev/null; then
        return 0
    fi
    say "please run: sudo apt-get install -y$missing"
    return 1
}

python=""
for candidate in python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python="$candidate"
        break
    fi
done
[ -n "$python" ] || { say "Python 3.11 or newer is needed: sudo apt-get install -y python3 python3-venv"; exit 1; }

# WeasyPrint's libraries. Without libharfbuzz-subset a page takes seven times as long.
need_packages libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 || weasyprint_libraries_missing=1

if [ ! -x .venv/bin/python ]; then
    "$python" -m venv .venv 2>/dev/null || { need_packages python3-venv && rm -rf .venv && "$python" -m venv .venv; }
fi
stamp=.venv/installed
wanted=$(cat requirements.lock pyproject.toml | cksum)
if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ]; then
    say "installing Python packages into .venv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
    .venv/bin/uv pip install --quiet --python .venv/bin/python -r requirements.lock
    .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps -e .
    printf '%s' "$wanted" >"$stamp"
fi

say "preparing the dbt manifest (when the models have changed)"
.venv/bin/python -m orchestration.dbt prepare >.venv/dbt-prepare.log 2>&1 || { cat .venv/dbt-prepare.log; exit 1; }

if [ "${1:-}" = browser ]; then
    if ! command -v chromium >/dev/null 2>&1 && ! need_packages chromium; then
        [ "${CI:-}" = true ] && { say "chromium is needed in CI"; exit 1; }
        say "without chromium the UI tests are skipped"
    fi
fi
[ -z "${weasyprint_libraries_missing:-}" ] || { .venv/bin/python -c 'import weasyprint' 2>/dev/null || exit 1; }
