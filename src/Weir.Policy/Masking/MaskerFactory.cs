using System.Collections.Concurrent;
using System.Security.Cryptography;
using Weir.Policy.Documents;

namespace Weir.Policy.Masking;

/// <summary>Makes the maskers of one organization; one per specification.</summary>
public sealed class MaskerFactory
{
    private readonly ConcurrentDictionary<MaskSpec, Masker> _maskers = new();
    private readonly byte[] _hashKey;
    private readonly byte[] _formatKey;

    /// <param name="key">The organization's masking key. Each deterministic mask has a key of its own derived from it.</param>
    public MaskerFactory(ReadOnlyMemory<byte> key)
    {
        _hashKey = HMACSHA256.HashData(key.Span, "weir mask: hash"u8);
        _formatKey = HMACSHA256.HashData(key.Span, "weir mask: format"u8);
    }

    public Masker Of(MaskSpec spec) => _maskers.GetOrAdd(spec, static (s, self) => self.Make(s), this);

    private Masker Make(MaskSpec spec) => spec.Kind switch
    {
        MaskKind.Redact => new RedactMasker(spec.IsOpaque),
        MaskKind.Partial => new PartialMasker(spec.KeepFirst, spec.KeepLast),
        MaskKind.Hash => new HashMasker(_hashKey),
        MaskKind.Nullify => new NullifyMasker(),
        MaskKind.Format => new FormatMasker(_formatKey),
        MaskKind.Round => new RoundMasker(spec.RoundTo),
        MaskKind.Truncate => new TruncateMasker(spec.TruncateTo ?? "year"),
        _ => throw new NotSupportedException($"Mask {spec.Kind}"),
    };
}
