using System.Text;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Scram;
using Weir.Protocol.Postgres.Startup;
using Weir.Protocol.Postgres.Values;
using Weir.Testing.Postgres;

namespace Weir.Protocol.Postgres.Tests.RealServer;

/// <summary>The server's own two representations of a value, against the conversion between them.</summary>
public sealed class ValueTests(TlsServerFixture fixture)
{
    private static readonly string[] Expressions =
    [
        "true", "false", "32767::int2", "(-1)::int4", "9223372036854775807::int8", "4294967295::oid", "'x'::\"char\"", "'n'::name",
        "0.1::float4", "-2.5::float8", "'NaN'::float8", "'Infinity'::float4", "123456.75::float8", "1e300::float8", "1e-300::float8", "1.5e-7::float4",
        "0::numeric", "0.000::numeric", "1::numeric", "-1.50::numeric", "10000::numeric", "100000000::numeric", "0.0001::numeric", "0.00001::numeric",
        "99999999999999999999.999999999999::numeric", "1e50::numeric", "1e-50::numeric", "12345.6789::numeric(20,2)", "'NaN'::numeric", "'-Infinity'::numeric",
        "'2000-01-01'::date", "'2024-02-29'::date", "'1900-03-01'::date", "'4713-01-01 BC'::date", "'5874897-12-31'::date", "'infinity'::date", "'0001-01-01'::date", "'0001-12-31 BC'::date",
        "'1999-12-31 23:59:59.999999'::timestamp", "'2024-02-29 12:00:00.5'::timestamp", "'0044-03-15 10:00 BC'::timestamp", "'294276-12-31 23:59:59'::timestamp", "'-infinity'::timestamp",
        "'2024-07-01 12:00:00+02'::timestamptz", "'0044-03-15 10:00 BC'::timestamptz", "'24:00'::time", "'00:00:00.000001'::time",
        "'00112233-4455-6677-8899-aabbccddeeff'::uuid",
        "'10.1.2.3'::inet", "'10.1.2.3/8'::inet", "'10.0.0.0/8'::cidr", "'::1'::inet", "'2001:db8::/32'::cidr", "'fe80::1:0:0:1/64'::inet", "'::ffff:1.2.3.4'::inet", "'::/0'::cidr",
        "'\\x'::bytea", "'\\x00ff10'::bytea", "'{\"a\": [1, 2]}'::json", "'{\"a\": [1, 2]}'::jsonb", "'5'::jsonb", "'text'::text", "'v'::varchar", "'b'::char(3)", "''::text", "'<a/>'::xml",
    ];

    [Fact]
    public async Task Binary_becomes_the_text_the_server_prints_and_back()
    {
        await using var client = await WireClient.ConnectAsync(fixture.Server.Host, fixture.Server.Port);
        await client.LogInAsync(PostgresServer.Superuser, fixture.Server.Password, "postgres", ProtocolVersion.V30, ChannelBindingPolicy.Prefer);
        Query.Write(client.Out, "SET timezone = 'UTC'");
        await client.RoundTripAsync();

        var select = "SELECT " + string.Join(", ", Expressions);
        var (_, texts) = await SelectAsync(client, select, FormatCode.Text);
        var (types, binaries) = await SelectAsync(client, select, FormatCode.Binary);
        var writer = new MessageWriter();
        for (var i = 0; i < Expressions.Length; i++)
        {
            writer.Clear();
            BinaryValue.TryWriteText(types[i], binaries[i], writer).ShouldBeTrue(Expressions[i]);
            Encoding.UTF8.GetString(writer.Written).ShouldBe(Encoding.UTF8.GetString(texts[i]), Expressions[i]);
            writer.Clear();
            BinaryValue.TryWriteBinary(types[i], texts[i], writer).ShouldBeTrue(Expressions[i]);
            Convert.ToHexString(writer.Written).ShouldBe(Convert.ToHexString(binaries[i]), Expressions[i]);
        }
    }

    [Fact]
    public async Task Arrays_masked_in_either_format_are_read_by_the_server()
    {
        await using var client = await WireClient.ConnectAsync(fixture.Server.Host, fixture.Server.Port);
        await client.LogInAsync(PostgresServer.Superuser, fixture.Server.Password, "postgres", ProtocolVersion.V30, ChannelBindingPolicy.Prefer);
        const string Select = "SELECT '[2:3][1:2]={{a,NULL},{\"b c\",\"q\\\"\\\\\"}}'::text[], '{}'::text[]";
        foreach (var format in new[] { FormatCode.Text, FormatCode.Binary })
        {
            var (_, values) = await SelectAsync(client, Select, format);
            var parameters = values.Select(value => MaskArray(value, format)).ToArray();

            Parse.Write(client.Out, [], "SELECT $1::text[]::text, $2::text[]::text"u8);
            var bind = BindWriter.Begin(client.Out, [], [], [format], parameters.Length);
            foreach (var parameter in parameters)
                bind.WriteValue(parameter);
            bind.End([FormatCode.Text]);
            Execute.Write(client.Out, []);
            Sync.Write(client.Out);
            var row = Row(await client.RoundTripAsync());
            row.ShouldBe(["[2:3][1:2]={{\"x, y\",NULL},{\"x, y\",\"x, y\"}}", "{}"]);
        }
    }

    private static byte[] MaskArray(byte[] value, FormatCode format)
    {
        var writer = new MessageWriter();
        if (format == FormatCode.Text)
        {
            var text = TextArrayRewriter.Begin(writer, value, new MessageWriter());
            while (text.MoveNext())
            {
                if (!text.IsNull)
                    text.Replace("x, y"u8);
            }

            text.End();
            return writer.Written.ToArray();
        }

        BinaryArray.TryRead(value, out var array).ShouldBeTrue();
        array.WriteHeader(writer);
        foreach (var element in array.Elements)
        {
            if (element.IsNull)
                writer.WriteNull();
            else
                writer.WriteValue("x, y"u8);
        }

        return writer.Written.ToArray();
    }

    private static async Task<(uint[] Types, byte[][] Values)> SelectAsync(WireClient client, string sql, FormatCode format)
    {
        Parse.Write(client.Out, [], Encoding.UTF8.GetBytes(sql));
        BindWriter.Begin(client.Out, [], [], [], 0).End([format]);
        Describe.Write(client.Out, TargetKind.Portal, []);
        Execute.Write(client.Out, []);
        Sync.Write(client.Out);
        var messages = await client.RoundTripAsync();
        var types = new List<uint>();
        var values = new List<byte[]>();
        foreach (var message in messages)
        {
            if (message[0] == (byte)BackendMessageType.RowDescription)
            {
                foreach (var field in RowDescription.Read(message.AsSpan(FrameHeader.Size)).Fields)
                {
                    field.Format.ShouldBe(format);
                    types.Add(field.TypeOid);
                }
            }
            else if (message[0] == (byte)BackendMessageType.DataRow)
            {
                foreach (var field in DataRow.Read(message.AsSpan(FrameHeader.Size)).Fields)
                    values.Add(field.Value.ToArray());
            }
        }

        return ([.. types], [.. values]);
    }

    private static string[] Row(List<byte[]> messages)
    {
        var values = new List<string>();
        foreach (var field in DataRow.Read(messages.Single(m => m[0] == (byte)BackendMessageType.DataRow).AsSpan(FrameHeader.Size)).Fields)
            values.Add(Encoding.UTF8.GetString(field.Value));
        return [.. values];
    }
}
