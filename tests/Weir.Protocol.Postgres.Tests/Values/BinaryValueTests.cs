using System.Globalization;
using System.Text;
using CsCheck;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Values;

namespace Weir.Protocol.Postgres.Tests.Values;

public sealed class BinaryValueTests
{
    public static TheoryData<uint, string, string> Known => new()
    {
        { TypeOids.Bool, "t", "01" },
        { TypeOids.Int2, "-2", "FFFE" },
        { TypeOids.Int4, "2147483647", "7FFFFFFF" },
        { TypeOids.Oid, "4294967295", "FFFFFFFF" },
        { TypeOids.Int8, "-9223372036854775808", "8000000000000000" },
        { TypeOids.Float8, "0.1", "3FB999999999999A" },
        { TypeOids.Float4, "1.5", "3FC00000" },
        { TypeOids.Float8, "-Infinity", "FFF0000000000000" },
        { TypeOids.Numeric, "0", "0000000000000000" },
        { TypeOids.Numeric, "0.00", "0000000000000002" },
        { TypeOids.Numeric, "12345.678", "0003000100000003" + "0001" + "0929" + "1A7C" },
        { TypeOids.Numeric, "-0.0001", "0001FFFF40000004" + "0001" },
        { TypeOids.Numeric, "10000", "0001000100000000" + "0001" },
        { TypeOids.Numeric, "0.00000001", "0001FFFE00000008" + "0001" },
        { TypeOids.Numeric, "NaN", "00000000C0000000" },
        { TypeOids.Date, "2000-01-01", "00000000" },
        { TypeOids.Date, "1999-12-31", "FFFFFFFF" },
        { TypeOids.Date, "infinity", "7FFFFFFF" },
        { TypeOids.Date, "0001-12-31 BC", "FFF4DBF8" },
        { TypeOids.Timestamp, "2000-01-01 00:00:01.5", "000000000016E360" },
        { TypeOids.Timestamp, "1999-12-31 23:59:59.999999", "FFFFFFFFFFFFFFFF" },
        { TypeOids.TimestampTz, "2000-01-01 00:00:00+00", "0000000000000000" },
        { TypeOids.Time, "24:00:00", "000000141DD76000" },
        { TypeOids.Uuid, "00112233-4455-6677-8899-aabbccddeeff", "00112233445566778899AABBCCDDEEFF" },
        { TypeOids.Inet, "192.168.1.5", "02200004C0A80105" },
        { TypeOids.Inet, "192.168.1.5/24", "02180004C0A80105" },
        { TypeOids.Cidr, "10.0.0.0/8", "020801040A000000" },
        { TypeOids.Inet, "::1", "0380001000000000000000000000000000000001" },
        { TypeOids.Bytea, "\\x00ff", "00FF" },
        { TypeOids.Bytea, "\\x", "" },
        { TypeOids.Jsonb, "{\"a\": 1}", "017B2261223A20317D" },
        { TypeOids.Text, "é", "C3A9" },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void Known_values_convert_both_ways(uint type, string text, string hex)
    {
        Convert.ToHexString(ToBinary(type, text)!).ShouldBe(hex);
        ToText(type, Convert.FromHexString(hex)).ShouldBe(text);
    }

    [Theory]
    [InlineData(TypeOids.Int2, "32768")]
    [InlineData(TypeOids.Int4, "1x")]
    [InlineData(TypeOids.Int4, "")]
    [InlineData(TypeOids.Numeric, ".")]
    [InlineData(TypeOids.Numeric, "")]
    [InlineData(TypeOids.Numeric, "-")]
    [InlineData(TypeOids.Numeric, "1.2.3")]
    [InlineData(TypeOids.Date, "2023-02-29")]
    [InlineData(TypeOids.Date, "0000-01-01")]
    [InlineData(TypeOids.Date, "2023-1-1")]
    [InlineData(TypeOids.Timestamp, "2023-01-01 25:00:00")]
    [InlineData(TypeOids.Timestamp, "2023-01-01 00:00:00+01")]
    [InlineData(TypeOids.Uuid, "00112233")]
    [InlineData(TypeOids.Inet, "1.2.3")]
    [InlineData(TypeOids.Inet, "1.2.3.4/33")]
    [InlineData(TypeOids.Cidr, "10.0.0.1/8")]
    [InlineData(TypeOids.Bytea, "\\x0")]
    [InlineData(TypeOids.Bytea, "abc")]
    [InlineData(TypeOids.Jsonb, "")]
    [InlineData(12345u, "x")]
    public void What_is_no_value_of_the_type_writes_nothing(uint type, string text)
    {
        var writer = new MessageWriter();
        BinaryValue.TryWriteBinary(type, Encoding.UTF8.GetBytes(text), writer).ShouldBeFalse();
        writer.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Decimals_survive()
    {
        Gen.Decimal.Sample(value =>
        {
            var text = value.ToString(CultureInfo.InvariantCulture);
            ToText(TypeOids.Numeric, ToBinary(TypeOids.Numeric, text)!).ShouldBe(value == 0 ? text.TrimStart('-') : text);
        });
    }

    [Fact]
    public void Dates_agree_with_the_framework()
    {
        Gen.Date.Sample(value =>
        {
            var date = DateOnly.FromDateTime(value);
            var days = date.DayNumber - new DateOnly(2000, 1, 1).DayNumber;
            var text = date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var binary = ToBinary(TypeOids.Date, text)!;
            System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(binary).ShouldBe(days);
            ToText(TypeOids.Date, binary).ShouldBe(text);
        });
    }

    [Fact]
    public void Timestamps_of_every_era_survive()
    {
        // 4713 BC to 294276 AD, in microseconds.
        Gen.Long[-211_813_488_000_000_000, 9_223_371_331_199_999_999].Sample(value =>
        {
            var binary = new byte[8];
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(binary, value);
            ToBinary(TypeOids.TimestampTz, ToText(TypeOids.TimestampTz, binary)!).ShouldBe(binary);
            ToBinary(TypeOids.Timestamp, ToText(TypeOids.Timestamp, binary)!).ShouldBe(binary);
        });
    }

    [Fact]
    public void Arbitrary_bytes_convert_or_write_nothing()
    {
        uint[] types =
        [
            TypeOids.Bool, TypeOids.Int2, TypeOids.Int4, TypeOids.Int8, TypeOids.Float4, TypeOids.Float8, TypeOids.Numeric, TypeOids.Date, TypeOids.Time,
            TypeOids.Timestamp, TypeOids.TimestampTz, TypeOids.Uuid, TypeOids.Inet, TypeOids.Cidr, TypeOids.Bytea, TypeOids.Jsonb, TypeOids.InternalChar, 99999u,
        ];
        Gen.Select(Gen.Byte.Array[0, 24], Gen.Int[0, types.Length - 1]).Sample((bytes, which) =>
        {
            var writer = new MessageWriter();
            if (!BinaryValue.TryWriteText(types[which], bytes, writer))
                writer.IsEmpty.ShouldBeTrue();
            writer.Clear();
            if (!BinaryValue.TryWriteBinary(types[which], bytes, writer))
                writer.IsEmpty.ShouldBeTrue();
            _ = BinaryArray.TryRead(bytes, out _);
        });
    }

    [Fact]
    public void Offsets_of_zones_are_subtracted()
    {
        ToText(TypeOids.TimestampTz, ToBinary(TypeOids.TimestampTz, "2020-06-01 01:30:00+02:30")!).ShouldBe("2020-05-31 23:00:00+00");
        ToText(TypeOids.TimestampTz, ToBinary(TypeOids.TimestampTz, "2020-06-01T01:30:00-01")!).ShouldBe("2020-06-01 02:30:00+00");
    }

    [Fact]
    public void Converting_a_numeric_allocates_nothing()
    {
        var binary = ToBinary(TypeOids.Numeric, "12345.678")!;
        var writer = new MessageWriter();
        Allocation.Of(() =>
        {
            writer.Clear();
            BinaryValue.TryWriteText(TypeOids.Numeric, binary, writer);
            BinaryValue.TryWriteBinary(TypeOids.Numeric, "98765.4321"u8, writer);
        }).ShouldBe(0);
    }

    private static byte[]? ToBinary(uint type, string text)
    {
        var writer = new MessageWriter();
        return BinaryValue.TryWriteBinary(type, Encoding.UTF8.GetBytes(text), writer) ? writer.Written.ToArray() : null;
    }

    private static string? ToText(uint type, byte[] binary)
    {
        var writer = new MessageWriter();
        return BinaryValue.TryWriteText(type, binary, writer) ? Encoding.UTF8.GetString(writer.Written) : null;
    }
}
