using Weir.Agent.Tests.Sessions.Support;
using Weir.Testing.Postgres;
using Weir.Testing.Processes;

namespace Weir.Agent.Tests.Sessions;

/// <summary>What pg_dump and \copy take through the agent can be restored into an empty database, constraints and all, and holds no masked value.</summary>
public sealed class MaskedDumpTests(ClientToolsServer tools) : IClassFixture<ClientToolsServer>, IAsyncLifetime
{
    private const string Setup = """
        DROP SCHEMA IF EXISTS shipped CASCADE;
        CREATE SCHEMA shipped;
        CREATE DOMAIN shipped.ssn AS text CHECK (VALUE ~ '^\d{3}-\d{2}-\d{4}$');
        CREATE DOMAIN shipped.code AS varchar(11);
        CREATE TYPE shipped.level AS ENUM ('low', 'mid', 'high');
        CREATE TABLE shipped.person (
          id int PRIMARY KEY,
          ssn shipped.ssn NOT NULL UNIQUE,
          card varchar(16) NOT NULL UNIQUE CHECK (card ~ '^\d{16}$'),
          len int GENERATED ALWAYS AS (length(ssn)) STORED,
          name varchar(20) NOT NULL UNIQUE CHECK (name <> ''),
          code shipped.code NOT NULL UNIQUE,
          nick varchar(5),
          tag char(4) NOT NULL,
          balance numeric(10,2) NOT NULL UNIQUE CHECK (balance > 0),
          small smallint NOT NULL UNIQUE CHECK (small > 0),
          big bigint NOT NULL UNIQUE,
          ratio float8,
          born date NOT NULL UNIQUE CHECK (born < current_date),
          seen timestamptz NOT NULL UNIQUE,
          started timestamp,
          wakes time,
          token uuid NOT NULL UNIQUE,
          ip inet NOT NULL UNIQUE,
          net cidr NOT NULL,
          doc jsonb NOT NULL CHECK (doc ? 'mail'),
          raw json,
          tags text[] NOT NULL CHECK (cardinality(tags) = 2),
          codes varchar(6)[] NOT NULL,
          dates date[],
          grid int[],
          level shipped.level NOT NULL,
          levels shipped.level[],
          page xml,
          blob bytea,
          ok boolean,
          email text COLLATE "C" UNIQUE);
        CREATE TABLE shipped.visit (id int PRIMARY KEY, ssn shipped.ssn REFERENCES shipped.person (ssn), name varchar(20) REFERENCES shipped.person (name), born date REFERENCES shipped.person (born),
          small smallint REFERENCES shipped.person (small), token uuid REFERENCES shipped.person (token), ip inet REFERENCES shipped.person (ip));
        INSERT INTO shipped.person (id, ssn, card, name, code, nick, tag, balance, small, big, ratio, born, seen, started, wakes, token, ip, net, doc, raw, tags, codes, dates, grid, level, levels, page, blob, ok, email)
        SELECT i, to_char(100000000 + i * 7919, 'FM000"-"00"-"0000'), '4' || lpad((i * 104729)::text, 15, '0'), 'Quxley' || i || E'\té"', 'zq' || lpad(i::text, 9, 'x'), 'n' || i % 7, 'ab' || i % 10, i * 1.01, i, i * 10000000019,
          i / 7.0, date '1930-01-01' + i * 11, timestamptz '2021-03-04 05:06:07.89+02' + i * interval '1 hour', timestamp '2001-02-03 04:05:06', time '12:13:14.5', md5(i::text)::uuid, ('10.77.' || i / 256 || '.' || i % 256)::inet,
          ('172.16.' || i % 256 || '.0/24')::cidr, jsonb_build_object('mail', 'mail' || i || '@quxley.test', 'n', i, 'deep', jsonb_build_array(1.5, null, true)), json_build_object('k', 'Zqraw' || i),
          ARRAY['Zqtag' || i, NULL], ARRAY['zq' || i % 9999]::varchar(6)[], ARRAY[date '1999-09-09', NULL], ARRAY[[i, 2], [3, NULL]], (ARRAY['low', 'mid', 'high'])[1 + i % 3]::shipped.level, ARRAY['mid', NULL]::shipped.level[],
          xmlparse(CONTENT '<a>Zqxml' || i || ' &amp; co</a>'), convert_to('Zqblob' || i, 'UTF8'), i % 2 = 0, CASE WHEN i % 5 > 0 THEN 'quxley' || i || '@mail.test' END
        FROM generate_series(1, 400) i;
        INSERT INTO shipped.visit SELECT id, ssn, name, born, small, token, ip FROM shipped.person;
        GRANT USAGE ON SCHEMA shipped TO orders_app;
        GRANT ALL ON ALL TABLES IN SCHEMA shipped TO orders_app;
        """;

    private static readonly string[] Masked =
        ["ssn", "card", "name", "code", "nick", "tag", "balance", "small", "big", "ratio", "born", "seen", "started", "wakes", "token", "ip", "net", "doc", "raw", "tags", "codes", "dates", "grid", "level", "levels", "page", "blob", "ok", "email"];

    private static readonly string[] Shaped = ["ssn", "card"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await tools.Server.ServerAsync();
        await tools.Server.ExecuteAsync(Setup);
    }

    public async ValueTask DisposeAsync() => await tools.Server.ExecuteAsync("DROP SCHEMA shipped CASCADE");

    // A hash does not keep a form that a CHECK asks for.
    private static TestPolicy Policy(string mask)
    {
        var shaped = string.Join(',', Shaped.Select(c => $"\"shipped.*.{c}\""));
        var others = string.Join(',', Masked.Except(Shaped).Select(c => $"\"shipped.*.{c}\""));
        return TestPolicy.Open("admin").Add("MaskingRule", "shaped", $$"""{"columns":[{{shaped}}],"mask":"format"}""").Add("MaskingRule", "others", $$"""{"columns":[{{others}}],"mask":"{{mask}}"}""");
    }

    private static async Task<ProcessResult> RunAsync(string program, params string[] arguments) =>
        (await ProcessRunner.RunAsync(program, arguments, new Dictionary<string, string?> { ["PGCONNECT_TIMEOUT"] = "15" }, cancellationToken: Cancel)).EnsureSuccess();

    [Theory]
    [InlineData("format", "plain")]
    [InlineData("format", "custom")]
    [InlineData("format", "inserts")]
    [InlineData("hash", "plain")]
    [InlineData("hash", "custom")]
    [InlineData("hash", "inserts")]
    public async Task A_dump_restores_into_an_empty_database(string mask, string form)
    {
        await using var host = await SessionHost.StartAsync(tools.Server, Policy(mask));
        await using var empty = await (await tools.Server.ServerAsync()).CreateDatabaseAsync(Cancel);
        var file = Path.GetTempFileName();
        try
        {
            string[] options = form switch { "custom" => ["--format=custom", "--compress=0"], "inserts" => ["--inserts", "--rows-per-insert=20"], _ => [] };
            await RunAsync("pg_dump", ["--schema=shipped", "--no-owner", "--no-privileges", "--file", file, .. options, "--dbname", host.Url]);
            if (form == "custom")
                await RunAsync("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--dbname", empty.Url, file);
            else
                await RunAsync("psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--single-transaction", "--file", file, "--dbname", empty.Url);

            await ShouldBeMaskedAsync(await File.ReadAllTextAsync(file, System.Text.Encoding.Latin1, Cancel));
            await ShouldBeWholeAsync(empty);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("format", "text")]
    [InlineData("format", "csv")]
    [InlineData("format", "binary")]
    [InlineData("hash", "text")]
    [InlineData("hash", "binary")]
    public async Task What_psql_copies_out_can_be_copied_into_an_empty_table(string mask, string form)
    {
        await using var host = await SessionHost.StartAsync(tools.Server, Policy(mask));
        await using var empty = await (await tools.Server.ServerAsync()).CreateDatabaseAsync(Cancel);
        var file = Path.GetTempFileName();
        try
        {
            await RunAsync("pg_dump", "--schema=shipped", "--schema-only", "--no-owner", "--no-privileges", "--file", file, "--dbname", host.Url);
            await RunAsync("psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", file, "--dbname", empty.Url);
            var psql = new PsqlClient();
            foreach (var table in new[] { "shipped.person", "shipped.visit" })
            {
                (await psql.QueryAsync(host.Url, [$"\\copy {table} TO '{file}' (FORMAT {form})"], Cancel)).EnsureSuccess();
                await ShouldBeMaskedAsync(await File.ReadAllTextAsync(file, System.Text.Encoding.Latin1, Cancel));
                (await psql.QueryAsync(empty.Url, [$"\\copy {table} FROM '{file}' (FORMAT {form})"], Cancel)).EnsureSuccess();
            }

            await ShouldBeWholeAsync(empty);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task ShouldBeMaskedAsync(string dump)
    {
        foreach (var sql in new[]
        {
            "ssn", "card", "code", "token::text", "replace(token::text, '-', '')", "host(ip)", "big::text", "'@quxley'", "'Zqraw'", "'Zqtag'", "'Zqxml'", "'Zqblob'", "encode(blob, 'hex')", "'Quxley'", "'quxley'",
        })
        {
            var values = (await tools.Server.AskAsync($"SELECT string_agg(v, '|') FROM (SELECT {sql} AS v FROM shipped.person ORDER BY id DESC LIMIT 60) s"))!.Split('|');
            values.Where(v => dump.Contains(v, StringComparison.Ordinal)).ShouldBeEmpty(sql);
        }
    }

    private static async Task ShouldBeWholeAsync(PostgresDatabase restored)
    {
        var answer = await new PsqlClient().QueryAsync(
            restored.Url,
            [
                "SELECT count(*), count(DISTINCT ssn), count(DISTINCT name), sum(len), count(email), count(nick), count(level), count(levels), min(cardinality(tags)), count(tags[2]), count(dates[1]), min(cardinality(grid)), bool_and(raw::jsonb ? 'k') FROM shipped.person",
                "SELECT count(*) FROM shipped.visit v JOIN shipped.person p USING (id, ssn, name, born, small, token, ip)",
            ],
            Cancel);
        answer.EnsureSuccess();
        answer.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["400|400|400|4400|320|400|400|400|2|0|400|4|t", "400"]);
    }
}
