#!/bin/sh
# Copies a directory to a server behind a door: backup.sh [DIRECTORY [HOST:DIRECTORY]]
# Prints nothing when all is well. When the door stays shut, knockproxy's reason goes to stderr and the exit status is
# rsync's, not 0; cron mails it.
set -eu
exec rsync -a --delete --partial "${1:-$HOME/documents}/" "${2:-backup.example:backups/documents}/"
