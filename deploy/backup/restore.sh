#!/bin/bash
# Lays out a data directory as the database was: `restore.sh BACKUPS DATA [MOMENT]`, MOMENT such as "2026-11-22 09:30:00+08"; without
# one as late as anything was received. DATA must not exist yet. Then give it to PostgreSQL's user and start the server on it: it
# replays what was written since, and opens at that moment. Nothing of BACKUPS is changed.
set -euo pipefail

backups=$(realpath "${1:?restore.sh BACKUPS DATA [MOMENT]}")
data=${2:?restore.sh BACKUPS DATA [MOMENT]}
moment=${3:-}
[[ ! -e $data ]] || { echo "$data exists already; name a directory that does not." >&2; exit 2; }

until=99999999T999999Z
if [[ -n $moment ]]; then
    until=$(date -u --date="$moment" +%Y%m%dT%H%M%SZ) || { echo "“$moment” is no moment that date understands." >&2; exit 2; }
fi
copy=""
for name in $(ls "$backups/base" | grep -v '\.part$' | sort); do
    [[ $name > $until ]] || copy=$name
done
[[ -n $copy ]] || { echo "No copy in $backups/base is as old as ${moment:-that}; restore a later moment." >&2; exit 1; }

"$(dirname "${BASH_SOURCE[0]}")/verify.sh" "$backups/base/$copy"
cp --archive "$backups/base/$copy" "$data"
rm -f "$data/backup_manifest"
chmod 700 "$data"
quoted=${backups//\'/\'\'}
{
    # What is still being received stands beside the others under a name of its own.
    echo "restore_command = 'cp \"$quoted/wal/%f\" \"%p\" 2>/dev/null || cp \"$quoted/wal/%f.partial\" \"%p\"'"
    if [[ -n $moment ]]; then
        # The zone is made plain: the server may live in another one.
        echo "recovery_target_time = '$(date -u --date="$moment" +"%Y-%m-%d %H:%M:%S.%6N+00")'"
        echo "recovery_target_action = 'promote'"
    fi
} >>"$data/postgresql.auto.conf"
touch "$data/recovery.signal"
echo "Laid out $data from $copy. Start PostgreSQL on it as its own user."
