namespace Weir.Agent.Tests.Sessions.Support;

/// <summary>A table of 100 rows (id, n) and one of 20 children of its first row, which go with it: what budgets are tried on.</summary>
internal sealed class BudgetedTable(SampleServer server, string prefix)
{
    private static int _tables;

    public string Name { get; } = $"{prefix}_{Interlocked.Increment(ref _tables)}";

    public Task CreateAsync() => server.ExecuteAsync($"""
        CREATE TABLE {Name} (id int PRIMARY KEY, n int); INSERT INTO {Name} SELECT i, 0 FROM generate_series(1, 100) i; ALTER TABLE {Name} OWNER TO orders_app;
        CREATE TABLE {Name}_children (parent int REFERENCES {Name} ON DELETE CASCADE); INSERT INTO {Name}_children SELECT 1 FROM generate_series(1, 20); ALTER TABLE {Name}_children OWNER TO orders_app;
        """);

    public Task DropAsync() => server.ExecuteAsync($"DROP TABLE {Name} CASCADE; DROP TABLE {Name}_children");
}
