-- The control plane's roles and database, as superuser; running it again only sets the passwords. weir_owner owns the tables and migrates
-- them; weir_server, as which the server runs, owns nothing, so that row-level security binds it.
-- Passwords come from the environment, so that they stand in no process list.
\set ON_ERROR_STOP on
\getenv owner_password WEIR_OWNER_PASSWORD
\getenv server_password WEIR_SERVER_PASSWORD

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['weir_owner', 'weir_server']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE weir_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE weir_server LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'server_password';

SELECT 'CREATE DATABASE weir OWNER weir_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'weir')
\gexec

REVOKE ALL ON DATABASE weir FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE weir TO weir_server;

\connect weir
ALTER SCHEMA public OWNER TO weir_owner;
SET ROLE weir_owner;
-- Rows of tables, never their definition. What must not be changed once written, the migrations take back.
GRANT USAGE ON SCHEMA public TO weir_server;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO weir_server;
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO weir_server;
ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO weir_server;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO weir_server;
