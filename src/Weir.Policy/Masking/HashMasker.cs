using System.Buffers;
using System.Security.Cryptography;

namespace Weir.Policy.Masking;

/// <summary>
/// <c>hash</c>: a keyed pseudonym. Texts become 8 to 32 lower-case hexadecimal digits, as many as the value has bytes within that, so that it fits
/// where the value did; the last four are a check under the key, by which a pseudonym that is sent back can be told. Other types keep their type.
/// </summary>
internal sealed class HashMasker(byte[] key) : Masker
{
    private const int Shortest = 8;
    private const int Longest = 32;
    private const int CheckDigits = 4;

    public override MaskResult Mask(ReadOnlySpan<byte> textValue, ValueKind kind, IBufferWriter<byte> output)
    {
        if (kind == ValueKind.Json)
            return JsonLeaves.Mask(textValue, this, output);
        if (kind == ValueKind.Text)
            return Text(textValue.TrimEnd((byte)' '), output);
        var stream = new KeyedStream(key, textValue, stackalloc byte[KeyedStream.SpaceLength]);
        return KeyedValues.Write(ref stream, textValue, kind, output);
    }

    public override bool IsRecognizable => true;

    public override bool Recognizes(ReadOnlySpan<byte> textValue)
    {
        var value = textValue.TrimEnd((byte)' ');
        if (value.Length is < Shortest or > Longest)
            return false;
        Span<byte> check = stackalloc byte[CheckDigits];
        WriteCheck(value[..^CheckDigits], check);
        return check.SequenceEqual(value[^CheckDigits..]);
    }

    private MaskResult Text(ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        int length = Math.Clamp(value.Length, Shortest, Longest);
        Span<byte> digest = stackalloc byte[32];
        HMACSHA256.HashData(key, value, digest);
        var to = output.GetSpan(length)[..length];
        for (int i = 0; i < length - CheckDigits; i++)
            to[i] = Hex(i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 15);
        WriteCheck(to[..^CheckDigits], to[^CheckDigits..]);
        output.Advance(length);
        return MaskResult.Written;
    }

    private void WriteCheck(ReadOnlySpan<byte> body, Span<byte> to)
    {
        Span<byte> digest = stackalloc byte[32];
        Span<byte> tagged = stackalloc byte[Longest + 1];
        tagged[0] = 0xFF; // no text begins so: a check is never the pseudonym of its own body
        body.CopyTo(tagged[1..]);
        HMACSHA256.HashData(key, tagged[..(body.Length + 1)], digest);
        for (int i = 0; i < CheckDigits; i++)
            to[i] = Hex(i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 15);
    }

    private static byte Hex(int nibble) => (byte)"0123456789abcdef"[nibble];
}
