using System.Buffers;
using System.Collections.Immutable;
using Weir.Policy.Documents;
using Weir.Policy.Masking;

namespace Weir.Policy.Detection;

/// <summary>Finds sensitive content in text values of columns that nobody classified. Immutable and thread-safe.</summary>
public sealed class DetectorSet
{
    // Nothing that any detector finds is shorter (an IPv6 address may be six characters).
    private const int Shortest = 6;

    // Each thread has its own list; none is held across calls.
    [ThreadStatic]
    private static List<Piece>? _pieces;

    private readonly PieceDetector[] _detectors;
    private readonly SearchValues<byte>? _triggers;
    private readonly LeafMasker _leaves;

    private DetectorSet(ImmutableArray<Detector> detectors)
    {
        Detectors = detectors;
        _detectors = [.. detectors.Select(Make)];
        _triggers = Triggers(detectors);
        _leaves = new LeafMasker(this);
    }

    public static DetectorSet Empty { get; } = new([]);

    public static DetectorSet Of(IEnumerable<Detector> detectors)
    {
        var distinct = detectors.Distinct().Order().ToImmutableArray();
        return distinct.IsEmpty ? Empty : new DetectorSet(distinct);
    }

    public ImmutableArray<Detector> Detectors { get; }

    public bool IsEmpty => Detectors.IsEmpty;

    /// <summary>Replaces every piece of a text that a detector finds by a mask of fixed length.</summary>
    /// <param name="value">Text form, UTF-8.</param>
    /// <param name="output">Receives the whole masked value when something was found; else nothing.</param>
    /// <returns>True when something was found.</returns>
    public bool TryMask(ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        // Vectorised: most values hold none of the bytes that every find of these detectors has.
        if (value.Length < Shortest || _detectors.Length == 0 || (_triggers is not null && value.IndexOfAny(_triggers) < 0))
            return false;
        var pieces = _pieces ?? [];
        _pieces = null;
        pieces.Clear();
        foreach (var detector in _detectors)
            detector.Find(value, pieces);
        if (pieces.Count > 0)
            Write(value, pieces, output);
        bool found = pieces.Count > 0;
        if (pieces.Capacity <= 1_024)
            _pieces = pieces;
        return found;
    }

    /// <summary>The same by kind: texts as they are, JSON by its strings (numbers and keys are left); other kinds hold nothing that is looked for.</summary>
    public bool TryMask(ReadOnlySpan<byte> value, ValueKind kind, IBufferWriter<byte> output)
    {
        if (kind == ValueKind.Text)
            return TryMask(value, output);
        if (kind != ValueKind.Json || value.Length < Shortest || _detectors.Length == 0 || (_triggers is not null && value.IndexOfAny(_triggers) < 0))
            return false;
        if (!JsonLeaves.IsWellFormed(value))
            return TryMask(value, output);
        if (!JsonLeaves.Any(value, _leaves))
            return false;
        JsonLeaves.Mask(value, _leaves, output);
        return true;
    }

    private static void Write(ReadOnlySpan<byte> value, List<Piece> pieces, IBufferWriter<byte> output)
    {
        pieces.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        int copied = 0;
        foreach (var piece in pieces)
        {
            if (piece.Start >= copied)
            {
                output.Write(value[copied..piece.Start]);
                output.Write(FixedValues.Text);
            }

            copied = Math.Max(copied, piece.End);
        }

        output.Write(value[copied..]);
    }

    private static PieceDetector Make(Detector detector) => detector switch
    {
        Detector.Email => new EmailDetector(),
        Detector.CreditCard => new CardDetector(),
        Detector.UsSsn => new SsnDetector(),
        Detector.Iban => new IbanDetector(),
        Detector.Phone => new PhoneDetector(),
        Detector.IpAddress => new IpAddressDetector(),
        Detector.Jwt => new JwtDetector(),
        Detector.SecretKey => new SecretKeyDetector(),
        _ => throw new NotSupportedException($"Detector {detector}"),
    };

    // Bytes of which every find has at least one; null when a detector has no such bytes and must always look.
    private static SearchValues<byte>? Triggers(ImmutableArray<Detector> detectors)
    {
        var bytes = new List<byte>();
        foreach (var detector in detectors)
        {
            switch (detector)
            {
                case Detector.Email:
                    bytes.Add((byte)'@');
                    break;
                case Detector.IpAddress:
                    bytes.AddRange("0123456789:"u8);
                    break;
                case Detector.Jwt:
                    bytes.Add((byte)'.');
                    break;
                case Detector.SecretKey:
                    return null;
                default:
                    bytes.AddRange("0123456789"u8);
                    break;
            }
        }

        return SearchValues.Create([.. bytes]);
    }

    /// <summary>Masks the strings of a JSON text by content and writes everything else as it is.</summary>
    private sealed class LeafMasker(DetectorSet set) : Masker
    {
        public override MaskResult Mask(ReadOnlySpan<byte> textValue, ValueKind kind, IBufferWriter<byte> output)
        {
            if (kind != ValueKind.Text || !set.TryMask(textValue, output))
                output.Write(textValue);
            return MaskResult.Written;
        }

        public override bool Recognizes(ReadOnlySpan<byte> textValue)
        {
            var discard = new ArrayBufferWriter<byte>();
            return set.TryMask(textValue, discard);
        }
    }
}
