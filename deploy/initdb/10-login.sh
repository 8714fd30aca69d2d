#!/bin/sh
# Make the service's login when the database is made; `gridsight db upgrade` gives it its roles.
# NOINHERIT: it may do nothing until a request takes a role (docs/security.md).
set -eu
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres \
    --set=password="$(head -n 1 /run/secrets/service_password)" <<'SQL'
CREATE ROLE gridsight LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    CONNECTION LIMIT 80 PASSWORD :'password';
REVOKE CONNECT ON DATABASE gridsight FROM PUBLIC;
GRANT CONNECT ON DATABASE gridsight TO gridsight;
SQL
