using System.Globalization;
using System.Text;
using Weir.Policy.Documents;
using Weir.Policy.Masking;

namespace Weir.Policy.Tests.Detection;

/// <summary>
/// The labelled set that detectors are measured on: made up from a fixed seed, so that no real data and nothing that looks like a live key lies in the
/// repository. Positives of each detector in every notation that it promises, and hard negatives: values that look like them to a careless eye.
/// </summary>
internal sealed class LabelledValues
{
    public const int Seed = 20_261_124;

    private const int PerCategory = 60;

    private readonly Random _random = new(Seed);

    public static List<LabelledValue> Make()
    {
        var maker = new LabelledValues();
        var values = new List<LabelledValue>();
        foreach (var (label, category, make) in maker.Categories())
        {
            for (int i = 0; i < PerCategory; i++)
                values.Add(new LabelledValue(label, category, maker.Within(make(), i)));
        }

        return values;
    }

    private IEnumerable<(Detector? Label, string Category, Func<string> Make)> Categories()
    {
        foreach (var (category, make) in Positives(Detector.CreditCard, Cards()))
            yield return (Detector.CreditCard, category, make);
        foreach (var (category, make) in Positives(Detector.Email, Emails()))
            yield return (Detector.Email, category, make);
        foreach (var (category, make) in Positives(Detector.UsSsn, [("dashes", () => Ssn("-")), ("blanks", () => Ssn(" "))]))
            yield return (Detector.UsSsn, category, make);
        foreach (var (category, make) in Positives(Detector.Iban, Ibans()))
            yield return (Detector.Iban, category, make);
        foreach (var (category, make) in Positives(Detector.Phone, Phones()))
            yield return (Detector.Phone, category, make);
        foreach (var (category, make) in Positives(Detector.IpAddress, Addresses()))
            yield return (Detector.IpAddress, category, make);
        foreach (var (category, make) in Positives(Detector.Jwt, [("signed", () => Jwt(Base64(43))), ("long", () => Jwt(Base64(342))), ("unsigned", () => Jwt(""))]))
            yield return (Detector.Jwt, category, make);
        foreach (var (category, make) in Positives(Detector.SecretKey, Keys()))
            yield return (Detector.SecretKey, category, make);
        foreach (var (category, make) in Negatives())
            yield return (null, category, make);
    }

    private static IEnumerable<(string, Func<string>)> Positives(Detector detector, IEnumerable<(string Name, Func<string> Make)> kinds) => kinds.Select(k => ($"{detector}: {k.Name}", k.Make));

    private IEnumerable<(string, Func<string>)> Cards() =>
    [
        ("visa", () => Card("4", 16, "")), ("mastercard", () => Card(Pick("51", "55", "2221", "2720"), 16, "")), ("amex", () => Card(Pick("34", "37"), 15, "")), ("discover", () => Card(Pick("6011", "65", "644"), 16, "")),
        ("jcb", () => Card("3530", 16, "")), ("diners", () => Card("36", 14, "")), ("unionpay", () => Card("6212", Pick("16", "19") == "16" ? 16 : 19, "")), ("blanks", () => Card("4", 16, " ")), ("hyphens", () => Card("52", 16, "-")),
        ("amex in groups", () => { string c = Card("37", 15, ""); return $"{c[..4]} {c[4..10]} {c[10..]}"; }),
    ];

    private IEnumerable<(string, Func<string>)> Emails() =>
    [
        ("plain", () => $"{Letters(3, 9)}@{Letters(3, 9)}.{Pick("com", "org", "net", "io", "de")}"), ("dotted", () => $"{Letters(2, 7)}.{Letters(2, 7)}@{Letters(3, 9)}.co.uk"),
        ("tagged", () => $"{Letters(3, 7)}+{Letters(2, 5)}{_random.Next(99)}@{Letters(3, 9)}-{Letters(2, 5)}.museum"), ("subdomain", () => $"{Letters(3, 9)}_{_random.Next(99)}@mail.{Letters(3, 9)}.example"),
        ("upper case", () => $"{Letters(3, 9)}@{Letters(3, 9)}.com".ToUpperInvariant()), ("named", () => $"\"{Letters(3, 6)} {Letters(3, 9)}\" <{Letters(3, 9)}@{Letters(3, 9)}.org>"), ("umlaut", () => $"jürgen.{Letters(3, 6)}@bücher.example"),
    ];

    private IEnumerable<(string, Func<string>)> Ibans() =>
    [
        ("german", () => Iban("DE", Digits(18), "")), ("german in groups", () => Iban("DE", Digits(18), " ")), ("british", () => Iban("GB", From("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 4) + Digits(14), "")),
        ("dutch", () => Iban("NL", From("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 4) + Digits(10), "")), ("french in groups", () => Iban("FR", Digits(10) + From("0123456789ABCDEFGHIJ", 11) + Digits(2), " ")), ("norwegian", () => Iban("NO", Digits(11), "")),
    ];

    private IEnumerable<(string, Func<string>)> Phones() =>
    [
        ("international", () => $"+{Pick("49", "44", "33", "1", "358")} {_random.Next(10, 999)} {Digits(3)} {Digits(4)}"), ("E.164", () => $"+{_random.Next(1, 9)}{Digits(10)}"), ("area code", () => $"({Area()}) {Area()}-{Digits(4)}"),
        ("dashes", () => $"{Area()}-{Area()}-{Digits(4)}"), ("dots", () => $"{Area()}.{Area()}.{Digits(4)}"), ("country code", () => $"+1-{Area()}-{Area()}-{Digits(4)}"), ("trunk zero", () => $"+44 (0)20 {Digits(4)} {Digits(4)}"),
    ];

    private IEnumerable<(string, Func<string>)> Addresses() =>
    [
        ("v4", () => $"{_random.Next(1, 255)}.{_random.Next(256)}.{_random.Next(256)}.{_random.Next(256)}"), ("v4 with port", () => $"10.{_random.Next(256)}.{_random.Next(256)}.{_random.Next(256)}:{_random.Next(1024, 65_000)}"),
        ("v6", () => $"2001:db8::{_random.Next(1, 0xFFFF):x}:{_random.Next(1, 0xFFFF):x}"), ("v6 link", () => $"fe80::{_random.Next(1, 0xFFFF):x}:{_random.Next(1, 0xFFFF):x}:2:3"), ("v6 whole", () => string.Join(':', Enumerable.Range(0, 8).Select(_ => $"{_random.Next(0x1000, 0xFFFF):x4}"))),
    ];

    private IEnumerable<(string, Func<string>)> Keys() =>
    [
        ("aws", () => $"{Pick("AKIA", "ASIA")}{From("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)}"), ("github", () => $"{Pick("ghp_", "gho_", "ghs_")}{Alphanumeric(36)}"), ("github fine", () => $"github_pat_{Alphanumeric(22)}_{Alphanumeric(59)}"),
        ("stripe", () => $"{Pick("sk_live_", "rk_live_")}{Alphanumeric(24)}"), ("slack", () => $"xoxb-{Digits(12)}-{Alphanumeric(24)}"), ("google", () => $"AIza{Base64(35)}"), ("npm", () => $"npm_{Alphanumeric(36)}"), ("gitlab", () => $"glpat-{Base64(20)}"),
        ("vault", () => $"hvs.{Base64(90)}"), ("pem", () => $"-----BEGIN {Pick("RSA ", "EC ", "", "OPENSSH ")}PRIVATE KEY-----\n{Base64(64)}\n{Base64(40)}\n-----END PRIVATE KEY-----"), ("azure", () => $"AccountKey={Base64(86)}=="),
        ("sendgrid", () => $"SG.{Base64(22)}.{Base64(43)}"), ("openai", () => $"sk-proj-{Base64(48)}"),
    ];

    private IEnumerable<(string, Func<string>)> Negatives() =>
    [
        ("no: card whose check fails", () => Broken(Card(Pick("4", "51", "6011"), 16, Pick("", " ", "-")))), ("no: check right, no issuer", () => Card(Pick("1", "7", "8", "9", "0"), 16, "")), ("no: IMEI", () => Card(Pick("35", "86", "01"), 15, "")),
        ("no: ICCID", () => Card("8949", 19, "")), ("no: long number", () => "1" + Digits(15)), ("no: order number", () => $"ORD-{Digits(4)}-{Digits(6)}"), ("no: invoice", () => $"INV{_random.Next(2015, 2030)}/{Digits(7)}"),
        ("no: bare number", () => _random.NextInt64(1_000_000_000).ToString(CultureInfo.InvariantCulture)), ("no: milliseconds", () => "17" + Digits(11)), ("no: amount", () => $"{_random.Next(1, 999)},{Digits(3)},{Digits(3)}.{Digits(2)} EUR"),
        ("no: date and time", () => $"{_random.Next(1990, 2030)}-{_random.Next(1, 13):00}-{_random.Next(1, 29):00} {_random.Next(24):00}:{_random.Next(60):00}:{_random.Next(60):00}+00"),
        ("no: ISO time", () => $"{_random.Next(1990, 2030)}-{_random.Next(1, 13):00}-{_random.Next(1, 29):00}T{_random.Next(24):00}:{_random.Next(60):00}:{_random.Next(60):00}.{Digits(6)}+02:00"), ("no: German date", () => $"{_random.Next(1, 29):00}.{_random.Next(1, 13):00}.{_random.Next(1950, 2030)}"),
        ("no: UUID", () => new Guid([.. Enumerable.Range(0, 16).Select(_ => (byte)_random.Next(256))]).ToString()), ("no: sha-1", () => Hex(40)), ("no: sha-256", () => Hex(64)), ("no: MAC address", () => string.Join(':', Enumerable.Range(0, 6).Select(_ => Hex(2)))),
        ("no: EUI-64", () => string.Join(':', Enumerable.Range(0, 8).Select(_ => Hex(2)))), ("no: version", () => $"v{_random.Next(20)}.{_random.Next(20)}.{_random.Next(300)}"), ("no: version of four", () => $"{Pick("version ", "v", "Version=", "ver. ")}{_random.Next(20)}.{_random.Next(20)}.{_random.Next(200)}.{_random.Next(9)}"),
        ("no: browser", () => $"Chrome/{_random.Next(90, 130)}.0.{_random.Next(4000, 7000)}.{_random.Next(200)}"), ("no: OID", () => $"1.3.6.1.4.1.{_random.Next(99999)}.{_random.Next(99)}"), ("no: scope", () => $"{Pick("std", "face", "dead", "Abe")}::{Pick("abs", "bad", "beef", "cafe_t", "add")}"),
        ("no: IBAN whose check fails", () => Broken(Iban(Pick("DE", "NO"), "", ""))), ("no: country of no IBAN", () => $"US{Digits(20)}"), ("no: ISBN", () => $"978-3-{Digits(2)}-{Digits(6)}-{Digits(1)}"), ("no: zip+4", () => $"{Digits(5)}-{Digits(4)}"),
        ("no: SSN never issued", () => $"{Pick("000", "666", "987", "900")}-{_random.Next(10, 99)}-{_random.Next(1000, 9999)}"), ("no: SSN without group", () => $"123-00-{Digits(4)}"), ("no: part number", () => $"{_random.Next(100, 200)}-{Digits(3)}-{Digits(4)}"), ("no: longer number", () => $"123-45-6789-{Digits(2)}"),
        ("no: offset", () => $"+{Digits(2)}:{Digits(2)}"), ("no: plus zero", () => $"+0{Digits(10)}"), ("no: handle", () => $"@{Letters(4, 8)} and {Letters(4, 8)}@{Letters(4, 8)}"), ("no: package", () => $"{Letters(3, 8)}@{_random.Next(20)}.{_random.Next(20)}.{_random.Next(20)}"),
        ("no: retina image", () => $"{Letters(3, 8)}@{_random.Next(2, 4)}x.{Pick("png", "jpg", "webp")}"), ("no: price", () => $"{_random.Next(2, 90)} pieces @ {_random.Next(99)}.{Digits(2)}"), ("no: dotted names", () => $"eyJustAName.{Letters(3, 8)}.{Letters(3, 8)}"),
        ("no: base64 of JSON", () => Base64Url($"{{\"name\":\"{Letters(3, 9)}\"}}")), ("no: token without algorithm", () => $"{Base64Url($"{{\"page\":{_random.Next(99)}}}")}.{Base64(20)}.{Base64(20)}"), ("no: AWS without key", () => $"ASIA{Pick("PACIFIC", "MINOR")}_{From("ABCDEFGHIJ", 14)}"),
        ("no: placeholder", () => $"sk_live_{Pick("...", "xxx", "<key>")}"), ("no: public key", () => $"-----BEGIN {Pick("PUBLIC KEY", "CERTIFICATE")}-----\n{Base64(64)}\n-----END"), ("no: test key", () => $"sk_test_{Alphanumeric(24)}"), ("no: snake_case", () => $"npm_{Letters(3, 8)}_{Letters(3, 8)}"),
        ("no: URL", () => $"https://{Letters(3, 8)}.example/{Letters(3, 8)}?id={Digits(8)}&page={_random.Next(99)}"), ("no: cast", () => $"public.{Letters(3, 8)}::{Letters(3, 8)}"), ("no: words", () => $"{Letters(3, 9)} {Letters(3, 9)} {Letters(3, 9)} {_random.Next(1000)}"),
        ("no: coordinates", () => $"{_random.Next(90)}.{Digits(6)}, -{_random.Next(180)}.{Digits(6)}"), ("no: ratio", () => $"{_random.Next(99)}:{_random.Next(99)}:{_random.Next(99)}"), ("no: tracking number", () => $"1Z{From("0123456789ABCDEFGHIJ", 16)}"),
    ];

    private string Within(string piece, int i) => (i % 5) switch
    {
        0 or 1 => piece,
        2 => $"The caller said {piece}, and that was it.",
        3 => $"x={piece};y=2",
        _ => $"{Letters(2, 6)}\t\"{piece}\"\t{Letters(2, 6)}",
    };

    private string Card(string prefix, int length, string separator)
    {
        var text = Encoding.ASCII.GetBytes(prefix + Digits(length - prefix.Length));
        Luhn.Fix(text);
        string number = Encoding.ASCII.GetString(text);
        return separator.Length == 0 ? number : string.Join(separator, number.Chunk(4).Select(c => new string(c)));
    }

    private string Ssn(string separator) => $"{Pick("123", "456", "837", "899", "001")}{separator}{_random.Next(1, 100):00}{separator}{_random.Next(1, 10_000):0000}";

    private string Area() => $"{_random.Next(2, 10)}{Digits(2)}";

    private string Iban(string country, string bban, string separator)
    {
        if (bban.Length == 0)
            bban = Digits(country == "NO" ? 11 : 18);
        string digits = string.Concat((bban + country + "00").Select(c => char.IsAsciiDigit(c) ? c.ToString() : (c - 'A' + 10).ToString(CultureInfo.InvariantCulture)));
        int check = 98 - (int)(System.Numerics.BigInteger.Parse(digits, CultureInfo.InvariantCulture) % 97);
        string iban = $"{country}{check:00}{bban}";
        return separator.Length == 0 ? iban : string.Join(separator, iban.Chunk(4).Select(c => new string(c)));
    }

    /// <summary>The last digit made wrong.</summary>
    private static string Broken(string value) => value[..^1] + (char)('0' + ((value[^1] - '0' + 1) % 10));

    private string Jwt(string signature) => $"{Base64Url(Pick("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"7\"}", "{\"alg\":\"none\"}"))}.{Base64Url($"{{\"sub\":\"{Digits(8)}\"}}")}.{signature}";

    private static string Base64Url(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];

    private string Digits(int count) => From("0123456789", count);

    private string Hex(int count) => From("0123456789abcdef", count);

    private string Letters(int min, int max) => From("abcdefghijklmnopqrstuvwxyz", _random.Next(min, max + 1));

    private string Alphanumeric(int count) => From("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", count);

    private string Base64(int count) => From("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", count);

    private string From(string alphabet, int count) => string.Create(count, alphabet, (to, from) =>
    {
        for (int i = 0; i < to.Length; i++)
            to[i] = from[_random.Next(from.Length)];
    });
}
