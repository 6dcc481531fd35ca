#!/bin/bash
# Run once by the PostgreSQL image on an empty volume. The owner migrates and runs commands; web and worker sign in as a role
# that owns nothing and only holds what migrations grant to green_community_app.
set -euo pipefail

psql --set ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
CREATE ROLE green_community_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE green_community_owner LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE PASSWORD :'owner_password';
CREATE ROLE green_community_web LOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT PASSWORD :'app_password';
GRANT green_community_app TO green_community_owner, green_community_web;
-- Behind a pooler a statement may meet a server connection that was never told its role.
ALTER ROLE green_community_web SET role = green_community_app;
CREATE DATABASE green_community OWNER green_community_owner;
REVOKE ALL ON DATABASE green_community FROM PUBLIC;
GRANT CONNECT ON DATABASE green_community TO green_community_web;
SQL
