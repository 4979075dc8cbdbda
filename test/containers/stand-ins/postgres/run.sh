#!/bin/bash
# The variables and the order of the real image: creates the database once, then serves.
set -eu
data=/var/lib/postgresql/data
user=${POSTGRES_USER:-postgres}
install -d -o postgres -g postgres /var/run/postgresql
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
if [ ! -e "$data/PG_VERSION" ]; then
  install -d -o postgres -g postgres -m 700 "$data"
  echo "${POSTGRES_PASSWORD:-unused}" | as_postgres tee /tmp/password >/dev/null
  as_postgres initdb --pgdata "$data" --username "$user" --auth-local trust --pwfile /tmp/password >/dev/null
  rm /tmp/password
  echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$data/pg_hba.conf"
  # Not by TCP, so that nobody takes this server for ready.
  as_postgres pg_ctl --pgdata "$data" --wait --options "-c listen_addresses=" start >/dev/null
  [ "${POSTGRES_DB:-$user}" = postgres ] || as_postgres createdb --username "$user" "${POSTGRES_DB:-$user}"
  as_postgres pg_ctl --pgdata "$data" --wait --mode fast stop >/dev/null
fi
exec setpriv --reuid postgres --regid postgres --init-groups postgres -D "$data" -c 'listen_addresses=*'
