using System.Text;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Copy;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Scram;
using Weir.Protocol.Postgres.Startup;
using Weir.Testing.Postgres;

namespace Weir.Protocol.Postgres.Tests.RealServer;

/// <summary>COPY out of a real server, rewritten, and copied in again.</summary>
public sealed class CopyTests(TlsServerFixture fixture)
{
    private const string Nasty = "E'a\\tb\\nc\\rd\\\\e\"f,g|h''i\\b\\f\\v;\\\\.'";

    public static TheoryData<string> Formats =>
    [
        "", "FORMAT text, DELIMITER '|', NULL 'nil'", "FORMAT csv", "FORMAT csv, QUOTE '''', ESCAPE '\\', DELIMITER ';', NULL 'nil'", "FORMAT csv, FORCE_QUOTE *",
        "FORMAT csv, ESCAPE '\\', FORCE_QUOTE (c)", "FORMAT binary",
    ];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Rows_masked_on_the_way_out_are_read_by_the_server_and_the_rest_is_unchanged(string format)
    {
        await using var client = await WireClient.ConnectAsync(fixture.Server.Host, fixture.Server.Port);
        await client.LogInAsync(PostgresServer.Superuser, fixture.Server.Password, "postgres", ProtocolVersion.V30, ChannelBindingPolicy.Prefer);
        Query.Write(client.Out, $"""
            CREATE TEMP TABLE source(a text, secret text, c text);
            INSERT INTO source VALUES ({Nasty}, 's1', NULL), ('', 's2', {Nasty}), (NULL, NULL, ''), ('\.', {Nasty}, '\N');
            CREATE TEMP TABLE target(LIKE source);
            """);
        await client.RoundTripAsync();

        var with = format.Length == 0 ? "" : $" WITH ({format})";
        Query.Write(client.Out, $"COPY source TO STDOUT{with}");
        var data = (await client.RoundTripAsync()).Where(message => message[0] == CopyData.Type).Select(message => message[FrameHeader.Size..]).ToArray();
        var masked = format.Contains("binary", StringComparison.Ordinal) ? MaskBinary(data) : MaskText(data, Options(format));

        // FORCE_QUOTE is an option of COPY TO only.
        var comma = with.IndexOf(", FORCE_QUOTE", StringComparison.Ordinal);
        Query.Write(client.Out, $"COPY target FROM STDIN{(comma < 0 ? with : with[..comma] + ")")}");
        client.Out.WriteBytes(masked);
        CopyDone.Write(client.Out);
        var copied = await client.RoundTripAsync();
        copied.Any(message => message[0] == (byte)BackendMessageType.CopyInResponse).ShouldBeTrue();

        Query.Write(client.Out, """
            SELECT count(*) FROM (
              SELECT a, CASE WHEN secret IS NOT NULL THEN E'*\t"\n\\,' END, c FROM source EXCEPT ALL TABLE target) difference
            UNION ALL SELECT count(*) FROM target
            """);
        var counts = (await client.RoundTripAsync()).Where(message => message[0] == (byte)BackendMessageType.DataRow).Select(First).ToArray();
        counts.ShouldBe(["0", "4"]);
    }

    private static CopyFormatOptions Options(string format) => format switch
    {
        "" => CopyFormatOptions.Text(),
        "FORMAT text, DELIMITER '|', NULL 'nil'" => CopyFormatOptions.Text('|', "nil"),
        "FORMAT csv" => CopyFormatOptions.Csv(),
        "FORMAT csv, FORCE_QUOTE *" => CopyFormatOptions.Csv(forceQuoteAll: true),
        "FORMAT csv, ESCAPE '\\', FORCE_QUOTE (c)" => CopyFormatOptions.Csv(escape: '\\', forceQuoteColumns: [2]),
        _ => CopyFormatOptions.Csv(';', "nil", '\'', '\\'),
    };

    private static ReadOnlySpan<byte> Mask => "*\t\"\n\\,"u8;

    private static byte[] MaskText(byte[][] messages, CopyFormatOptions options)
    {
        var writer = new MessageWriter();
        var scratch = new MessageWriter();
        foreach (var message in messages)
        {
            var start = CopyData.Begin(writer);
            for (ReadOnlySpan<byte> rest = message; !rest.IsEmpty;)
            {
                var row = CopyRowRewriter.Begin(writer, rest, options, scratch);
                row.MoveTo(1).ShouldBeTrue();
                if (!row.IsNull)
                    row.Replace(Mask);
                rest = row.End();
                row.FieldCount.ShouldBe(3);
            }

            writer.EndMessage(start);
        }

        return writer.Written.ToArray();
    }

    private static byte[] MaskBinary(byte[][] messages)
    {
        var writer = new MessageWriter();
        var isFirst = true;
        foreach (var message in messages)
        {
            var start = CopyData.Begin(writer);
            ReadOnlySpan<byte> rest = message;
            if (isFirst)
            {
                var header = CopyBinary.ReadHeader(rest);
                writer.WriteBytes(rest[..header]);
                rest = rest[header..];
                isFirst = false;
            }

            while (!rest.IsEmpty && !CopyBinary.IsTrailer(rest))
            {
                var tuple = TupleRewriter.Begin(writer, rest);
                tuple.MoveTo(1).ShouldBeTrue();
                if (!tuple.Current.IsNull)
                    tuple.Replace(Mask);
                rest = rest[tuple.End()..];
            }

            writer.WriteBytes(rest);
            writer.EndMessage(start);
        }

        return writer.Written.ToArray();
    }

    private static string First(byte[] message)
    {
        foreach (var field in DataRow.Read(message.AsSpan(FrameHeader.Size)).Fields)
            return Encoding.UTF8.GetString(field.Value);
        return string.Empty;
    }
}
