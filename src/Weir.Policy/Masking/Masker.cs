using System.Buffers;

namespace Weir.Policy.Masking;

/// <summary>
/// Turns a value's text form (as PostgreSQL's output functions write it, UTF-8) into its masked text form, which is valid input for the
/// same type. Immutable and thread-safe. NULL is never passed in: it stays NULL. Arrays are masked element by element by the caller.
/// </summary>
public abstract class Masker
{
    private protected Masker()
    {
    }

    /// <param name="textValue">The value in text form.</param>
    /// <param name="kind">Family of the value's type (<see cref="ValueKinds"/>).</param>
    /// <param name="output">Receives the masked text form; nothing is written when the result is <see cref="MaskResult.Null"/>.</param>
    public abstract MaskResult Mask(ReadOnlySpan<byte> textValue, ValueKind kind, IBufferWriter<byte> output);

    /// <summary>Every value of this kind becomes the same one.</summary>
    public virtual bool IsFixed(ValueKind kind) => false;

    /// <summary>For a value out of a closed set (a label of an enum): the number, from 0, of the member that takes its place; -1 when the mask has none to offer.</summary>
    public virtual int Pick(ReadOnlySpan<byte> textValue, int count) => -1;

    /// <summary>The text is recognisably this mask's output, and so not a value that a client made up itself.</summary>
    public virtual bool Recognizes(ReadOnlySpan<byte> textValue) => false;

    /// <summary>The mask has an output that <see cref="Recognizes"/> can tell.</summary>
    public virtual bool IsRecognizable => false;

    /// <summary>The value is this mask's output, or JSON or an array (text form) that holds such an output.</summary>
    public bool RecognizesIn(ReadOnlySpan<byte> textValue)
    {
        if (Recognizes(textValue))
            return true;
        var value = textValue.Trim((byte)' ');
        if (value.Length < 2 || value[0] is not ((byte)'{' or (byte)'[' or (byte)'"'))
            return false;
        if (JsonLeaves.IsWellFormed(value))
            return JsonLeaves.Any(value, this);
        foreach (var element in value.Split((byte)','))
        {
            if (Recognizes(value[element].Trim("{}[]\" "u8)))
                return true;
        }

        return false;
    }
}
