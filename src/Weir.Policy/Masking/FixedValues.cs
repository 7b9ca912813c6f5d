using System.Buffers;

namespace Weir.Policy.Masking;

/// <summary>
/// The value that <c>redact</c> puts in the place of any value, by kind: text <c>*****</c>; boolean <c>f</c>; numbers 0; date 1970-01-01; timestamp
/// 1970-01-01 00:00:00 and time 00:00:00 (with +00 where the type has a zone); interval 00:00:00; uuid all zeros; network 0.0.0.0; bytea empty;
/// JSON keeps its structure and has its leaves replaced; every other type is NULL.
/// </summary>
internal static class FixedValues
{
    public static ReadOnlySpan<byte> Text => "*****"u8;

    public static MaskResult Write(ReadOnlySpan<byte> value, ValueKind kind, IBufferWriter<byte> output)
    {
        switch (kind)
        {
            case ValueKind.Text:
                output.Write(Text);
                break;
            case ValueKind.Boolean:
                output.Write("f"u8);
                break;
            case ValueKind.Integer or ValueKind.Decimal or ValueKind.Float:
                output.Write("0"u8);
                break;
            case ValueKind.Date:
                output.Write("1970-01-01"u8);
                break;
            case ValueKind.Timestamp:
                output.Write(HasZone(value) ? "1970-01-01 00:00:00+00"u8 : "1970-01-01 00:00:00"u8);
                break;
            case ValueKind.Time:
                output.Write(HasZone(value) ? "00:00:00+00"u8 : "00:00:00"u8);
                break;
            case ValueKind.Interval:
                output.Write("00:00:00"u8);
                break;
            case ValueKind.Uuid:
                output.Write("00000000-0000-0000-0000-000000000000"u8);
                break;
            case ValueKind.Network:
                output.Write("0.0.0.0"u8);
                break;
            case ValueKind.Bytes:
                output.Write("\\x"u8);
                break;
            case ValueKind.Json:
                // Which of the two braces opens it is all that shows.
                output.Write(value.Length > 0 && value[0] == '{' ? "{}"u8 : value.Length > 0 && value[0] == '[' ? "[]"u8 : "\"*****\""u8);
                break;
            default:
                return MaskResult.Null;
        }

        return MaskResult.Written;
    }

    // The type decides this, not the value: in ISO style a zone is the sign after the seconds.
    private static bool HasZone(ReadOnlySpan<byte> value)
    {
        int colon = value.IndexOf((byte)':');
        return colon >= 0 && value[colon..].IndexOfAny((byte)'+', (byte)'-') >= 0;
    }
}
