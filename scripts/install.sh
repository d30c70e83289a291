#!/bin/sh
# Installs chat for the user who runs it, or removes it.
#
#   sh install.sh [--version vX.Y.Z] [--uninstall]
#
# It downloads the release for this system, refuses it unless its SHA-256 is the published one, and puts the program into
# ~/.local/bin, or into the folder that CHAT_INSTALL names; the manual and the completions go beside it, into share/.
# CHAT_RELEASES is the address of the releases, where it is not the project's own.
set -eu

# The address of the project's releases, which scripts/build.ts writes here.
releases=${CHAT_RELEASES:-@RELEASES@}

say() { printf '%s\n' "$*"; }
fail() {
  printf 'install: %s\n' "$*" >&2
  exit 1
}

# Everything is a function and the last line calls it, so that a script that was cut short does nothing.
main() {
  version='' uninstall=''
  while [ $# -gt 0 ]; do
    case $1 in
      --version)
        [ $# -ge 2 ] || fail "--version needs a value: write --version v1.2.3"
        version=$2
        shift
        ;;
      --version=*) version=${1#*=} ;;
      --uninstall) uninstall=yes ;;
      *) fail "there is no option $1: write --version vX.Y.Z or --uninstall" ;;
    esac
    shift
  done
  case $version in
    '' | v[0-9]*) ;;
    [0-9]*) version=v$version ;;
    *) fail "cannot take --version $version: write one like v1.2.3" ;;
  esac
  [ -n "${CHAT_INSTALL:-}" ] || [ -n "${HOME:-}" ] || fail "HOME is not set: set CHAT_INSTALL to a folder"
  bin=${CHAT_INSTALL:-$HOME/.local/bin}
  case $bin in
    /*) ;;
    *) bin=$PWD/$bin ;;
  esac
  bin=${bin%/}
  case $bin in
    */bin) share=${bin%/bin}/share ;;
    *) share=$bin/share ;;
  esac
  if [ -n "$uninstall" ]; then uninstall; else install; fi
}

# The files beside the program: where the archive has them, and where they go.
companions() {
  say "chat.1 man/man1/chat.1"
  say "completions/chat.bash bash-completion/completions/chat"
  say "completions/_chat zsh/site-functions/_chat"
  say "completions/chat.fish fish/vendor_completions.d/chat.fish"
}

install() {
  case $releases in
    '' | @*) fail "the project has no address for downloads yet: set CHAT_RELEASES to one" ;;
  esac
  target=$(find_target)
  work='' new=''
  trap 'clean; exit 130' INT
  trap 'clean; exit 143' TERM HUP
  trap clean EXIT
  work=$(mktemp -d "${TMPDIR:-/tmp}/chat-install.XXXXXX")

  if [ -n "$version" ]; then from=$releases/download/$version; else from=$releases/latest/download; fi
  download "$from/SHA256SUMS" "$work/SHA256SUMS"
  archive=$(sed -n "s/^[0-9a-f]\{64\}  \(chat-[0-9][^ /]*-$target\.tar\.gz\)\$/\1/p" "$work/SHA256SUMS")
  [ -n "$archive" ] || fail "the release has no build for $target"
  download "$from/$archive" "$work/$archive"
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $archive\$/\1/p" "$work/SHA256SUMS")
  [ "$(sum "$work/$archive")" = "$expected" ] ||
    fail "the SHA-256 of $archive is not the published one: nothing was installed"
  tar -xzf "$work/$archive" -C "$work" || fail "cannot unpack $archive"
  unpacked=$work/${archive%.tar.gz}

  mkdir -p "$bin" 2>/dev/null || true
  [ -w "$bin" ] ||
    fail "cannot write to $bin: set CHAT_INSTALL to another folder, or run this as its owner"
  # The new program takes the old one's name in one step.
  new=$bin/.chat.new.$$
  cp "$unpacked/chat" "$new"
  chmod 755 "$new"
  told=$("$new" --version) || fail "the program does not run on this system: nothing was installed"
  mv -f "$new" "$bin/chat"
  companions | while read -r from to; do
    mkdir -p "$share/${to%/*}"
    cp "$unpacked/$from" "$share/$to.new.$$"
    mv -f "$share/$to.new.$$" "$share/$to"
  done
  say "installed $told in $bin"
  say "completions for zsh are in $share/zsh/site-functions, which belongs into fpath"
  advise
}

clean() {
  if [ -n "$work" ]; then rm -rf "$work"; fi
  if [ -n "$new" ]; then rm -f "$new"; fi
}

# Says what the shell would start, where that is not what was installed.
advise() {
  case :$PATH: in
    *:"$bin":*)
      found=$(command -v chat || true)
      [ "$found" = "$bin/chat" ] || say "$found comes first in PATH: write $bin/chat, or put $bin in front"
      ;;
    *)
      say "$bin is not in PATH yet. Add it:"
      case ${SHELL:-} in
        */fish) say "  fish_add_path $bin" ;;
        */zsh) say "  echo 'export PATH=\"$bin:\$PATH\"' >> ~/.zshrc" ;;
        *) say "  echo 'export PATH=\"$bin:\$PATH\"' >> ~/.profile" ;;
      esac
      ;;
  esac
}

# Finds the system, the processor and the C library.
find_target() {
  system=$(uname -s)
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) processor=x86_64 ;;
    aarch64 | arm64) processor=aarch64 ;;
    *) fail "there is no build for the processor $machine: run chat from source with Deno" ;;
  esac
  case $system in
    Linux)
      if is_musl; then
        fail "there is no build for musl, the C library of this system: run chat in a container with glibc, or from source"
      fi
      say "$processor-unknown-linux-gnu"
      ;;
    Darwin)
      # A shell that Rosetta translates is told that the processor is Intel's.
      if [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || true)" = 1 ]; then processor=aarch64; fi
      say "$processor-apple-darwin"
      ;;
    MINGW* | MSYS* | CYGWIN*) fail "on Windows run install.ps1 in PowerShell" ;;
    *) fail "there is no build for $system: run chat from source with Deno" ;;
  esac
}

is_musl() {
  case $(ldd --version 2>&1 || true) in
    *musl*) return 0 ;;
    *GLIBC* | *glibc* | *"GNU libc"*) return 1 ;;
  esac
  for loader in /lib/ld-musl-*; do
    [ ! -e "$loader" ] || return 0
  done
  return 1
}

download() {
  if command -v curl >/dev/null 2>&1; then
    case $1 in
      https:*) curl --proto '=https' --tlsv1.2 -fsSL -o "$2" "$1" ;;
      *) curl -fsSL -o "$2" "$1" ;;
    esac || fail "cannot download $1"
  elif command -v wget >/dev/null 2>&1; then
    wget -q -O "$2" "$1" || fail "cannot download $1"
  else
    fail "there is neither curl nor wget: install one of them"
  fi
}

sum() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum "$1" | cut -d ' ' -f 1
  elif command -v shasum >/dev/null 2>&1; then
    shasum -a 256 "$1" | cut -d ' ' -f 1
  else
    openssl dgst -sha256 -r "$1" | cut -d ' ' -f 1
  fi
}

uninstall() {
  [ -e "$bin/chat" ] || fail "there is no chat in $bin"
  rm -f "$bin/chat" "$bin"/.chat.new.*
  companions | while read -r _ to; do
    rm -f "$share/$to" "$share/$to".new.*
    folder=$share/${to%/*}
    # Folders that are empty now go too.
    while [ "$folder" != "$share" ] && rmdir "$folder" 2>/dev/null; do folder=${folder%/*}; done
  done
  rmdir "$share" 2>/dev/null || true
  say "removed chat from $bin"
}

main "$@"
