using System.Buffers;
using System.Text.Json;

namespace Weir.Policy.Masking;

/// <summary>
/// Masks the strings, numbers and booleans of a JSON text and leaves keys, nulls, structure and white space as they are. What is not JSON, or
/// nested too deep, is replaced whole.
/// </summary>
internal static class JsonLeaves
{
    private const int MaxDepth = 1_000;

    // A leaf is masked into this before it is written with its escapes. Each thread has its own; none is held across calls.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    public static MaskResult Mask(ReadOnlySpan<byte> json, Masker masker, IBufferWriter<byte> output)
    {
        if (!IsWellFormed(json))
            return FixedValues.Write(json, ValueKind.Json, output);

        var scratch = _scratch ?? new ArrayBufferWriter<byte>(256);
        _scratch = null;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        int copied = 0;
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False))
                continue;
            int start = (int)reader.TokenStartIndex;
            output.Write(json[copied..start]);
            WriteLeaf(ref reader, masker, scratch, output);
            copied = (int)reader.BytesConsumed;
        }

        output.Write(json[copied..]);
        if (scratch.Capacity <= 64 * 1024)
            _scratch = scratch;
        return MaskResult.Written;
    }

    /// <summary>Some string of a well-formed JSON text is recognized by the masker (<see cref="Masker.Recognizes"/>).</summary>
    public static bool Any(ReadOnlySpan<byte> json, Masker masker)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.String)
                continue;
            if (!reader.ValueIsEscaped)
            {
                if (masker.Recognizes(reader.ValueSpan))
                    return true;
                continue;
            }

            byte[] plain = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
            try
            {
                if (masker.Recognizes(plain.AsSpan(0, CopyString(ref reader, plain))))
                    return true;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(plain, clearArray: true);
            }
        }

        return false;
    }

    // The output can't be taken back, so nothing is written before the whole text is known to be JSON.
    public static bool IsWellFormed(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void WriteLeaf(ref Utf8JsonReader reader, Masker masker, ArrayBufferWriter<byte> scratch, IBufferWriter<byte> output)
    {
        scratch.ResetWrittenCount();
        if (reader.TokenType == JsonTokenType.String)
        {
            if (!reader.ValueIsEscaped)
            {
                masker.Mask(reader.ValueSpan, ValueKind.Text, scratch);
            }
            else
            {
                byte[] plain = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
                try
                {
                    int length = CopyString(ref reader, plain);
                    masker.Mask(plain.AsSpan(0, length), ValueKind.Text, scratch);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(plain, clearArray: true);
                }
            }

            WriteString(scratch.WrittenSpan, output);
            return;
        }

        // A boolean of JSON is spelled out, one of SQL is a letter.
        masker.Mask(reader.ValueSpan, reader.TokenType == JsonTokenType.Number ? ValueKind.Decimal : ValueKind.Boolean, scratch);
        var leaf = scratch.WrittenSpan;
        output.Write(leaf.SequenceEqual("f"u8) ? "false"u8 : leaf.SequenceEqual("t"u8) ? "true"u8 : leaf);
    }

    // A lone surrogate escape has no UTF-8 form; its escaped text is masked instead.
    private static int CopyString(ref Utf8JsonReader reader, byte[] to)
    {
        try
        {
            return reader.CopyString(to);
        }
        catch (InvalidOperationException)
        {
            reader.ValueSpan.CopyTo(to);
            return reader.ValueSpan.Length;
        }
    }

    private static void WriteString(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        output.Write("\""u8);
        foreach (byte b in text)
        {
            if (b is (byte)'"' or (byte)'\\')
            {
                output.Write([(byte)'\\', b]);
            }
            else if (b < 0x20)
            {
                output.Write("\\u00"u8);
                output.Write([Hex(b >> 4), Hex(b & 15)]);
            }
            else
            {
                output.Write([b]);
            }
        }

        output.Write("\""u8);
    }

    private static byte Hex(int nibble) => (byte)"0123456789abcdef"[nibble];
}
