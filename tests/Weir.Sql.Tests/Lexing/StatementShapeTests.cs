using System.Buffers;
using System.Text;
using CsCheck;
using Weir.Sql.Lexing;
using Weir.Sql.Parsing;
using Weir.Sql.Tests.Parsing;

namespace Weir.Sql.Tests.Lexing;

public sealed class StatementShapeTests(ParserFixture fixture) : IClassFixture<ParserFixture>
{
    [Theory]
    [InlineData("SELECT  a\n FROM t WHERE id = 7", "select a from t where id = 'i")]
    [InlineData("select \"A\", a.b::text from t -- c", "select \"A\" , a . b :: text from t")]
    [InlineData("select 'x', E'\\n', $$y$$, N'z', b'1', x'F'", "select 's , 's , 's , 'n , 'b , 'x")]
    [InlineData("select 1, 2147483648, 9223372036854775808, 1.0, 1e3, 0x10", "select 'i , 'l , 'd , 'd , 'd , 'i")]
    [InlineData("select 'a'\n'b', $1", "select 's , $1")]
    [InlineData("a=-1", "a = - 'i")]
    [InlineData("a<-1", "a < - 'i")]
    [InlineData("a@-1", "a @- 'i")]
    [InlineData("", "")]
    public void Shape_is_the_tokens_without_values(string sql, string key) => Key(sql).ShouldBe(key);

    [Theory]
    [InlineData("select 'a")]
    [InlineData("select \"a")]
    [InlineData("select /* a")]
    [InlineData("select 1a")]
    [InlineData("select $1a")]
    [InlineData("select E'\\u0061'")]
    [InlineData("select E'\\x61'")]
    [InlineData("select U&'a'")]
    [InlineData("select U&\"a\"")]
    [InlineData("select {}")]
    [InlineData("select 'a\0b'")]
    public void Text_that_cannot_be_vouched_for_has_no_shape(string sql) => Key(sql).ShouldBeNull();

    [Fact]
    public void Malformed_utf8_has_no_shape()
    {
        var literals = new LiteralList(new SqlLiteral[4]);
        StatementShape.TryWrite([(byte)'\'', 0xC3, (byte)'\''], new byte[100], out _, out _, ref literals).ShouldBeFalse();
    }

    [Theory]
    [InlineData("select 1", "select '1'")]
    [InlineData("select 1", "select 1.0")]
    [InlineData("select 1", "select 3000000000")]
    [InlineData("select b'1'", "select x'1'")]
    [InlineData("select 'a'", "select N'a'")]
    [InlineData("select a", "select \"a\"")]
    [InlineData("select \"a\"", "select \"A\"")]
    [InlineData("select 'a' 'b'", "select 'a'\n'b'")]
    [InlineData("select a.b", "select a . b . c")]
    [InlineData("select \"a b\"", "select a b")]
    [InlineData("select n 'a'", "select n'a'")]
    public void Different_tokens_have_different_shapes(string one, string other)
    {
        Key(one).ShouldNotBe(Key(other));
    }

    [Fact]
    public void Literals_are_found_where_they_stand()
    {
        const string sql = "select 'é', E'x' from t where a = 12 and b = B'1' -- 'no'";
        var literals = new LiteralList(new SqlLiteral[8]);

        StatementShape.TryWrite(Encoding.UTF8.GetBytes(sql), new byte[1000], out _, out _, ref literals).ShouldBeTrue();

        literals.Items.ToArray().ShouldBe(
        [
            new SqlLiteral(7, 4, LiteralKind.String), new SqlLiteral(13, 4, LiteralKind.String),
            new SqlLiteral(35, 2, LiteralKind.Integer), new SqlLiteral(46, 4, LiteralKind.BitString),
        ]);
    }

    [Fact]
    public void Full_buffers_give_no_shape()
    {
        byte[] sql = "select 1, 2, 3"u8.ToArray();
        var two = new LiteralList(new SqlLiteral[2]);
        StatementShape.TryWrite(sql, new byte[100], out _, out _, ref two).ShouldBeFalse();

        var enough = new LiteralList(new SqlLiteral[3]);
        for (int size = 0; size < "select 'i , 'i , 'i".Length; size++)
            StatementShape.TryWrite(sql, new byte[size], out _, out _, ref enough).ShouldBeFalse();
        StatementShape.TryWrite(sql, new byte[StatementShape.MaxKeyLength(sql.Length)], out _, out _, ref enough).ShouldBeTrue();
    }

    [Fact]
    public void Largest_key_fits_the_promised_buffer() =>
        Gen.Char["1+',()aE$. \"é"].Array[0, 30].Select(c => Encoding.UTF8.GetBytes(new string(c))).Sample(sql =>
        {
            var literals = new LiteralList(new SqlLiteral[sql.Length + 1]);
            var large = new byte[1000];
            if (StatementShape.TryWrite(sql, large, out _, out _, ref literals))
                StatementShape.TryWrite(sql, new byte[StatementShape.MaxKeyLength(sql.Length)], out _, out _, ref literals).ShouldBeTrue();
        });

    [Fact]
    public void Shape_allocates_nothing()
    {
        byte[] sql = Encoding.UTF8.GetBytes("select a, 'x', 12 from t where b = $1 /* c */ and c in (1, 2, 3)");
        byte[] key = new byte[1000];
        var buffer = new SqlLiteral[16];
        Write();
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 100; i++)
            Write();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Write()
        {
            var literals = new LiteralList(buffer);
            StatementShape.TryWrite(sql, key, out _, out _, ref literals);
        }
    }

    [Fact]
    public void Redacted_statement_parses_and_has_the_same_shape()
    {
        int compared = 0;
        foreach (string text in Corpus.Statements().Where(s => s.Length < 32_000 && !s.Contains('\0', StringComparison.Ordinal)))
        {
            byte[] sql = Encoding.UTF8.GetBytes(text);
            using ParseOutcome outcome = fixture.Parser.Parse(sql);
            if (outcome is not ParsedScript script || Key(text) is not { } key)
                continue;

            string redacted = Redact(sql);
            Key(redacted).ShouldBe(key, text);
            using ParseOutcome again = fixture.Parser.Parse(Encoding.UTF8.GetBytes(redacted));
            again.ShouldBeOfType<ParsedScript>(redacted).Statements.Select(s => s.NodeType).ShouldBe(script.Statements.Select(s => s.NodeType));
            compared++;
        }

        if (Corpus.IsPresent)
            compared.ShouldBeGreaterThan(300);
    }

    [Theory]
    [InlineData("insert into t values ('a', 1, 2.5, E'\\u0061', U&'d!0061' uescape '!')", "insert into t values ('***', 0, 0.0, '***', '***')")]
    [InlineData("select x'1F', b'0', N'a', $q$it's$q$, 99999999999, .5", "select X'0', B'0', N'***', '***', 9000000000, .0")]
    [InlineData("select U&\"d!0061\" uescape '!', 'a' -- c\n 'b', $1", "select U&\"d!0061\" uescape '!', '***', $1")]
    public void Redaction_replaces_every_constant(string sql, string redacted) => Redact(Encoding.UTF8.GetBytes(sql)).ShouldBe(redacted);

    [Fact]
    public void Text_with_a_lexical_error_cannot_be_redacted()
    {
        var literals = new LiteralList(new SqlLiteral[10]);
        LiteralRedactor.TryFind("select 'a', 'b"u8, ref literals).ShouldBeFalse();
    }

    private static string Redact(byte[] sql)
    {
        var literals = new LiteralList(new SqlLiteral[10_000]);
        LiteralRedactor.TryFind(sql, ref literals).ShouldBeTrue();
        var output = new ArrayBufferWriter<byte>();
        LiteralRedactor.Write(sql, literals.Items, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string? Key(string text)
    {
        byte[] sql = Encoding.UTF8.GetBytes(text);
        byte[] key = new byte[StatementShape.MaxKeyLength(sql.Length)];
        var literals = new LiteralList(new SqlLiteral[10_000]);
        return StatementShape.TryWrite(sql, key, out int length, out ulong hash, ref literals)
            ? Encoding.UTF8.GetString(key.AsSpan(0, length))
            : null;
    }
}
