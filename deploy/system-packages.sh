#!/bin/bash
# Brings the system libraries that no Python or npm package can: `system-packages.sh demo`, `… test`, `… venv PYTHON`.
# Installs what is missing as root or with sudo that asks no password; otherwise says which command does it. Never fails.
set -euo pipefail

missing=()
needs() { # needs PACKAGE PROBE...: the package is missing where the probe fails
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
has_library() { PATH=$PATH:/sbin ldconfig -p | grep "$1"; }
has_file() { compgen -G "$1"; }

case ${1:-demo} in
venv)
    needs "$("$2" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" "$2" -c 'import ensurepip, venv'
    ;;
*)
    needs libpango-1.0-0 has_library libpango-1.0.so.0
    needs libpangoft2-1.0-0 has_library libpangoft2-1.0.so.0
    needs libharfbuzz-subset0 has_library libharfbuzz-subset.so.0
    needs fonts-noto-cjk has_file '/usr/share/fonts/opentype/noto/NotoSansCJK*'
    ;;&
test)
    needs chromium command -v chromium
    needs libreoffice-calc has_file '/usr/lib/libreoffice/program/libsclo.so'
    needs libreoffice-writer has_file '/usr/lib/libreoffice/program/libswlo.so'
    needs poppler-utils command -v pdftoppm
    ;;
esac
((${#missing[@]})) || exit 0

install="apt-get install -y --no-install-recommends"
if [[ $(id -u) == 0 ]]; then
    sudo=""
elif sudo -n true 2>/dev/null; then
    sudo="sudo"
else
    echo "System packages are missing; what needs them does not work until you run: sudo $install ${missing[*]}"
    exit 0
fi
echo "Installing system packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
$sudo apt-get update -qq >"$log" 2>&1 || true
for package in "${missing[@]}"; do
    if ! $sudo $install -qq "$package" >>"$log" 2>&1; then
        tail -n 2 "$log"
        echo "What needs $package does not work until this does: ${sudo:+sudo }$install $package"
    fi
done
