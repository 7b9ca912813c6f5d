namespace Weir.Policy.Detection;

/// <summary>Finds one class of sensitive content in UTF-8 text. Stateless.</summary>
internal abstract class PieceDetector
{
    public abstract void Find(ReadOnlySpan<byte> value, List<Piece> found);

    protected static bool IsDigit(byte b) => (uint)(b - '0') <= 9;

    protected static bool IsWord(byte b) => IsDigit(b) || (uint)((b | 0x20) - 'a') <= 'z' - 'a' || b == '_';

    /// <summary>No word character stands right before or after.</summary>
    protected static bool StandsAlone(ReadOnlySpan<byte> value, int start, int end)
        => (start == 0 || !IsWord(value[start - 1])) && (end == value.Length || !IsWord(value[end]));
}
