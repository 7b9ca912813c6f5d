using System.Buffers;
using System.Collections.Immutable;
using Weir.Policy.Documents;

namespace Weir.Policy.Detection;

/// <summary>Finds sensitive content in text values of columns that nobody classified. Immutable and thread-safe.</summary>
public sealed class DetectorSet
{
    private DetectorSet(ImmutableArray<Detector> detectors) => Detectors = detectors;

    public static DetectorSet Empty { get; } = new([]);

    public static DetectorSet Of(IEnumerable<Detector> detectors)
    {
        var distinct = detectors.Distinct().Order().ToImmutableArray();
        return distinct.IsEmpty ? Empty : new DetectorSet(distinct);
    }

    public ImmutableArray<Detector> Detectors { get; }

    public bool IsEmpty => Detectors.IsEmpty;

    /// <summary>Replaces every piece that a detector finds by a mask of fixed length.</summary>
    /// <param name="value">Text form, UTF-8.</param>
    /// <param name="output">Receives the whole masked value when something was found; else nothing.</param>
    /// <returns>True when something was found.</returns>
    public bool TryMask(ReadOnlySpan<byte> value, IBufferWriter<byte> output) => throw new NotImplementedException();
}
