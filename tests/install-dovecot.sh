#!/bin/sh
# The mail tests speak to a real Dovecot. Installed from Debian's packages where that may be done; else said loudly.
set -eu
command -v dovecot >/dev/null 2>&1 || [ -x /usr/sbin/dovecot ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing dovecot-imapd for the mail tests"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends dovecot-imapd >/dev/null
  exit 0
fi
echo "========================================================================================" >&2
echo "NO DOVECOT: every test that needs a real IMAP server is LEFT OUT of this run." >&2
echo "To run them:  sudo apt-get install dovecot-imapd   (any system: have 'dovecot' on PATH)" >&2
echo "========================================================================================" >&2
