#!/bin/sh
# Brings .venv to the locked versions: `deploy/setup.sh run` or `deploy/setup.sh dev` (run and the tools of development).
# uv where present, else venv and pip: the same hashed files decide. Does nothing when nothing has changed since the last time.
set -eu
cd "$(dirname "$0")/.."

members="contracts chassis services/registration services/land_check services/power_grid services/notifier deploy"

say() { printf '%s\n' "$*" >&2; }

recent_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$candidate" >/dev/null 2>&1 && recent_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    if command -v uv >/dev/null 2>&1; then
        echo ">=3.11" # uv finds or fetches one
        return
    fi
    say "需要 Python 3.11 或更高版本 / Python 3.11 or later is needed; found: $(python3 --version 2>/dev/null || echo none)"
    say "可用 PYTHON=/路径/python3 指定 / name one with PYTHON=/path/to/python3 make ..."
    exit 1
}

install_with_uv() {
    [ -x .venv/bin/python ] || uv venv --quiet --python "$python" .venv
    uv pip install --quiet --python .venv/bin/python --require-hashes -r "$requirements"
    uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation $editable
}

install_with_pip() {
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1 && ! "$python" -m venv .venv; then
        say "Python 缺少 venv 模块 / this Python lacks its venv module. Debian, Ubuntu: apt install python3-venv"
        exit 1
    fi
    pip=".venv/bin/python -m pip --quiet --disable-pip-version-check --no-input"
    $pip install --require-hashes -r "$requirements"
    $pip install --no-deps --no-build-isolation $editable
}

case "${1:-}" in
    run) requirements=requirements.txt ;;
    dev) requirements=requirements-dev.txt ;;
    *) say "usage: deploy/setup.sh run|dev"; exit 2 ;;
esac

editable="" tomls=""
for member in $members; do
    editable="$editable -e ./$member"
    tomls="$tomls $member/pyproject.toml"
done

# What is installed is a function of these files; a development set-up serves for running too.
state="$(cat requirements.txt requirements-dev.txt $tomls | cksum)"
if [ -x .venv/bin/python ] && recent_enough .venv/bin/python; then
    for done in "$1" dev; do
        [ "$(cat ".venv/$done.state" 2>/dev/null || true)" = "$state" ] && exit 0
    done
else
    rm -rf .venv
fi

python="$(find_python)"
say "正在准备 .venv，首次约需一分钟 / setting up .venv, about a minute the first time ($python)"
if command -v uv >/dev/null 2>&1; then install_with_uv; else install_with_pip; fi
printf '%s\n' "$state" >".venv/$1.state"
