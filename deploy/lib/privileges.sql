-- What the control plane's server may do in its database, run by the owner before the migrations: rows of tables, never their definition.
GRANT USAGE ON SCHEMA public TO weir_server;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO weir_server;
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO weir_server;
ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO weir_server;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO weir_server;
