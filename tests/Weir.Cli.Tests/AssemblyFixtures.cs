using Weir.Testing.Postgres;

[assembly: AssemblyFixture(typeof(PostgresServerFixture))]
