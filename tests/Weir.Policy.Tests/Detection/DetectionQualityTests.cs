using System.Buffers;
using System.Globalization;
using System.Text;
using Weir.Policy.Detection;
using Weir.Policy.Documents;
using Weir.Policy.Masking;

namespace Weir.Policy.Tests.Detection;

/// <summary>
/// Precision and recall on a labelled set. Every value is made up here from a fixed seed: no real data. The bars are what the detectors reach
/// on it; a change that lowers one is a change of behaviour and needs a reason.
/// </summary>
public sealed class DetectionQualityTests(ITestOutputHelper output)
{
    private const int Each = 400;

    private readonly Random _random = new(20260304);

    [Fact]
    public void Precision_and_recall_hold_their_bars()
    {
        foreach (var detector in Enum.GetValues<Detector>())
        {
            var set = DetectorSet.Of([detector]);
            int found = Enumerable.Range(0, Each).Count(_ => Finds(set, Within(Sensitive(detector))));
            int wrong = Enumerable.Range(0, Each).Count(_ => Finds(set, Within(Harmless())));
            double recall = (double)found / Each;
            double precision = found + wrong == 0 ? 0 : (double)found / (found + wrong);
            output.WriteLine($"{detector}: recall {recall:P1}, precision {precision:P1} ({wrong} of {Each} harmless values)");
            recall.ShouldBeGreaterThanOrEqualTo(0.99, detector.ToString());
            precision.ShouldBeGreaterThanOrEqualTo(0.98, detector.ToString());
        }
    }

    private static bool Finds(DetectorSet set, string value) => set.TryMask(Encoding.UTF8.GetBytes(value), new ArrayBufferWriter<byte>());

    private string Within(string piece) => _random.Next(3) switch
    {
        0 => piece,
        1 => $"The caller said {piece}, and that was it.",
        _ => $"x={piece};y=2",
    };

    private string Sensitive(Detector detector) => detector switch
    {
        Detector.Email => $"{Letters(3, 9)}{Pick(".", "_", "+", "-")}{Letters(1, 6)}{_random.Next(99)}@{Letters(3, 9)}.{Pick("com", "org", "co.uk", "test", "museum")}",
        Detector.CreditCard => Card(),
        Detector.UsSsn => $"{Pick("123", "456", "837", "899", "001")}{Pick("-", " ") switch { var s => $"{s}{_random.Next(1, 100):00}{s}{_random.Next(1, 10_000):0000}" }}",
        Detector.Iban => Iban(),
        Detector.Phone => Pick(
            $"+{_random.Next(1, 99)} {Digits(3)} {Digits(3)} {Digits(4)}", $"+{Digits(11)}", $"({Digits(3)}) {Digits(3)}-{Digits(4)}", $"{Digits(3)}-{Digits(3)}-{Digits(4)}", $"+1-555-{Digits(4)}-{Digits(4)}"),
        Detector.IpAddress => Pick(
            $"{_random.Next(1, 255)}.{_random.Next(256)}.{_random.Next(256)}.{_random.Next(256)}", $"2001:db8::{_random.Next(1, 0xFFFF):x}:{_random.Next(1, 0xFFFF):x}", $"fe80::{_random.Next(1, 0xFFFF):x}:1:2:3"),
        Detector.Jwt => $"eyJ{Base64(30)}.eyJ{Base64(40)}.{Base64(43)}",
        Detector.SecretKey => Pick($"AKIA{Upper(16)}", $"ghp_{Base64(36).Replace('-', 'a').Replace('_', 'b')}", $"sk_live_{Letters(24, 24)}", $"-----BEGIN EC PRIVATE KEY-----\n{Base64(60)}\n-----END EC PRIVATE KEY-----", $"xoxb-{Digits(12)}-{Letters(24, 24)}"),
        _ => throw new NotSupportedException(),
    };

    private string Harmless() => _random.Next(14) switch
    {
        0 => _random.NextInt64(1_000_000_000).ToString(CultureInfo.InvariantCulture),
        1 => $"1{Digits(15)}", // numbers as long as a card's
        2 => new Guid([.. Enumerable.Range(0, 16).Select(_ => (byte)_random.Next(256))]).ToString(),
        3 => $"{_random.Next(1990, 2030)}-{_random.Next(1, 13):00}-{_random.Next(1, 29):00} {_random.Next(24):00}:{_random.Next(60):00}:{_random.Next(60):00}+00",
        4 => $"ORD-{Digits(4)}-{Digits(6)}",
        5 => $"v{_random.Next(20)}.{_random.Next(20)}.{_random.Next(300)}",
        6 => $"{Letters(4, 8)}@{Letters(4, 8)}", // handles and local names
        7 => $"{Letters(3, 9)} {Letters(3, 9)} {Letters(3, 9)} {_random.Next(1000)}",
        8 => $"17{Digits(11)}", // milliseconds
        9 => $"{Digits(3)}.{_random.Next(100)} EUR",
        10 => $"{Digits(5)}-{Digits(4)}", // zip+4
        11 => $"public.{Letters(3, 8)}::{Letters(3, 8)}",
        12 => $"{Convert.ToHexStringLower([.. Enumerable.Range(0, 20).Select(_ => (byte)_random.Next(256))])}",
        _ => $"https://{Letters(3, 8)}.example/{Letters(3, 8)}?id={Digits(8)}&page={_random.Next(99)}",
    };

    private string Card()
    {
        string prefix = Pick("4", "51", "2221", "34", "6011", "3528");
        int length = prefix == "34" ? 15 : 16;
        var text = Encoding.ASCII.GetBytes(prefix + Digits(length - prefix.Length));
        Luhn.Fix(text);
        string number = Encoding.ASCII.GetString(text);
        return length == 15 || _random.Next(2) == 0 ? number : string.Join(Pick(" ", "-"), number.Chunk(4).Select(c => new string(c)));
    }

    private string Iban()
    {
        string bban = Digits(18);
        int check = 98 - (int)(System.Numerics.BigInteger.Parse(bban + "131400", CultureInfo.InvariantCulture) % 97);
        string iban = $"DE{check:00}{bban}";
        return _random.Next(2) == 0 ? iban : string.Join(' ', iban.Chunk(4).Select(c => new string(c)));
    }

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];

    private string Digits(int count) => From("0123456789", count);

    private string Upper(int count) => From("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", count);

    private string Letters(int min, int max) => From("abcdefghijklmnopqrstuvwxyz", _random.Next(min, max + 1));

    private string Base64(int count) => From("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", count);

    private string From(string alphabet, int count) => string.Create(count, alphabet, (to, from) =>
    {
        for (int i = 0; i < to.Length; i++)
            to[i] = from[_random.Next(from.Length)];
    });
}
