#!/bin/sh
# The mail tests speak to a real Dovecot, those of shared ledgers to a real PostgreSQL, and those of the pages look at
# them in a real Chromium. Installed from Debian's packages where that may be done; else what is left out is said loudly.
set -eu
packages=""
has() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
has dovecot || packages="$packages dovecot-imapd"
has postgres || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || packages="$packages postgresql"
has chromium || has google-chrome || packages="$packages chromium"
[ -n "$packages" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing$packages for the tests"
  # shellcheck disable=SC2086 - one word a package
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
  exit 0
fi
echo "========================================================================================" >&2
echo "NOT HERE:$packages. Every test that needs one of them is LEFT OUT of this run." >&2
echo "To run them:  sudo apt-get install$packages" >&2
echo "(on any system: have 'dovecot', 'postgres' and 'chromium' on PATH)" >&2
echo "========================================================================================" >&2
