#!/usr/bin/env bash
# The circle from an assumed number to a measured one, on real servers: installs Debian's PostgreSQL and Redis where they are missing, and the packages of the small systems in a folder
# of its own that is removed afterwards. `bash test/measured/circle.sh [cpu|pool|refused|queue|circle…]`; without a name the circle. Needs Node.js 22 or later, and a machine that does nothing else.
set -euo pipefail
cd "$(dirname "$0")/../.."

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)
if [ "${#missing[@]}" -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
  "${as_root[@]}" apt-get update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
fi

packages=$(mktemp -d)
trap 'rm -rf "$packages"' EXIT
npm install --prefix "$packages" --no-audit --no-fund express@5 pg@8 bullmq@6 >/dev/null
if [ "$#" -eq 0 ]; then set -- circle; fi
npm run -s measured -- --packages "$packages" "$@"
