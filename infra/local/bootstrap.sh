#!/bin/sh
# Makes .venv: Python 3.13, uv, and the packages that uv.lock names.
#
# Every make target calls it first. It needs only some Python, and says nothing and takes milliseconds when
# pyproject.toml, uv.lock and .python-version are what they were at the last run.
set -eu
cd "$(dirname "$0")/../.."

environment=.venv
stamp=$environment/.okaeri-environment

# uv trusts its own list of certificate authorities unless told otherwise; a company's proxy is in the system's.
export UV_SYSTEM_CERTS=1
export UV_PROJECT_ENVIRONMENT="$environment"
export PIP_DISABLE_PIP_VERSION_CHECK=1
# What another activated environment left behind would lead uv and pip astray.
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH CONDA_PREFIX

wanted_state() {
    cat pyproject.toml uv.lock .python-version
}

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

is_usable_python() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1
}

# Prints, one a line, the folders where pyenv may keep its versions: its shims stand on PATH even where HOME is
# empty, and then refuse to run for want of a configuration.
list_pyenv_roots() {
    [ -z "${PYENV_ROOT:-}" ] || printf '%s\n' "$PYENV_ROOT"
    [ -z "${HOME:-}" ] || printf '%s\n' "$HOME/.pyenv"
    printf '%s\n' "$PATH" | tr ':' '\n' | sed -n 's,/shims/*$,,p'
}

find_python() {
    for candidate in python3.13 python3 python; do
        if command -v "$candidate" >/dev/null 2>&1 && is_usable_python "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    list_pyenv_roots | while read -r root; do
        for candidate in "$root"/versions/3.13*/bin/python3.13; do
            if [ -x "$candidate" ] && is_usable_python "$candidate"; then
                printf '%s\n' "$candidate"
                return
            fi
        done
    done | head -n 1 | grep . && return
    if command -v uv >/dev/null 2>&1; then
        candidate=$(uv python find --no-project 3.13 2>/dev/null) || return 1
        is_usable_python "$candidate" && printf '%s\n' "$candidate"
        return
    fi
    return 1
}

# Lets uv download a Python 3.13, uv itself coming by pip from whatever Python there is.
fetch_python() {
    for any_python in python3 python; do
        if "$any_python" -m venv .local/fetch-python >/dev/null 2>&1; then
            .local/fetch-python/bin/python -m pip install --quiet uv >&2 || return 1
            .local/fetch-python/bin/uv python install 3.13 >&2 || return 1
            .local/fetch-python/bin/uv python find --no-project 3.13
            return
        fi
    done
    return 1
}

if [ -x "$environment/bin/python" ] && wanted_state | cmp -s - "$stamp"; then
    exit 0
fi

if ! { [ -x "$environment/bin/python" ] && is_usable_python "$environment/bin/python"; }; then
    python=$(find_python) || {
        printf '%s\n' "No Python 3.13 found: asking uv for one." >&2
        python=$(fetch_python)
    } || fail "Okaeri needs Python 3.13 with its venv module, and none could be found or downloaded: install it (python.org, your package manager, or 'pyenv install 3.13') and run make again."
    printf '%s\n' "Setting up .venv with $python" >&2
    "$python" -m venv --clear "$environment" || fail "Could not create .venv with $python (see above)."
fi

if ! "$environment/bin/uv" --version >/dev/null 2>&1; then
    "$environment/bin/python" -m pip install --quiet 'uv>=0.9' ||
        fail "Could not install uv into .venv: is the Python package index reachable (see above)?"
fi

printf '%s\n' "Installing the packages of uv.lock into .venv" >&2
"$environment/bin/uv" sync --frozen --quiet ||
    fail "Could not install the packages of uv.lock (see above); run make again once that is mended."

# `okaeri` in an environment that was activated, or by `uv run`.
printf '#!/bin/sh\nexec "%s/okaeri" "$@"\n' "$PWD" >"$environment/bin/okaeri"
chmod +x "$environment/bin/okaeri"
wanted_state >"$stamp"
