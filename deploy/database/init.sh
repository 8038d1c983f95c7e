#!/bin/bash
# First start of the database server: a role and a database for each service, all owned by a role that only `sluicegate migrate` uses.
# Passwords are read by psql from files, so that none of them stands in a list of processes.
set -e
secrets=/run/secrets/sluicegate

run() { psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres "$@"; }

run <<'SQL'
\set password `cat /run/secrets/sluicegate/owner`
CREATE ROLE sluicegate_owner LOGIN PASSWORD :'password';
SQL

for service in registration land_check power_grid notifier; do
    test -s "$secrets/$service"
    run -v service="$service" <<'SQL'
\setenv service :service
\set password `cat "/run/secrets/sluicegate/$service"`
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER sluicegate_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'; -- text is ordered by code points
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"service";
SQL
done
