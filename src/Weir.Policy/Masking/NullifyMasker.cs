using System.Buffers;

namespace Weir.Policy.Masking;

/// <summary><c>nullify</c>: every value is NULL.</summary>
internal sealed class NullifyMasker : Masker
{
    public override MaskResult Mask(ReadOnlySpan<byte> textValue, ValueKind kind, IBufferWriter<byte> output) => MaskResult.Null;

    public override bool IsFixed(ValueKind kind) => true;
}
