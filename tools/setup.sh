#!/bin/sh
# Makes .venv and everything in it, on a machine that has only Python 3.11+ and make.
# usage: tools/setup.sh [browser]   (browser: chromium for the UI tests as well)
# Stamps in .venv and dbt_project/target say what is done already: a second run takes a moment.
set -eu
cd "$(dirname "$0")/.."
# What Python compiles is kept in .venv and beside the sources (git ignores it): it is half of the start of every process.
unset PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*"; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1
    fi
}

# Of the Debian packages given, those that are not installed.
missing_packages() {
    for package in "$@"; do
        dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' || printf ' %s' "$package"
    done
}

# Installs what is missing of the Debian packages given. Where we may not, says the exact line and returns 1.
need_packages() {
    command -v dpkg >/dev/null 2>&1 || { say "This is not Debian or Ubuntu: please install the equivalents of: $*"; return 1; }
    missing=$(missing_packages "$@")
    [ -z "$missing" ] && return 0
    say "Installing$missing"
    log=$(mktemp)
    # shellcheck disable=SC2086  words are meant
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >"$log" 2>&1 &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >>"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    tail -n 3 "$log" >&2
    rm -f "$log"
    say "Please run: sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing"
    return 1
}

python_environment() {
    .venv/bin/python -m pip --version >/dev/null 2>&1 && return 0
    rm -rf .venv # one that was interrupted, or made without pip
    python=""
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python="$candidate"
            break
        fi
    done
    if [ -z "$python" ]; then
        say "Python 3.11 or newer is needed, found: $(python3 --version 2>&1)."
        say "Please run: sudo apt-get update && sudo apt-get install -y python3 python3-venv"
        say "(Ubuntu 22.04: python3.11 python3.11-venv)"
        exit 1
    fi
    say "Making .venv with $("$python" --version)"
    "$python" -m venv .venv >/dev/null 2>&1 && return 0
    rm -rf .venv
    # Debian ships venv without pip until this package is there.
    need_packages "$python-venv" || exit 1
    "$python" -m venv .venv
}

python_packages() {
    stamp=.venv/installed.cksum
    wanted=$(cat requirements.lock pyproject.toml | cksum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return 0
    say "Installing Python packages into .venv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
    .venv/bin/uv pip install --quiet --python .venv/bin/python -r requirements.lock
    .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps -e .
    printf '%s' "$wanted" >"$stamp"
    # The largest packages are compiled here, beside the preparation of dbt, which compiles the others.
    .venv/bin/python -c 'import great_expectations.expectations, weasyprint' >/dev/null 2>&1 &
}

dbt_manifests() {
    stamp=dbt_project/target/prepared.cksum
    wanted=$(find dbt_project -name 'target*' -prune -o -name logs -prune -o -name '__pycache__' -prune -o \
        -type f -print0 | LC_ALL=C sort -z | xargs -0 cat requirements.lock orchestration/dbt/manifest.py orchestration/dbt/templates.py orchestration/dbt/statements.py | cksum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return 0
    say "Preparing the dbt manifest"
    mkdir -p dbt_project/logs
    if ! .venv/bin/python -m orchestration.dbt prepare >dbt_project/logs/prepare.log 2>&1; then
        cat dbt_project/logs/prepare.log >&2
        exit 1
    fi
    mkdir -p dbt_project/target
    printf '%s' "$wanted" >"$stamp"
}

browser() {
    for candidate in chromium chromium-browser google-chrome; do
        command -v "$candidate" >/dev/null 2>&1 && return 0
    done
    need_packages chromium && return 0
    if [ "${CI:-}" = true ]; then
        say "In CI the tests in a browser are not skipped: chromium is needed."
        exit 1
    fi
    say "Without chromium the tests in a browser are skipped."
}

# WeasyPrint's libraries. Without libharfbuzz-subset a page takes seven times as long; without Pango there is none.
libraries="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
# shellcheck disable=SC2086  words are meant
need_packages $libraries || libraries_missing=1
python_environment
python_packages
dbt_manifests
wait
if [ -n "${libraries_missing:-}" ] && ! .venv/bin/python -c 'import weasyprint' >/dev/null 2>&1; then
    say "Documents cannot be printed without Pango. Please run: sudo apt-get install -y $libraries"
    exit 1
fi
[ "${1:-}" != browser ] || browser
