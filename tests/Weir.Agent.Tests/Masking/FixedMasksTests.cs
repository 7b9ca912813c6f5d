using Weir.Agent.Masking;
using Weir.Policy.Detection;
using Weir.Policy.Documents;
using Weir.Policy.Masking;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Values;

namespace Weir.Agent.Tests.Masking;

/// <summary>The short way for masks that are the same for every value gives what the long way gives.</summary>
public sealed class FixedMasksTests
{
    public static TheoryData<string, uint, string, byte[]> Values => new()
    {
        { "redact", TypeOids.Text, "someone@example.com", [] },
        { "redact", TypeOids.Text, "", [] },
        { "redact", TypeOids.Varchar, "x", [] },
        { "redact", TypeOids.Xml, "<a>b</a>", [] },
        { "redact", TypeOids.Bool, "t", [1] },
        { "redact", TypeOids.Int4, "77", [0, 0, 0, 77] },
        { "redact", TypeOids.Int8, "-1", [255, 255, 255, 255, 255, 255, 255, 255] },
        { "redact", TypeOids.Float8, "1.5", [0x3f, 0xf8, 0, 0, 0, 0, 0, 0] },
        { "redact", TypeOids.Numeric, "1", [0, 1, 0, 0, 0, 0, 0, 0, 0, 1] },
        { "redact", TypeOids.Date, "2026-01-02", [0, 0, 0, 9] },
        { "redact", TypeOids.Uuid, "0f0e0d0c-0b0a-0908-0706-050403020100", [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0] },
        { "redact", TypeOids.Inet, "10.1.2.3", [2, 32, 0, 4, 10, 1, 2, 3] },
        { "redact", TypeOids.Bytea, "\\x0102", [1, 2] },
        { "redact", 600, "(1,2)", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
        { "nullify", TypeOids.Text, "x", [] },
        { "nullify", TypeOids.Jsonb, "{\"a\": 1}", [1, (byte)'{', (byte)'}'] },
        { "nullify", TypeOids.TimestampTz, "2026-01-02 03:04:05+00", [0, 0, 0, 0, 0, 0, 0, 9] },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Both_ways_write_the_same(string mask, uint type, string text, byte[] binary)
    {
        foreach (var isBinary in new[] { false, true })
        {
            var action = new ColumnAction(1, Of(mask), ValueKinds.Of(type), type, IsArray: false, isBinary) { MaxLength = type == TypeOids.Varchar ? 3 : 0 };
            var rewriter = RowMasker.TryFix([action], 3).ShouldNotBeNull();
            var body = Row("before"u8.ToArray(), isBinary && binary.Length > 0 ? binary : System.Text.Encoding.UTF8.GetBytes(text), null);
            var output = new byte[rewriter.MaxLength(body.Length)];
            output[..rewriter.Rewrite(body, output)].ShouldBe(TheLongWay(action, body));
        }
    }

    [Theory]
    [InlineData("redact", TypeOids.TimestampTz, false)]
    [InlineData("redact", TypeOids.Jsonb, false)]
    [InlineData("redact", TypeOids.Text, true)]
    [InlineData("hash", TypeOids.Text, false)]
    [InlineData("partial", TypeOids.Text, false)]
    public void A_mask_that_depends_on_the_value_has_no_short_way(string mask, uint type, bool isArray)
    {
        var action = new ColumnAction(0, Of(mask), ValueKinds.Of(type), type, isArray, IsBinary: false);
        RowMasker.TryFix([action], 1).ShouldBeNull();
    }

    [Fact]
    public void Neither_has_what_only_the_content_decides()
    {
        var redacted = new ColumnAction(0, Of("redact"), ValueKind.Text, TypeOids.Text, IsArray: false, IsBinary: false);
        RowMasker.TryFix([redacted, redacted with { Column = 1, Masker = null }], 2).ShouldBeNull();
        RowMasker.TryFix([], 2).ShouldBeNull();
    }

    private static Masker Of(string mask) => new MaskerFactory(new byte[32]).Of(new MaskSpec(Enum.Parse<MaskKind>(mask, ignoreCase: true)));

    private static byte[] TheLongWay(ColumnAction action, byte[] body)
    {
        var output = new MessageWriter();
        new RowMasker().MaskValues([action], 3, DetectorSet.Empty, body, output);
        return output.Written.ToArray();
    }

    private static byte[] Row(params byte[]?[] values)
    {
        var writer = new MessageWriter();
        var row = DataRowWriter.Begin(writer, values.Length);
        foreach (var value in values)
        {
            if (value is null)
                row.WriteNull();
            else
                row.WriteValue(value);
        }

        row.End();
        return writer.Written[FrameHeader.Size..].ToArray();
    }
}
