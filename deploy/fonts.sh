#!/bin/bash
# Brings the fonts of official documents (Fandol: 仿宋, 黑体, 楷体, 宋体; GPL with font exception) into .fonts/: `fonts.sh [DIRECTORY]`.
# They are taken out of Debian's package texlive-lang-chinese, which is downloaded and not installed. Never fails.
set -euo pipefail

package=texlive-lang-chinese
wanted=(FandolFang-Regular FandolHei-Regular FandolKai-Regular FandolSong-Regular)
target=$(realpath -m "${1:-$(dirname "${BASH_SOURCE[0]}")/../.fonts}")

missing=0
for font in "${wanted[@]}"; do [[ -s $target/$font.otf ]] || missing=1; done
((missing)) || exit 0

give_up() {
    echo "The fonts of official documents are missing; PDFs are set in Noto until this works (as root, apt-get update first): deploy/fonts.sh"
    exit 0
}
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || give_up
echo "Fetching the fonts of official documents"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt downloads as a user of its own
[[ $(id -u) != 0 ]] || chown _apt "$work" 2>/dev/null || true
cd "$work"
if ! apt-get download -qq "$package" >log 2>&1; then
    if [[ $(id -u) == 0 ]]; then
        apt-get update -qq >log 2>&1 || true
    elif sudo -n true 2>/dev/null; then
        sudo apt-get update -qq >log 2>&1 || true
    fi
    apt-get download -qq "$package" >log 2>&1 || give_up
fi
dpkg-deb --fsys-tarfile "$package"_*.deb | tar -x --wildcards '*/public/fandol/*.otf' '*/fonts/fandol/COPYING*' 2>>log || give_up
mkdir -p "$target"
for font in "${wanted[@]}"; do
    # Moved as a whole, so that nobody reads half a font.
    cp "$(find . -name "$font.otf" | head -n 1)" "$target/.$font.part" && mv "$target/.$font.part" "$target/$font.otf" || give_up
done
find . -name 'COPYING*' -exec cp {} "$target/" \;
