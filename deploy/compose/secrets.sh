#!/bin/sh
# Makes the files of the secrets that compose.yaml mounts; what is there is left as it is.
#
# The session secret and Grafana's password are random. The GitHub App's client secret is yours to put in.
# Containers read the files as users of their own, so they are readable to all, in a folder that only you can enter.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
chmod 700 secrets

made() {
    chmod 644 "secrets/$1"
    printf 'made secrets/%s: %s\n' "$1" "$2"
}

random() {
    head -c 32 /dev/urandom | base64 | tr -d '\n'
}

if [ ! -e secrets/session_secret ]; then
    random >secrets/session_secret
    made session_secret 'keep it, or everyone has to log in again'
fi
if [ ! -e secrets/grafana_admin_password ]; then
    random >secrets/grafana_admin_password
    made grafana_admin_password 'for the user admin of Grafana'
fi
if [ ! -e secrets/client_secret ]; then
    printf 'not-set' >secrets/client_secret
    made client_secret 'put in the client secret of your GitHub App'
fi
