using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Weir.Policy.Masking;

/// <summary>
/// <c>hash</c>: a keyed pseudonym. Texts become 16 to 32 lower-case letters, as many as the value has bytes within that. Letters 9 to 11 are a check of the first
/// eight under the key, by which a pseudonym that is sent back can be told, also one that was cut to the length of its column. Other types keep their type.
/// </summary>
internal sealed class HashMasker(byte[] key) : Masker
{
    private const int Shortest = 16;
    private const int Longest = 32;
    private const int Body = 8;
    private const int Checked = 11;

    public override bool IsRecognizable => true;

    public override MaskResult Mask(ReadOnlySpan<byte> textValue, ValueKind kind, IBufferWriter<byte> output)
    {
        if (kind == ValueKind.Json)
            return JsonLeaves.Mask(textValue, this, output);
        return kind == ValueKind.Text ? Text(textValue.TrimEnd((byte)' '), output) : KeyedValues.Write(key, textValue, kind, output);
    }

    public override int Pick(ReadOnlySpan<byte> textValue, int count) => KeyedValues.Pick(key, textValue, count);

    public override bool Recognizes(ReadOnlySpan<byte> textValue)
    {
        var value = textValue.TrimEnd((byte)' ');
        if (value.Length is < Checked or > Longest || value.IndexOfAnyExceptInRange((byte)'a', (byte)'z') >= 0)
            return false;
        Span<byte> check = stackalloc byte[Checked - Body];
        WriteCheck(value[..Body], check);
        return check.SequenceEqual(value[Body..Checked]);
    }

    private MaskResult Text(ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        int length = Math.Clamp(value.Length, Shortest, Longest);
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> more = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, value, digest);
        HMACSHA256.HashData(key, digest, more);
        var to = output.GetSpan(length)[..length];
        WriteLetters(digest, to[..Body]);
        WriteCheck(to[..Body], to[Body..Checked]);
        WriteLetters(more, to[Checked..Math.Min(length, Checked + 16)]);
        if (length > Checked + 16)
            WriteLetters(digest[16..], to[(Checked + 16)..]);
        output.Advance(length);
        return MaskResult.Written;
    }

    private void WriteCheck(ReadOnlySpan<byte> body, Span<byte> to)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> tagged = stackalloc byte[Body + 1];
        tagged[0] = 0xFF; // no text begins so: a check is never the pseudonym of its own body
        body.CopyTo(tagged[1..]);
        HMACSHA256.HashData(key, tagged, digest);
        WriteLetters(digest, to);
    }

    private static void WriteLetters(ReadOnlySpan<byte> digest, Span<byte> to)
    {
        for (int i = 0; i < to.Length; i++)
            to[i] = (byte)('a' + (BinaryPrimitives.ReadUInt16BigEndian(digest[(2 * i)..]) % 26));
    }
}
