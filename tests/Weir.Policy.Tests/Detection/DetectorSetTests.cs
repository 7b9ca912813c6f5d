using System.Buffers;
using System.Text;
using CsCheck;
using Weir.Policy.Detection;
using Weir.Policy.Documents;
using Weir.Policy.Masking;

namespace Weir.Policy.Tests.Detection;

public sealed class DetectorSetTests
{
    private static readonly DetectorSet All = DetectorSet.Of(Enum.GetValues<Detector>());

    private static string Mask(DetectorSet set, string value, ValueKind kind = ValueKind.Text)
    {
        var output = new ArrayBufferWriter<byte>();
        bool found = set.TryMask(Encoding.UTF8.GetBytes(value), kind, output);
        if (!found)
            output.WrittenCount.ShouldBe(0);
        return found ? Encoding.UTF8.GetString(output.WrittenSpan) : value;
    }

    private static string Mask(Detector detector, string value) => Mask(DetectorSet.Of([detector]), value);

    [Theory]
    [InlineData(Detector.Email, "ada@example.com", "*****")]
    [InlineData(Detector.Email, "Mail to <ada.lovelace+x@mail.example.co.uk>, please.", "Mail to <*****>, please.")]
    [InlineData(Detector.Email, "mail:canary.a1@zqmail-secret.test; likes", "mail:*****; likes")]
    [InlineData(Detector.Email, "a@b.io,c@d.org", "*****,*****")]
    [InlineData(Detector.Email, "jürgen@müller.de", "*****")]
    [InlineData(Detector.Email, "see git@host or @handle", "see git@host or @handle")]
    [InlineData(Detector.Email, "user@10.0.0.1", "user@10.0.0.1")]
    [InlineData(Detector.CreditCard, "4111111111111111", "*****")]
    [InlineData(Detector.CreditCard, "card 4111 1111-1111 1111.", "card *****.")]
    [InlineData(Detector.CreditCard, "order 12 4111 1111 1111 1111", "order 12 *****")]
    [InlineData(Detector.CreditCard, "378282246310005", "*****")]
    [InlineData(Detector.CreditCard, "4111111111111112", "4111111111111112")]
    [InlineData(Detector.CreditCard, "1234567890123452", "1234567890123452")]
    [InlineData(Detector.CreditCard, "id_4111111111111111", "id_4111111111111111")]
    [InlineData(Detector.CreditCard, "41111111111111110000000000", "41111111111111110000000000")]
    [InlineData(Detector.UsSsn, "SSN 837-71-4911.", "SSN *****.")]
    [InlineData(Detector.UsSsn, "837 71 4911", "*****")]
    [InlineData(Detector.UsSsn, "000-12-3456 666-12-3456 900-12-3456 123-00-1234 123-45-0000", "000-12-3456 666-12-3456 900-12-3456 123-00-1234 123-45-0000")]
    [InlineData(Detector.UsSsn, "1-837-71-4911-2", "1-837-71-4911-2")]
    [InlineData(Detector.UsSsn, "837714911", "837714911")]
    [InlineData(Detector.Iban, "DE89370400440532013000", "*****")]
    [InlineData(Detector.Iban, "pay DE89 3704 0044 0532 0130 00 AND more", "pay ***** AND more")]
    [InlineData(Detector.Iban, "GB82 WEST 1234 5698 7654 32", "*****")]
    [InlineData(Detector.Iban, "DE88370400440532013000", "DE88370400440532013000")]
    [InlineData(Detector.Iban, "XX89370400440532013000", "XX89370400440532013000")]
    [InlineData(Detector.Phone, "+1-555-0129-8801", "*****")]
    [InlineData(Detector.Phone, "call +49 (30) 901820 now", "call ***** now")]
    [InlineData(Detector.Phone, "(212) 555-0187 or 212-555-0187 or 212.555.0187", "***** or ***** or *****")]
    [InlineData(Detector.Phone, "2025-01-01 10.20.30 1+12345678", "2025-01-01 10.20.30 1+12345678")]
    [InlineData(Detector.Phone, "2125550187", "2125550187")]
    [InlineData(Detector.IpAddress, "from 10.1.2.3.", "from *****.")]
    [InlineData(Detector.IpAddress, "10.1.2.3:5432", "*****:5432")]
    [InlineData(Detector.IpAddress, "2001:db8::8a2e:370:7334", "*****")]
    [InlineData(Detector.IpAddress, "10:30:00 v1.2.3 1.2.3.4.5 256.1.1.1 01.2.3.4 std::vector", "10:30:00 v1.2.3 1.2.3.4.5 256.1.1.1 01.2.3.4 std::vector")]
    [InlineData(Detector.Jwt, "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "Bearer *****")]
    [InlineData(Detector.Jwt, "eyJ is no token, eyJhbGciOiJIUzI1NiJ9.x either", "eyJ is no token, eyJhbGciOiJIUzI1NiJ9.x either")]
    [InlineData(Detector.SecretKey, "key=AKIAIOSFODNN7EXAMPLE;", "key=*****;")]
    [InlineData(Detector.SecretKey, "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest", "*****\nrest")]
    [InlineData(Detector.SecretKey, "-----BEGIN PRIVATE KEY-----\nMIIE", "*****")]
    [InlineData(Detector.SecretKey, "-----BEGIN CERTIFICATE-----\nMIIE", "-----BEGIN CERTIFICATE-----\nMIIE")]
    [InlineData(Detector.SecretKey, "AKIA is short", "AKIA is short")]
    public void Each_detector_finds_its_class_and_leaves_look_alikes(Detector detector, string value, string masked) => Mask(detector, value).ShouldBe(masked);

    [Fact]
    public void Overlapping_finds_are_masked_once()
        => Mask(DetectorSet.Of([Detector.Phone, Detector.UsSsn, Detector.CreditCard]), "+1 123-45-6789").ShouldBe("*****");

    [Fact]
    public void Json_is_searched_in_its_strings_and_stays_json()
    {
        const string json = """{"mail": "x \"ada@example.com\"", "n": 4111111111111111, "ada@example.com": 1, "l": ["837-71-4911"]}""";
        Mask(All, json, ValueKind.Json).ShouldBe("""{"mail": "x \"*****\"", "n": 4111111111111111, "ada@example.com": 1, "l": ["*****"]}""");
        Mask(All, """{"n": 4111111111111111, "t": "fine"}""", ValueKind.Json).ShouldBe("""{"n": 4111111111111111, "t": "fine"}""");
    }

    [Theory]
    [InlineData("4111111111111111", ValueKind.Integer)]
    [InlineData("4111111111111111", ValueKind.Decimal)]
    [InlineData("10.1.2.3", ValueKind.Network)]
    public void A_lone_number_or_address_type_is_not_content(string value, ValueKind kind) => Mask(All, value, kind).ShouldBe(value);

    // Values that a gateway must hand on unchanged, as a client gets them from a server.
    [Theory]
    [InlineData("1", ValueKind.Integer)]
    [InlineData("2025-01-01 00:00:00+00", ValueKind.Timestamp)]
    [InlineData("order 17", ValueKind.Text)]
    [InlineData("9021.50", ValueKind.Decimal)]
    [InlineData("9dd4e461268c8034f5c8564e155c67a6", ValueKind.Text)]
    [InlineData("018f4d5e-7a1b-7c3d-8e9f-0123456789ab", ValueKind.Text)]
    [InlineData("PostgreSQL 15.14 (Debian 15.14-0+deb12u1) on x86_64-pc-linux-gnu", ValueKind.Text)]
    [InlineData("2025-01-01T10:20:30.123456Z", ValueKind.Text)]
    [InlineData("SELECT relname FROM pg_class WHERE oid = 16384::regclass", ValueKind.Text)]
    public void Harmless_values_stay_as_they_are(string value, ValueKind kind) => Mask(All, value, kind).ShouldBe(value);

    [Fact]
    public void Arbitrary_bytes_never_break_a_detector()
        => Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            var output = new ArrayBufferWriter<byte>();
            All.TryMask(bytes, output).ShouldBe(output.WrittenCount > 0);
        }, iter: 20_000);

    [Fact]
    public void Text_of_the_detectors_own_characters_never_breaks_them()
        => Gen.Char["0123456789 -+().@:aeyJZ"].Array[0, 80].Sample(characters =>
        {
            var output = new ArrayBufferWriter<byte>();
            All.TryMask(Encoding.ASCII.GetBytes(characters), output).ShouldBe(output.WrittenCount > 0);
        }, iter: 20_000);

    [Fact]
    public void A_value_without_finds_allocates_nothing()
    {
        var output = new ArrayBufferWriter<byte>(1024);
        var value = "Order 17 was shipped on 2025-01-01 to the usual place, nothing else to say."u8.ToArray();
        for (int i = 0; i < 100; i++)
            All.TryMask(value, output);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            All.TryMask(value, output);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Long_values_take_time_in_proportion()
    {
        foreach (string unit in new[] { "4111 ", "1-", "@a.", "+1 ", "DE89 ", "eyJ", "1:", "AKIA" })
        {
            var value = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(unit, 200_000)));
            var watch = System.Diagnostics.Stopwatch.StartNew();
            All.TryMask(value, new ArrayBufferWriter<byte>());
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60), unit);
        }
    }
}
