#!/bin/bash
# Compares every file of a copy with the hashes that PostgreSQL wrote down as it made it: `verify.sh COPY`. Says which one differs.
set -euo pipefail

cd "${1:?verify.sh COPY}"
hashes=$(sed -n 's/^{ "Path": "\(.*\)", "Size": .*"Checksum-Algorithm": "SHA256", "Checksum": "\([0-9a-f]*\)".*$/\2  \1/p' backup_manifest)
[[ $(wc -l <<<"$hashes") == $(grep -c '^{ "Path"\|^{ "Encoded-Path"' backup_manifest) ]] || {
    echo "$1/backup_manifest is not what base-backup.sh writes." >&2
    exit 1
}
sha256sum --check --quiet --strict <<<"$hashes" >&2
