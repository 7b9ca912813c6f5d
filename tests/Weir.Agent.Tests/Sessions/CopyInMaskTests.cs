using System.Text;
using Npgsql;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Copy;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

/// <summary>Rows of COPY FROM STDIN that carry what a mask shows do not overwrite the values behind it.</summary>
public sealed class CopyInMaskTests(SampleServer server) : IAsyncLifetime
{
    private readonly string _table = "copied_" + Guid.NewGuid().ToString("N");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await server.ExecuteAsync($"""
        CREATE TABLE {_table} (id int PRIMARY KEY, len int GENERATED ALWAYS AS (id + 1) STORED, ssn text, note text, doc jsonb, tags text[]);
        INSERT INTO {_table} (id, ssn, note, doc, tags) VALUES (1, '837-71-4911', 'one', jsonb_build_object('a', 'Qzxvkjwpybmdhq'), ARRAY['Yxqkzvjwbhpfgd']);
        ALTER TABLE {_table} OWNER TO {SampleServer.Owner};
        """);

    public async ValueTask DisposeAsync() => await server.ExecuteAsync($"DROP TABLE {_table}");

    private TestPolicy Policy(string mask = """{"partial":{"keepLast":4} }""") =>
        TestPolicy.Open().Add("MaskingRule", "masks", $$"""{"columns":["*.{{_table}}.ssn","*.{{_table}}.doc","*.{{_table}}.tags"],"mask":{{mask}},"use":"allow"}""");

    private static RawClient Data(RawClient client, string data) => client.Message('d', Encoding.UTF8.GetBytes(data));

    private static async Task<List<RawMessage>> CopyAsync(RawClient client, string sql, params string[] pieces)
    {
        client.Query(sql);
        await client.SendAsync();
        foreach (var piece in pieces)
            Data(client, piece);
        return await client.Message('c', []).RoundTripAsync();
    }

    [Theory]
    [InlineData("(id, ssn)", "", "2\t111-22-3333\n3\t*******4911\n", 2, "ssn")]
    [InlineData("(id, ssn)", "", "2\t111-22-3333\r\n3\t*****\r\n", 2, "ssn")]
    [InlineData("(ssn, id)", "", "111-22-3333\t2\n*******4911\t3", 2, "ssn")]
    [InlineData("(id, note, ssn)", "(DELIMITER '|')", "2|a\\|b|*****\n", 1, "ssn")]
    [InlineData("(id, ssn)", "(FORMAT csv)", "2,\"*******4911\"\n", 1, "ssn")]
    [InlineData("(id, note, ssn)", "(FORMAT csv, HEADER)", "id,note,ssn\n2,\"a\n,\"\"b\",*****\n", 3, "ssn")]
    [InlineData("(id, note, ssn)", "(FORMAT csv, QUOTE '$', ESCAPE '\\', DELIMITER ';')", "2;$a\\$;b$;$*****$\n", 1, "ssn")]
    [InlineData("", "", "2\t111-22-3333\tn\t{\"a\": \"****\"}\t{}\n3\t111-22-3333\tn\t{\"a\": [1, \"*****\"]}\t{}\n", 2, "doc")]
    [InlineData("", "", "2\t\\N\tn\t{}\t{x,NULL,\"*****\"}\n", 1, "tags")]
    public async Task A_row_with_a_mask_fails_the_copy(string columns, string options, string data, int line, string column)
    {
        await using var host = await SessionHost.StartAsync(server, Policy());
        await using var client = await host.OpenRawAsync();
        foreach (var pieces in new string[][] { [data], [.. data.Select(c => c.ToString())] })
        {
            var messages = await CopyAsync(client, $"COPY {_table} {columns} FROM STDIN {options}", pieces);

            messages.Texts().ShouldBe(["G", "E:42501", "Z:I"]);
            messages.Error().Diagnostic.Message.ShouldContain($"line {line}:");
            messages.Error().Diagnostic.Message.ShouldContain($"{_table}.{column}");
            (await server.AskAsync($"SELECT count(*) FROM {_table}")).ShouldBe("1");
        }

        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldContain("D:1");
    }

    [Theory]
    [InlineData("(id, ssn)", "", "2\t111-22-3333\n3\t\\N\n4\t***\n")]
    [InlineData("(id, note)", "", "2\t*****\n")]
    [InlineData("(id, ssn)", "(FORMAT csv, NULL '*****')", "2,*****\n")]
    [InlineData("(id, note, ssn)", "(FORMAT csv)", "2,\"\",\"a, *****\"\n")]
    [InlineData("", "", "2\t111-22-3333\t*****\t{\"*****\": 1}\t{a,b}\n")]
    public async Task Other_rows_are_written(string columns, string options, string data)
    {
        await using var host = await SessionHost.StartAsync(server, Policy());
        await using var client = await host.OpenRawAsync();

        var messages = await CopyAsync(client, $"COPY {_table} {columns} FROM STDIN {options}", data);

        messages.Texts().ShouldBe(["G", $"C:COPY {data.Count(c => c == '\n')}", "Z:I"]);
    }

    [Fact]
    public async Task A_hash_is_told_and_the_real_value_is_not()
    {
        await using var host = await SessionHost.StartAsync(server, Policy("\"hash\""));
        await using var client = await host.OpenRawAsync();
        var shown = (await client.Query($"SELECT ssn FROM {_table} WHERE id = 1").RoundTripAsync()).Single(m => m.Type == BackendMessageType.DataRow).Row[0]!;

        (await CopyAsync(client, $"COPY {_table} (id, ssn) FROM STDIN", "2\t837-71-4911\n")).Texts().ShouldContain("C:COPY 1");
        (await CopyAsync(client, $"COPY {_table} (id, ssn) FROM STDIN", $"3\t{shown}\n")).Error().Diagnostic.SqlState.ShouldBe("42501");
    }

    [Fact]
    public async Task A_binary_copy_is_looked_into_however_it_is_cut()
    {
        await using var host = await SessionHost.StartAsync(server, Policy());
        await using var client = await host.OpenRawAsync();
        var data = new List<byte>([.. CopyBinary.Signature, .. new byte[8]]);
        foreach (var (id, ssn) in new[] { (2, "111-22-3333"), (3, "*******4911") })
        {
            data.AddRange([0, 2, 0, 0, 0, 4, 0, 0, 0, (byte)id, 0, 0, 0, (byte)ssn.Length, .. Encoding.UTF8.GetBytes(ssn)]);
        }

        data.AddRange(CopyBinary.Trailer);
        foreach (var size in new[] { data.Count, 1, 7 })
        {
            client.Query($"COPY {_table} (id, ssn) FROM STDIN (FORMAT binary)");
            await client.SendAsync();
            foreach (var piece in data.Chunk(size))
                client.Message('d', piece);
            var messages = await client.Message('c', []).RoundTripAsync();

            messages.Texts().ShouldBe(["G", "E:42501", "Z:I"]);
            messages.Error().Diagnostic.Message.ShouldContain($"row 2: the value for {_table}.ssn");
        }

        await using var connection = await host.OpenAsync();
        await using (var import = await connection.BeginBinaryImportAsync($"COPY {_table} (id, ssn, doc) FROM STDIN (FORMAT binary)", Cancel))
        {
            await import.StartRowAsync(Cancel);
            await import.WriteAsync(2, Cancel);
            await import.WriteAsync("111-22-3333", Cancel);
            await import.WriteAsync("{\"a\": 1}", NpgsqlTypes.NpgsqlDbType.Jsonb, Cancel);
            (await import.CompleteAsync(Cancel)).ShouldBe(1ul);
        }

        await using var second = await connection.BeginBinaryImportAsync($"COPY {_table} (id, doc) FROM STDIN (FORMAT binary)", Cancel);
        await second.StartRowAsync(Cancel);
        await second.WriteAsync(3, Cancel);
        await second.WriteAsync("{\"a\": \"*****\"}", NpgsqlTypes.NpgsqlDbType.Jsonb, Cancel);
        (await Should.ThrowAsync<PostgresException>(async () => await second.CompleteAsync(Cancel))).SqlState.ShouldBe("42501");
    }

    [Fact]
    public async Task In_the_extended_protocol_in_a_pipeline_and_under_a_budget_it_is_the_same()
    {
        foreach (var policy in new[] { Policy(), Policy().Budget("few", """{"rowsChanged":100,"per":"transaction","onExceed":"rollback"}""") })
        {
            await using var host = await SessionHost.StartAsync(server, policy);
            await using var client = await host.OpenRawAsync();

            client.Parse("", $"COPY {_table} (id, ssn) FROM STDIN").Bind("", "").Execute();
            var messages = await Data(client, "2\t*****\n").Message('c', []).Sync().RoundTripAsync();
            messages.Texts().ShouldBe(["1", "2", "G", "E:42501", "Z:I"]);

            client.Parse("", $"COPY {_table} (id, ssn) FROM STDIN").Bind("", "").Execute();
            messages = await Data(client, "2\t111-22-3333\n").Message('c', []).Sync().RoundTripAsync();
            messages.Texts().ShouldBe(["1", "2", "G", "C:COPY 1", "Z:I"]);

            client.Query($"COPY {_table} (id, ssn) FROM STDIN");
            messages = await Data(Data(client, "3\t*****\n"), "4\t*****\n").Message('c', []).Query("SELECT 7").RoundTripAsync(2);
            messages.Texts().ShouldBe(["G", "E:42501", "Z:I", "T", "D:7", "C:SELECT 1", "Z:I"]);

            client.Query($"COPY no_such_table FROM STDIN");
            messages = await Data(client, "3\t*****\n").Message('c', []).Query("SELECT 8").RoundTripAsync(2);
            messages.Texts()[^3..].ShouldBe(["D:8", "C:SELECT 1", "Z:I"]);

            client.Query("BEGIN");
            await client.RoundTripAsync();
            (await CopyAsync(client, $"COPY {_table} (id, ssn) FROM STDIN", "5\t1\n6\t*****\n")).Texts().ShouldBe(["G", "E:42501", "Z:E"]);
            (await client.Query("ROLLBACK").RoundTripAsync()).Texts().ShouldBe(["C:ROLLBACK", "Z:I"]);
            await server.ExecuteAsync($"DELETE FROM {_table} WHERE id > 1");
        }
    }

    [Fact]
    public async Task What_psql_copied_out_is_not_copied_in_again()
    {
        await using var host = await SessionHost.StartAsync(server, Policy());
        var file = Path.Combine(Path.GetTempPath(), _table);
        try
        {
            foreach (var format in new[] { "text", "csv", "binary" })
            {
                var psql = new PsqlClient();
                (await psql.QueryAsync(host.Url, [$"\\copy {_table} (id, note, ssn) TO '{file}' (FORMAT {format})"], Cancel)).EnsureSuccess();
                var again = await psql.QueryAsync(host.Url, ["BEGIN", $"DELETE FROM {_table}", $"\\copy {_table} (id, note, ssn) FROM '{file}' (FORMAT {format})", "COMMIT"], Cancel);

                again.ExitCode.ShouldNotBe(0, format);
                again.StandardError.ShouldContain($"the value for {_table}.ssn is what its mask shows");
                (await server.AskAsync($"SELECT ssn FROM {_table} WHERE id = 1")).ShouldBe("837-71-4911");
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task What_is_written_to_a_masked_column_is_not_in_the_recording()
    {
        await using var host = await SessionHost.StartAsync(server, Policy("\"format\""));
        await using var client = await host.OpenRawAsync();

        (await CopyAsync(client, $"COPY {_table} (id, ssn) FROM STDIN", "2\t219-09-9999\n")).Texts().ShouldContain("C:COPY 1");
        (await CopyAsync(client, $"COPY {_table} (id, note) FROM STDIN", "3\tplain-note\n")).Texts().ShouldContain("C:COPY 1");

        await host.StatementsAsync();
        var recorded = string.Join('\n', host.Events().Select(e => e.ToString() + string.Join(',', e.Copy?.Data.Select(d => d.ToStringUtf8()) ?? [])));
        recorded.ShouldNotContain("219-09");
        recorded.ShouldContain("plain-note");
    }

    [Fact]
    public async Task A_generated_column_does_not_shift_the_masks_of_a_copy_out()
    {
        await using var host = await SessionHost.StartAsync(server, Policy("\"redact\""));
        await using var client = await host.OpenRawAsync();

        foreach (var sql in new[] { $"COPY {_table} TO STDOUT", $"COPY {_table} TO STDOUT (FORMAT csv, HEADER)", $"COPY {_table} TO STDOUT (FORMAT binary)" })
        {
            var bytes = string.Join('\n', (await client.Query(sql).RoundTripAsync()).Select(m => Encoding.Latin1.GetString(m.Body)));
            bytes.ShouldNotContain("837-71-4911");
            bytes.ShouldNotContain("Qzxvkjwpybmdhq");
            bytes.ShouldNotContain("Yxqkzvjwbhpfgd");
            bytes.ShouldContain("one");
        }
    }

    [Fact]
    public async Task The_recording_names_the_rule_and_the_layer_that_masked_a_column_of_a_copy()
    {
        await using var host = await SessionHost.StartAsync(server, Policy("\"redact\""));
        await using var client = await host.OpenRawAsync();

        await client.Query($"COPY {_table} TO STDOUT").RoundTripAsync();
        await client.Query($"COPY (SELECT id, upper(ssn) AS loud FROM {_table}) TO STDOUT (FORMAT csv)").RoundTripAsync();

        await host.StatementsAsync();
        var events = host.Events();
        var columns = events.Select(e => e.Columns?.Columns ?? e.Finished?.AnswerColumns).Where(c => c is { Count: > 0 }).SelectMany(c => c!).Where(c => c.MaskedBy.Length > 0).Select(c => $"{c.Name} {c.MaskedBy} {c.MaskedBecause}");
        columns.ShouldBe(["ssn masks lineage", "doc masks lineage", "tags masks lineage", "loud masks lineage"]);
    }
}
