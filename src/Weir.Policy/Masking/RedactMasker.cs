using System.Buffers;

namespace Weir.Policy.Masking;

/// <summary><c>redact</c>: a fixed value per kind (<see cref="FixedValues"/>).</summary>
/// <param name="isOpaque">JSON shows not even its keys.</param>
internal sealed class RedactMasker(bool isOpaque) : Masker
{
    public override MaskResult Mask(ReadOnlySpan<byte> textValue, ValueKind kind, IBufferWriter<byte> output)
        => kind == ValueKind.Json && !isOpaque ? JsonLeaves.Mask(textValue, this, output) : FixedValues.Write(textValue, kind, output);

    // Whether a time has a zone, and whether JSON is an object, is read from the value.
    public override bool IsFixed(ValueKind kind) => kind is not (ValueKind.Timestamp or ValueKind.Time or ValueKind.Json);

    public override bool IsRecognizable => true;

    public override bool Recognizes(ReadOnlySpan<byte> textValue) => textValue.TrimEnd((byte)' ').SequenceEqual(FixedValues.Text);
}
