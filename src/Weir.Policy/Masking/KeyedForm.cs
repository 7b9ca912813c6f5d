using System.Buffers.Binary;
using System.Text;

namespace Weir.Policy.Masking;

/// <summary>The tweak of a text's permutation: its form, and the letters beyond ASCII that the form does not show.</summary>
internal ref struct KeyedForm(Span<byte> space)
{
    private readonly Span<byte> _tweak = space;
    private ulong _letters;

    public void Note(int at, Rune letter) => _letters = ((_letters * 0x9E3779B97F4A7C15) ^ (uint)letter.Value) + (uint)at + 1;

    public readonly ReadOnlySpan<byte> Of(byte[] key, ReadOnlySpan<byte> form)
    {
        KeyedPermutation.Tweak(key, form, _tweak);
        BinaryPrimitives.WriteUInt64BigEndian(_tweak, BinaryPrimitives.ReadUInt64BigEndian(_tweak) ^ _letters);
        return _tweak;
    }
}
