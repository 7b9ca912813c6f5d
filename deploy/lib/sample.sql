-- Owner and database of the sample, as superuser; running it again only sets the password, which comes from the environment.
\set ON_ERROR_STOP on
\getenv orders_password ORDERS_PASSWORD

SELECT 'CREATE ROLE orders_app' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'orders_app')
\gexec

ALTER ROLE orders_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'orders_password';

SELECT 'CREATE DATABASE orders OWNER orders_app' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'orders')
\gexec

REVOKE ALL ON DATABASE orders FROM PUBLIC;

\connect orders
ALTER SCHEMA public OWNER TO orders_app;
