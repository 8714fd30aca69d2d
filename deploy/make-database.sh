#!/bin/sh
# Make the database, the service's login and the passwords for the systemd units, once; what is there already stays.
# Run as root on the machine of the database (Debian 12, PostgreSQL 15); `gridsight db upgrade` makes tables and roles.
set -eu
folder=${1:-/etc/gridsight}
psql=${PSQL:-runuser -u postgres -- psql}
umask 077
install -d -m 0750 "$folder"
for name in operator-password service-password session-secret; do
    [ -s "$folder/$name" ] && continue
    # 32 random bytes; hexadecimal, so that no URL and no shell needs to quote them.
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$folder/$name"
done
# In the environment of psql, which other users cannot read, as they could its arguments.
OPERATOR=$(cat "$folder/operator-password")
SERVICE=$(cat "$folder/service-password")
export OPERATOR SERVICE
cd /
$psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --dbname=postgres <<'SQL'
\getenv operator OPERATOR
\getenv service SERVICE
SET password_encryption = 'scram-sha-256';
ALTER ROLE postgres PASSWORD :'operator';
SELECT 'CREATE ROLE gridsight' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridsight') \gexec
ALTER ROLE gridsight LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    CONNECTION LIMIT 80 PASSWORD :'service';
-- Of UTF-8, whatever the locale of the machine was when its cluster was made.
SELECT 'CREATE DATABASE gridsight TEMPLATE template0 ENCODING ''UTF8'' LOCALE ''C.UTF-8'''
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'gridsight') \gexec
REVOKE CONNECT ON DATABASE gridsight FROM PUBLIC;
GRANT CONNECT ON DATABASE gridsight TO gridsight;
SQL
