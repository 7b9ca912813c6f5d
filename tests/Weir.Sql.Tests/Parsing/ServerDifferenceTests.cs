using System.Text;
using CsCheck;
using Npgsql;
using NpgsqlTypes;
using Weir.Sql.Lexing;
using Weir.Sql.Parsing;
using Weir.Testing.Postgres;

namespace Weir.Sql.Tests.Parsing;

/// <summary>
/// Our outcome for a text against what a PostgreSQL 18 server says to it. The server is asked inside an aborted
/// transaction, where it parses a statement, reports its syntax error if it has one, and otherwise refuses to go on.
/// </summary>
public sealed class ServerDifferenceTests(ParserFixture fixture, PostgresServerFixture postgres) : IClassFixture<ParserFixture>
{
    private static readonly string[] Errors =
    [
        "selec 1", "select 1 from", "select 'a", "select \"a", "select \"\"", "select $$a", "select b'1", "select x'1", "select /* a", "select 1a", "select 0x", "select 0b2",
        "select 0o9", "select 1_", "select 1__0", "select 1e", "select 1e+", "select $1a", "select 'é😀' frm x y", "select e'\\u12'", "select e'\\U0011000'", "select e'\\ud800x'",
        "select e'\\ud800'", "select e'\\uffff\\udfff'", "select U&'\\zz'", "select U&'\\d800'", "select U&'\\+110000'", "select U&'a' uescape 'ab'", "select U&'a' uescape x",
        "select e'\\xff'", "select e'\\000'", "select 'a' /* c */ \n 'b'", "select 'a' 'b'", "select 1 + + from", "select @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ 1",
        "select $99999999999", "select {", "select 1;;select from from", "select 1::float(0)", "select 1::float(54)", "create role public", "create user current_user",
        "select sum(1) over (rows between current row and 1 preceding)", "select sum(1) over (rows unbounded following)", "create assertion x check (1=1)",
        "select json(x format json encoding foo)", "select 1 limit 1,2", "create table x (a int) partition by foo (a)", "create table t (a int references b match partial)",
        "create user x unencrypted password 'y'", "alter table t add constraint c not null a deferrable", "create table t (constraint c check (true) deferrable)",
        "alter table t add constraint c unique (a) not valid", "alter table t add constraint c unique (a) not enforced", "create recursive view v (a) as select 1 with check option",
        "create extension x from y", "create or replace constraint trigger t after insert on x for each row execute function f()",
        "create schema if not exists s create table t ()", "create table t (a int references b on delete set null (a) on update set null (a))",
        "create aggregate a(out int) (sfunc = f)", "alter table t alter 70000 set statistics 1", "alter index i alter 0 set statistics 1",
        "create table p partition of q for values with (modulus 1, modulus 2, remainder 0)", "create table p partition of q for values with (remainder 0)",
        "select 1 from t for update limit", "grant select on t to public, none", "select 1 fetch first 1 row with ties", "with x as (select 1)", "insert into t", "/* é */ select 1 -- ü\n 'x' y z",
        "drop database \"x", "comment on", "copy t from stdin with (format)", "do $$ a $$ $$ b $$ x", "set transaction foo", "alter database d set x", "select unique (select 1)",
        "select 1 where exists", "select a.b.c.*.d", "select interval '1' foo bar", "create function f() returns int as", "select 1 as select", "select * from (select 1) where",
        "values (1,)", "select (1,2", "select [1]", "select a[", "merge into t using s on true when matched", "select cast(1 as)", "select x.1", "select 1 from t t t",
    ];

    [Fact]
    public async Task Errors_are_those_of_a_server()
    {
        await using NpgsqlConnection connection = await OpenAsync();

        foreach (string sql in Errors)
            (await DifferenceAsync(connection, sql)).ShouldBeNull();
    }

    [Fact]
    public async Task Corpus_statements_are_judged_as_by_a_server()
    {
        await using NpgsqlConnection connection = await OpenAsync();
        var differences = new List<string>();

        foreach (string sql in Corpus.Statements().Where(s => s.Length < 16_000).Distinct())
        {
            if (await DifferenceAsync(connection, sql) is { } difference)
                differences.Add(difference);
        }

        differences.ShouldBeEmpty();
    }

    [Fact]
    public async Task Damaged_statements_are_judged_as_by_a_server()
    {
        string[] statements = [.. Corpus.Statements().Where(s => s.Length < 2_000).Distinct(), .. Errors];
        await using NpgsqlConnection connection = await OpenAsync();
        var differences = new List<string>();
        var damaged = new List<string>();

        // The same ones in every run; others are tried by changing the number.
        var random = new Random(20_261_124);
        for (int i = 0; i < 3_000; i++)
            damaged.Add(Damage(statements[random.Next(statements.Length)], statements[random.Next(statements.Length)], random.Next(), random.Next(4)));

        int faults = 0;
        foreach (string sql in damaged)
        {
            if (await DifferenceAsync(connection, sql) is { } difference)
                differences.Add(difference);
            using ParseOutcome outcome = fixture.Parser.Parse(Encoding.UTF8.GetBytes(sql));
            faults += outcome is SyntaxFault ? 1 : 0;
        }

        differences.ShouldBeEmpty();
        faults.ShouldBeGreaterThan(1_000);
    }

    /// <summary>Leaves out, doubles or replaces a token, or cuts the text off.</summary>
    private static string Damage(string sql, string other, int place, int how)
    {
        List<Range> tokens = Tokens(sql);
        List<Range> others = Tokens(other);
        if (tokens.Count == 0 || others.Count == 0)
            return other;
        byte[] text = Encoding.UTF8.GetBytes(sql);
        Range token = tokens[(int)((uint)place % (uint)tokens.Count)];
        Range foreign = others[(int)((uint)place % 7919 % (uint)others.Count)];
        ReadOnlySpan<byte> middle = how switch
        {
            0 => [],
            1 => [.. text[token], (byte)' ', .. text[token]],
            _ => Encoding.UTF8.GetBytes(other)[foreign],
        };
        ReadOnlySpan<byte> rest = how == 3 ? [] : text.AsSpan(token.End.Value);
        return Encoding.UTF8.GetString([.. text.AsSpan(0, token.Start.Value), .. middle, .. rest]);
    }

    private static List<Range> Tokens(string sql)
    {
        var tokens = new List<Range>();
        var lexer = new SqlLexer(Encoding.UTF8.GetBytes(sql));
        while (lexer.Read())
            tokens.Add(lexer.Start..(lexer.Start + lexer.Length));
        return tokens;
    }

    private async Task<string?> DifferenceAsync(NpgsqlConnection connection, string sql)
    {
        using ParseOutcome ours = fixture.Parser.Parse(Encoding.UTF8.GetBytes(sql));
        if (ours is ParseRefused || string.IsNullOrWhiteSpace(sql))
            return null;
        SyntaxFault? theirs = await ErrorAsync(connection, sql);
        // libpg_query takes a parameter where PostgreSQL wants a constant, and may find its error later. The server refuses both.
        if (theirs is not null && theirs.Message.StartsWith("syntax error at or near \"$", StringComparison.Ordinal))
            return null;
        return Equals(ours as SyntaxFault, theirs) ? null : $"{sql}\n  ours: {ours}\n  theirs: {theirs}";
    }

    /// <summary>Null when the server takes the text for statements.</summary>
    private static async Task<SyntaxFault?> ErrorAsync(NpgsqlConnection connection, string sql)
    {
        // A parameter without a name makes Npgsql send the text as it is, several statements in one included.
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Integer, Value = 1 } } };
        try
        {
            await command.PrepareAsync();
            return null;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InFailedSqlTransaction || e.MessageText.StartsWith("cannot insert multiple commands", StringComparison.Ordinal))
        {
            return null;
        }
        catch (PostgresException e)
        {
            return new SyntaxFault(e.MessageText, e.SqlState, e.Position);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        PostgresServer server = await postgres.ServerAsync();
        var connection = new NpgsqlConnection(server.ConnectionString(PostgresServer.Superuser));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await Should.ThrowAsync<PostgresException>(new NpgsqlCommand("select 1/0", connection).ExecuteNonQueryAsync());
        return connection;
    }
}
