#!/bin/bash
# Keeps a copy of everything that PostgreSQL writes, as it writes it: `receive-wal.sh BACKUPS`. Runs until it is stopped, and goes on
# where it was; the server keeps what has not been received yet (replication slot "backup"). PGHOST, PGUSER, PGPASSWORD and the like
# name the server; the role needs REPLICATION.
set -euo pipefail

backups=${1:?receive-wal.sh BACKUPS}
mkdir -p "$backups/wal"
pg_receivewal --slot=backup --create-slot --if-not-exists --no-password
# At once on disk, and the server is told so: what is confirmed here is not lost with the server.
exec pg_receivewal --directory="$backups/wal" --slot=backup --synchronous --no-password
