namespace Weir.Agent.Recording;

/// <summary>Encodes the parameters of a statement within the recording limits.</summary>
internal static class EventParameters
{
    // Besides the value: five fields of Parameter and its own tag and length.
    private const int OverheadPerParameter = 48;

    /// <summary>Upper bound of what <see cref="Write"/> writes.</summary>
    public static int MaxSize(ParameterList list)
    {
        var count = Math.Min(list.Parameters.Length, RecordingLimits.ParameterCount);
        if (count == 0)
            return 0;

        // Three times for text with replaced characters; base64 takes less.
        return (count * OverheadPerParameter) + (3 * Math.Min(list.Source.Length, RecordingLimits.Parameters));
    }

    public static void Write(scoped ref EventWriter writer, int field, ParameterList list)
    {
        var left = RecordingLimits.Parameters;
        var count = Math.Min(list.Parameters.Length, RecordingLimits.ParameterCount);
        for (var i = 0; i < count; i++)
        {
            var parameter = list.Parameters[i];
            var value = parameter.Length > 0 && !parameter.IsMasked ? list.Source.Slice(parameter.Offset, parameter.Length) : default;
            var limit = Math.Min(RecordingLimits.Parameter, left);
            var kept = parameter.IsBinary ? value[..Math.Min(value.Length, limit)] : Utf8Text.Cut(value, limit);
            left -= kept.Length;
            byte[]? replaced = null;
            if (!parameter.IsBinary && !System.Text.Unicode.Utf8.IsValid(kept))
                replaced = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(kept));
            var text = replaced ?? kept;
            var isCut = kept.Length < value.Length;
            var size = ValueSize(text, parameter.IsBinary)
                + (parameter.Length < 0 ? 2 : 0)
                + (parameter.IsMasked ? 2 : 0)
                + (parameter.IsBinary ? 2 : 0)
                + (parameter.TypeOid == 0 ? 0 : 1 + EventWriter.VarintSize(parameter.TypeOid))
                + (isCut ? 1 + EventWriter.VarintSize((uint)value.Length) : 0);
            writer.Message(field, size);
            if (parameter.IsBinary)
                writer.Base64Text(1, text);
            else
                writer.Bytes(1, text);
            writer.Bool(2, parameter.Length < 0);
            writer.Bool(3, parameter.IsMasked);
            writer.Bool(4, parameter.IsBinary);
            writer.Int64(5, parameter.TypeOid);
            if (isCut)
                writer.OptionalInt64(6, value.Length);
        }
    }

    private static int ValueSize(ReadOnlySpan<byte> value, bool isBinary)
    {
        if (value.IsEmpty)
            return 0;
        var length = isBinary ? EventWriter.Base64Size(value.Length) : value.Length;
        return 1 + EventWriter.VarintSize((uint)length) + length;
    }
}
