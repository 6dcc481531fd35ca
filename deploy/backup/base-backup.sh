#!/bin/bash
# Takes a copy of the whole database, checks it against its manifest, and lets old ones go: `base-backup.sh BACKUPS [KEEP]`. Of the last
# KEEP copies (7 unless told) every moment since they were taken can be restored. Half a copy never counts: it gets its name when it
# is whole.
set -euo pipefail

backups=${1:?base-backup.sh BACKUPS [KEEP]}
keep=${2:-7}
[[ $keep =~ ^[1-9][0-9]*$ ]] || { echo "KEEP is “$keep”; it must be a number from 1." >&2; exit 2; }
mkdir -p "$backups/base" "$backups/wal"
rm -rf "$backups"/base/*.part
part=$backups/base/new.part
pg_basebackup --pgdata="$part" --wal-method=stream --checkpoint=fast --manifest-checksums=SHA256 --no-password
"$(dirname "${BASH_SOURCE[0]}")/verify.sh" "$part"
# The name is the moment at which it was whole: nothing before it can be restored from it.
name=$(date -u +%Y%m%dT%H%M%SZ)
[[ ! -e $backups/base/$name ]] || { sleep 1; name=$(date -u +%Y%m%dT%H%M%SZ); }
mv "$part" "$backups/base/$name"

mapfile -t copies < <(ls "$backups/base" | sort)
for ((old = 0; old < ${#copies[@]} - keep; old++)); do rm -rf "${backups:?}/base/${copies[old]}"; done
oldest=$(ls "$backups/base" | sort | head -n 1)
first=$(sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]*\))$/\1/p' "$backups/base/$oldest/backup_label")
pg_archivecleanup "$backups/wal" "$first"
echo "$backups/base/$name"
