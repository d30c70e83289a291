#!/bin/sh
# Fetches nats-server of two Debian releases, without installing it or touching the system's package lists:
#
#   scripts/cluster/fetch_nats_server.sh FOLDER
#
# FOLDER/trixie/usr/sbin/nats-server is one that chat works with, FOLDER/bookworm/usr/sbin/nats-server an old one that chat refuses.
# What is there already is kept. Needs apt-get and dpkg, as on Debian and Ubuntu, and no root.
set -eu

folder=${1:?"usage: $0 FOLDER"}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# The mirror that this system uses for Debian; Debian's own where it uses none.
mirror() {
  # shellcheck disable=SC2016
  found=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -m 1 '/debian/$' || true)
  echo "${found:-http://deb.debian.org/debian/}"
}

# fetch RELEASE: downloads and unpacks the package of a release.
fetch() {
  work=$(mktemp -d)
  chmod 755 "$work"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  keys=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -f "$keys" ] && signed="[signed-by=$keys] " || signed=""
  echo "deb $signed$(mirror) $1 main" >"$work/sources.list"
  status=0
  (
    cd "$work"
    set -- -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" \
      -o Dir::Cache="$work/cache" -o Acquire::Languages=none -o Acquire::Retries=3
    apt-get "$@" update && apt-get "$@" download nats-server && dpkg -x nats-server_*.deb unpacked
  ) >"$work/log" 2>&1 || status=$?
  if [ "$status" -eq 0 ] && [ -x "$work/unpacked/usr/sbin/nats-server" ]; then
    rm -rf "${folder:?}/$1"
    mv "$work/unpacked" "$folder/$1"
  else
    status=1
    cat "$work/log" >&2
  fi
  rm -rf "$work"
  return "$status"
}

for release in trixie bookworm; do
  [ ! -x "$folder/$release/usr/sbin/nats-server" ] || continue
  fetch "$release" || { echo "Trying once more" >&2 && sleep 5 && fetch "$release"; } || {
    echo "nats-server of Debian $release cannot be fetched: see above, or install it and name it in CHAT_NATS_SERVER" >&2
    exit 1
  }
done
