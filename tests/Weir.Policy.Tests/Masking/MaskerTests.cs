using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Weir.Policy.Documents;
using Weir.Policy.Masking;

namespace Weir.Policy.Tests.Masking;

public sealed class MaskerTests
{
    private static readonly MaskerFactory Maskers = new(Samples.Key);

    private static string? Mask(MaskSpec spec, string value, ValueKind kind = ValueKind.Text)
    {
        var output = new ArrayBufferWriter<byte>();
        var result = Maskers.Of(spec).Mask(Encoding.UTF8.GetBytes(value), kind, output);
        if (result == MaskResult.Null)
            output.WrittenCount.ShouldBe(0);
        return result == MaskResult.Null ? null : Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static MaskSpec Of(MaskKind kind) => new(kind);

    private static MaskSpec Partial(int first, int last) => new(MaskKind.Partial, first, last);

    [Theory]
    [InlineData(ValueKind.Text, "secret", "*****")]
    [InlineData(ValueKind.Text, "", "*****")]
    [InlineData(ValueKind.Boolean, "t", "f")]
    [InlineData(ValueKind.Integer, "773113", "0")]
    [InlineData(ValueKind.Decimal, "12.50", "0")]
    [InlineData(ValueKind.Float, "1e10", "0")]
    [InlineData(ValueKind.Date, "1985-03-11", "1970-01-01")]
    [InlineData(ValueKind.Timestamp, "1985-03-11 12:13:14", "1970-01-01 00:00:00")]
    [InlineData(ValueKind.Timestamp, "1985-03-11 12:13:14.5+02", "1970-01-01 00:00:00+00")]
    [InlineData(ValueKind.Time, "12:13:14-03:30", "00:00:00+00")]
    [InlineData(ValueKind.Interval, "3 days", "00:00:00")]
    [InlineData(ValueKind.Uuid, "9f3c1e9a-8f5e-4c1a-9a51-2f4f7d8f3f10", "00000000-0000-0000-0000-000000000000")]
    [InlineData(ValueKind.Network, "10.1.2.3", "0.0.0.0")]
    [InlineData(ValueKind.Bytes, "\\xdeadbeef", "\\x")]
    [InlineData(ValueKind.Other, "(1,2)", null)]
    public void Redact_gives_one_fixed_value_of_each_kind(ValueKind kind, string value, string? masked) => Mask(Of(MaskKind.Redact), value, kind).ShouldBe(masked);

    [Fact]
    public void Json_keeps_its_keys_and_structure_and_loses_its_leaves()
        => Mask(Of(MaskKind.Redact), """{"dob": "1950-03-11", "n": [1, 2.5, null, true], "a": {"zip": "9021\u0030"}}""", ValueKind.Json)
            .ShouldBe("""{"dob": "*****", "n": [0, 0, null, false], "a": {"zip": "*****"}}""");

    [Theory]
    [InlineData("""{"837-71-4911": 1}""", "{}")]
    [InlineData("""["837-71-4911"]""", "[]")]
    [InlineData("\"x\"", "\"*****\"")]
    public void Json_computed_from_masked_columns_shows_not_even_its_keys(string value, string masked)
        => Mask(new MaskSpec(MaskKind.Redact) { IsOpaque = true }, value, ValueKind.Json).ShouldBe(masked);

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("{} x")]
    [InlineData("")]
    public void What_is_not_json_is_replaced_whole(string value)
    {
        string masked = Mask(Of(MaskKind.Redact), value, ValueKind.Json)!;
        masked.ShouldBeOneOf("{}", "\"*****\"");
    }

    [Fact]
    public void Hostile_nesting_of_json_neither_crashes_nor_leaks()
        => Mask(Of(MaskKind.Redact), new string('[', 100_000) + "\"secret\"" + new string(']', 100_000), ValueKind.Json).ShouldBe("[]");

    [Theory]
    [InlineData(0, 4, "4929738560912345", "************2345")]
    [InlineData(1, 0, "Zyxname", "Z******")]
    [InlineData(2, 2, "abcdefgh", "ab****gh")]
    [InlineData(0, 4, "1234567", "*****")]
    [InlineData(0, 4, "12345678", "****5678")]
    [InlineData(0, 4, "", "*****")]
    [InlineData(0, 2, "äöüß€𝄞", "****€𝄞")]
    [InlineData(0, 4, "837-71-4911     ", "*******4911")]
    public void Partial_keeps_characters_not_bytes_and_masks_short_values_whole(int first, int last, string value, string masked) => Mask(Partial(first, last), value).ShouldBe(masked);

    [Fact]
    public void Partial_masks_other_types_like_redact_and_leaves_of_json_like_text()
    {
        Mask(Partial(0, 4), "773113", ValueKind.Integer).ShouldBe("0");
        Mask(Partial(0, 2), """{"a":"line\n\"end\""}""", ValueKind.Json).ShouldBe("""{"a":"********d\""}""");
    }

    [Fact]
    public void Partial_never_shows_more_than_half()
        => Gen.Select(Gen.String[1, 30], Gen.Int[0, 5], Gen.Int[0, 5]).Sample((value, first, last) =>
        {
            if (first + last == 0 || value.Contains('*') || value.Any(char.IsSurrogate))
                return;
            string masked = Mask(Partial(first, last), value)!;
            int hidden = masked.EnumerateRunes().Count(r => r.Value == '*');
            int shown = masked.EnumerateRunes().Count(r => r.Value != '*');
            shown.ShouldBeLessThanOrEqualTo(hidden == 5 && shown == 0 ? 0 : hidden);
        });

    [Fact]
    public void Nullify_gives_null() => Mask(Of(MaskKind.Nullify), "x").ShouldBeNull();

    [Theory]
    [InlineData(ValueKind.Text, "ada@example.com")]
    [InlineData(ValueKind.Integer, "773113")]
    [InlineData(ValueKind.Decimal, "1234.50")]
    [InlineData(ValueKind.Uuid, "9f3c1e9a-8f5e-4c1a-9a51-2f4f7d8f3f10")]
    [InlineData(ValueKind.Date, "1985-03-11")]
    [InlineData(ValueKind.Timestamp, "1985-03-11 12:13:14+02")]
    [InlineData(ValueKind.Network, "192.168.7.9")]
    [InlineData(ValueKind.Bytes, "\\xdeadbeef")]
    [InlineData(ValueKind.Json, "{\"a\": \"ada@example.com\"}")]
    public void Hash_and_format_are_deterministic_under_one_key_and_differ_under_another(ValueKind kind, string value)
    {
        foreach (var spec in new[] { Of(MaskKind.Hash), Of(MaskKind.Format) })
        {
            string masked = Mask(spec, value, kind)!;
            masked.ShouldNotBe(value);
            Mask(spec, value, kind).ShouldBe(masked);
            var other = new ArrayBufferWriter<byte>();
            new MaskerFactory(new byte[32]).Of(spec).Mask(Encoding.UTF8.GetBytes(value), kind, other);
            Encoding.UTF8.GetString(other.WrittenSpan).ShouldNotBe(masked);
        }
    }

    [Fact]
    public void A_hash_is_of_letters_and_is_recognised_also_when_a_column_cut_it()
    {
        Mask(Of(MaskKind.Hash), "837-71-4911")!.Length.ShouldBe(16);
        Mask(Of(MaskKind.Hash), "x")!.Length.ShouldBe(16);
        string longest = Mask(Of(MaskKind.Hash), new string('x', 500))!;
        longest.Length.ShouldBe(32);
        longest.ShouldAllBe(c => char.IsAsciiLetterLower(c));
        for (int length = 11; length <= 32; length++)
            Maskers.Of(Of(MaskKind.Hash)).Recognizes(Encoding.UTF8.GetBytes(longest[..length])).ShouldBeTrue();
        Maskers.Of(Of(MaskKind.Hash)).Recognizes("abcdefghijklmnop"u8).ShouldBeFalse();
        Mask(Of(MaskKind.Hash), "837-71-4911   ").ShouldBe(Mask(Of(MaskKind.Hash), "837-71-4911"), "character(n) pads");
    }

    [Fact]
    public void Few_values_that_are_no_hash_are_taken_for_one()
        => Enumerable.Range(0, 20_000).Count(i => Maskers.Of(Of(MaskKind.Hash)).Recognizes(Encoding.UTF8.GetBytes(Letters(i)))).ShouldBeLessThan(10);

    private static string Letters(int i) => string.Concat(Enumerable.Range(0, 12).Select(at => (char)('a' + ((i * 31 * (at + 7)) + (i >> at)) % 26)));

    [Fact]
    public void Different_values_have_different_fakes()
    {
        foreach (var kind in new[] { MaskKind.Format, MaskKind.Hash })
        {
            Unique(kind, ValueKind.Integer, Enumerable.Range(1, 999).Select(i => $"{i}"));
            Unique(kind, ValueKind.Integer, Enumerable.Range(9_000, 3_000).Select(i => $"-{i}"));
            Unique(kind, ValueKind.Decimal, Enumerable.Range(1, 3_000).Select(i => $"{i / 100}.{i % 100:00}"));
            Unique(kind, ValueKind.Date, Enumerable.Range(0, 3_000).Select(i => new DateOnly(2015, 1, 1).AddDays(i).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)));
            Unique(kind, ValueKind.Timestamp, Enumerable.Range(0, 3_000).Select(i => new DateTime(2019, 12, 31, 0, 0, 0, DateTimeKind.Unspecified).AddMinutes(i).ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) + (i % 7 == 0 ? ".5+00" : "+00")));
            Unique(kind, ValueKind.Time, Enumerable.Range(0, 1_000).Select(i => $"{i / 60:00}:{i % 60:00}:00"));
            Unique(kind, ValueKind.Network, Enumerable.Range(0, 3_000).Select(i => $"10.0.{i / 256}.{i % 256}"));
            Unique(kind, ValueKind.Network, Enumerable.Range(0, 250).Select(i => $"10.{i}.0.0/16"));
            Unique(kind, ValueKind.Uuid, Enumerable.Range(0, 3_000).Select(i => $"9f3c1e9a-8f5e-4c1a-9a51-{i:x12}"));
        }

        Unique(MaskKind.Format, ValueKind.Text, Enumerable.Range(0, 1_000).Select(i => $"{i:000}"));
        Unique(MaskKind.Format, ValueKind.Text, Enumerable.Range('a', 26).Select(c => $"{(char)c}"));
        Unique(MaskKind.Format, ValueKind.Text, Enumerable.Range(0, 3_000).Select(i => $"user{i}@example.com"));
        Unique(MaskKind.Format, ValueKind.Text, Enumerable.Range(0, 3_000).Select(i => $"41111111{i:00000000}"));
        Unique(MaskKind.Format, ValueKind.Text, Enumerable.Range(0, 3_000).Select(i => new string('x', 300) + i));
        Unique(MaskKind.Hash, ValueKind.Text, Enumerable.Range(0, 3_000).Select(i => $"{i:000-00-0000}"));
    }

    private static void Unique(MaskKind mask, ValueKind kind, IEnumerable<string> values) => values.Select(v => Mask(Of(mask), v, kind)).ShouldBeUnique($"{mask} {kind}");

    [Theory]
    [InlineData(ValueKind.Integer, "5", 1, 9)]
    [InlineData(ValueKind.Integer, "0", 1, 9)]
    [InlineData(ValueKind.Integer, "32767", 10_000, 32_767)]
    [InlineData(ValueKind.Integer, "-32768", -32_768, -10_000)]
    [InlineData(ValueKind.Integer, "-2147483648", -2_147_483_648, -1_000_000_000)]
    [InlineData(ValueKind.Integer, "9223372036854775807", 4_294_967_296, 9.3e18)]
    [InlineData(ValueKind.Decimal, "0.01", 0.01, 0.99)]
    [InlineData(ValueKind.Decimal, "-7.5", -9.9, -1.0)]
    public void Fakes_of_numbers_keep_sign_and_size(ValueKind kind, string value, double least, double most)
        => double.Parse(Mask(Of(MaskKind.Format), value, kind)!, System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(least, most);

    [Fact]
    public void Fakes_of_times_stay_in_the_past_and_are_the_same_in_every_zone()
    {
        Mask(Of(MaskKind.Format), "2024-02-29", ValueKind.Date)!.ShouldStartWith("2024-");
        string.CompareOrdinal(Mask(Of(MaskKind.Format), "1985-03-11", ValueKind.Date), "2020").ShouldBeLessThan(0);
        string utc = Mask(Of(MaskKind.Format), "1985-03-11 23:30:00.25+00", ValueKind.Timestamp)!;
        Mask(Of(MaskKind.Format), "1985-03-12 05:00:00.25+05:30", ValueKind.Timestamp).ShouldBe(utc);
        Mask(Of(MaskKind.Format), "1985-03-11 20:30:00.25-03", ValueKind.Timestamp).ShouldBe(utc);
        utc.ShouldEndWith("+00");
        Mask(Of(MaskKind.Format), "infinity", ValueKind.Timestamp)!.ShouldEndWith(" 00:00:00");
        Mask(Of(MaskKind.Format), "2001:db8::7/64", ValueKind.Network)!.ShouldEndWith("/64");
    }

    [Fact]
    public void Different_values_get_different_hashes()
        => Enumerable.Range(0, 2_000).Select(i => Mask(Of(MaskKind.Hash), $"user{i}@example.com")).ShouldBeUnique();

    [Fact]
    public void Keyed_integers_stay_in_the_type_of_the_value()
        => Gen.OneOf(Gen.Short.Select(s => (long)s), Gen.Int.Select(i => (long)i), Gen.Long).Sample(number =>
        {
            long masked = long.Parse(Mask(Of(MaskKind.Format), number.ToString(System.Globalization.CultureInfo.InvariantCulture), ValueKind.Integer)!, System.Globalization.CultureInfo.InvariantCulture);
            if (number is >= short.MinValue + 1 and <= short.MaxValue)
                masked.ShouldBeInRange(short.MinValue, short.MaxValue);
            if (number is >= int.MinValue + 1 and <= int.MaxValue)
                masked.ShouldBeInRange(int.MinValue, int.MaxValue);
        });

    [Fact]
    public void Format_keeps_the_shape_of_a_text()
    {
        string masked = Mask(Of(MaskKind.Format), "Ada.L1@Example.com (+49 30)")!;
        masked.Length.ShouldBe("Ada.L1@Example.com (+49 30)".Length);
        System.Text.RegularExpressions.Regex.IsMatch(masked, @"^[A-Z][a-z]{2}\.[A-Z]\d@[A-Z][a-z]{6}\.[a-z]{3} \(\+\d\d \d\d\)$").ShouldBeTrue(masked);
    }

    [Theory]
    [InlineData("4111111111111111")]
    [InlineData("4111 1111 1111 1111")]
    [InlineData("3782-822463-10005")]
    public void A_fake_card_passes_the_luhn_check(string card)
    {
        string masked = Mask(Of(MaskKind.Format), card)!;
        masked.ShouldNotBe(card);
        Luhn.IsCardLike(Encoding.UTF8.GetBytes(masked)).ShouldBeTrue(masked);
        masked.Select(char.IsAsciiDigit).ShouldBe(card.Select(char.IsAsciiDigit));
    }

    [Theory]
    [InlineData("1234.56", "1200", ValueKind.Decimal)]
    [InlineData("-1250", "-1200", ValueKind.Integer)]
    [InlineData("32767", "32700", ValueKind.Integer)]
    [InlineData("1.5e3", "1500", ValueKind.Float)]
    [InlineData("NaN", "0", ValueKind.Decimal)]
    [InlineData("99", "0", ValueKind.Integer)]
    [InlineData("x", "*****", ValueKind.Text)]
    public void Round_goes_to_a_multiple_towards_zero(string value, string masked, ValueKind kind) => Mask(new MaskSpec(MaskKind.Round, RoundTo: 100), value, kind).ShouldBe(masked);

    [Theory]
    [InlineData("year", "1985-03-11", "1985-01-01", ValueKind.Date)]
    [InlineData("month", "1985-03-11", "1985-03-01", ValueKind.Date)]
    [InlineData("day", "1985-03-11 12:13:14.15+02", "1985-03-11 00:00:00+02", ValueKind.Timestamp)]
    [InlineData("hour", "1985-03-11 12:13:14", "1985-03-11 12:00:00", ValueKind.Timestamp)]
    [InlineData("year", "1985-03-11 12:13:14+05:30", "1985-01-01 00:00:00+05:30", ValueKind.Timestamp)]
    [InlineData("year", "11.03.1985", "1970-01-01", ValueKind.Date)]
    [InlineData("year", "0044-03-15 BC", "1970-01-01", ValueKind.Date)]
    [InlineData("year", "infinity", "1970-01-01 00:00:00", ValueKind.Timestamp)]
    [InlineData("year", "1985-03-11", "*****", ValueKind.Text)]
    public void Truncate_drops_what_is_finer_than_the_unit(string unit, string value, string masked, ValueKind kind)
        => Mask(new MaskSpec(MaskKind.Truncate, TruncateTo: unit), value, kind).ShouldBe(masked);

    [Fact]
    public void Masked_json_is_json_with_the_same_structure()
    {
        string json = """{"s":"a\\\"\u0001ü\ud834\udd1e","n":-1.5e-7,"b":true,"z":null,"l":[{},[],"x y"],"lone":"\ud800"}""";
        foreach (var spec in new[] { Of(MaskKind.Redact), Partial(1, 1), Of(MaskKind.Hash), Of(MaskKind.Format), new MaskSpec(MaskKind.Round, RoundTo: 5) })
        {
            using var masked = JsonDocument.Parse(Mask(spec, json, ValueKind.Json)!);
            Shape(masked.RootElement).ShouldBe("{s:String,n:Number,b:Bool,z:Null,l:[{},[],String],lone:String}");
        }
    }

    [Theory]
    [InlineData(MaskKind.Redact)]
    [InlineData(MaskKind.Partial)]
    [InlineData(MaskKind.Nullify)]
    public void The_masks_of_the_hot_path_allocate_nothing(MaskKind kind)
    {
        var masker = Maskers.Of(kind == MaskKind.Partial ? Partial(0, 4) : Of(kind));
        var output = new ArrayBufferWriter<byte>(1024);
        void Run()
        {
            output.ResetWrittenCount();
            masker.Mask("837-71-4911"u8, ValueKind.Text, output);
            masker.Mask("773113"u8, ValueKind.Integer, output);
        }

        for (int i = 0; i < 100; i++)
            Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            Run();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Built_in_types_and_their_arrays_have_a_kind()
    {
        ValueKinds.Of(1043).ShouldBe(ValueKind.Text);
        ValueKinds.Of(3802).ShouldBe(ValueKind.Json);
        ValueKinds.Of(1231).ShouldBe(ValueKind.Decimal);
        ValueKinds.Of(99_999).ShouldBe(ValueKind.Other);
        ValueKinds.TryGetElementType(1009, out uint element).ShouldBeTrue();
        element.ShouldBe(25u);
        ValueKinds.TryGetElementType(25, out _).ShouldBeFalse();
    }

    private static string Shape(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", element.EnumerateObject().Select(p => $"{p.Name}:{Shape(p.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(",", element.EnumerateArray().Select(Shape)) + "]",
        JsonValueKind.True or JsonValueKind.False => "Bool",
        var kind => kind.ToString(),
    };
}
