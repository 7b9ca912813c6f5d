-- Roles and databases of the quickstart, as superuser. Running it again only sets the passwords.
-- Passwords come from the environment, so that they stand in no process list.
\getenv owner_password OWNER_PASSWORD
\getenv server_password SERVER_PASSWORD
\getenv orders_password ORDERS_PASSWORD

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['weir_owner', 'weir_server', 'orders_app']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE weir_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE weir_server LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'server_password';
ALTER ROLE orders_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'orders_password';

SELECT format('CREATE DATABASE %I OWNER %I', name, owner)
FROM (VALUES ('weir', 'weir_owner'), ('orders', 'orders_app')) AS wanted (name, owner)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name)
\gexec

REVOKE ALL ON DATABASE weir, orders FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE weir TO weir_server;

\connect orders
ALTER SCHEMA public OWNER TO orders_app;
\connect weir
ALTER SCHEMA public OWNER TO weir_owner;
