using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Values;

/// <summary>
/// Between the binary and the text representation of single values (the send/recv and in/out functions of PostgreSQL), so that a mask
/// that works on text also serves binary columns, and the type stays valid. Text is what PostgreSQL prints under its default settings
/// (DateStyle ISO, bytea hex, time zone UTC). Types that are not listed here are not convertible: the caller must then redact or refuse.
/// </summary>
public static class BinaryValue
{
    public static bool IsSupported(uint typeOid) => typeOid is
        TypeOids.Bool or TypeOids.Bytea or TypeOids.InternalChar or TypeOids.Name or TypeOids.Int8 or TypeOids.Int2 or TypeOids.Int4
        or TypeOids.Text or TypeOids.Oid or TypeOids.Json or TypeOids.Xml or TypeOids.Cidr or TypeOids.Float4 or TypeOids.Float8
        or TypeOids.Unknown or TypeOids.Inet or TypeOids.Bpchar or TypeOids.Varchar or TypeOids.Date or TypeOids.Time
        or TypeOids.Timestamp or TypeOids.TimestampTz or TypeOids.Numeric or TypeOids.Uuid or TypeOids.Jsonb;

    /// <summary>Whether the binary form is the text itself, so that text masks apply directly.</summary>
    public static bool IsTextLike(uint typeOid) => typeOid is
        TypeOids.Text or TypeOids.Varchar or TypeOids.Bpchar or TypeOids.Name or TypeOids.Json or TypeOids.Xml or TypeOids.Unknown;

    /// <summary>
    /// Appends the text of a binary value. False, with nothing appended: the type is not supported or the bytes are not a value of it.
    /// </summary>
    public static bool TryWriteText(uint typeOid, ReadOnlySpan<byte> binary, MessageWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var start = destination.Length;
        var isDone = IsTextLike(typeOid)
            ? Copy(binary, destination)
            : typeOid switch
            {
                TypeOids.Bool or TypeOids.Int2 or TypeOids.Int4 or TypeOids.Int8 or TypeOids.Oid or TypeOids.Float4 or TypeOids.Float8 =>
                    BinaryScalar.TryWriteText(typeOid, binary, destination),
                TypeOids.Numeric => BinaryNumeric.TryWriteText(binary, destination),
                TypeOids.Date or TypeOids.Time or TypeOids.Timestamp or TypeOids.TimestampTz => BinaryDateTime.TryWriteText(typeOid, binary, destination),
                TypeOids.Uuid => BinaryUuid.TryWriteText(binary, destination),
                TypeOids.Inet or TypeOids.Cidr => BinaryInet.TryWriteText(binary, destination),
                TypeOids.Bytea => BinaryBytea.TryWriteText(binary, destination),
                TypeOids.Jsonb => binary.Length > 1 && binary[0] == 1 && Copy(binary[1..], destination),
                TypeOids.InternalChar => binary.Length == 1 && Copy(binary, destination),
                _ => false,
            };
        if (!isDone)
            destination.Truncate(start);
        return isDone;
    }

    /// <summary>
    /// Appends the binary form of a text. False, with nothing appended: the type is not supported or the text is no value of it.
    /// Accepts what <see cref="TryWriteText"/> gives and the plain forms around it, not everything PostgreSQL would read.
    /// </summary>
    public static bool TryWriteBinary(uint typeOid, ReadOnlySpan<byte> text, MessageWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var start = destination.Length;
        bool isDone;
        if (IsTextLike(typeOid))
        {
            isDone = Copy(text, destination);
        }
        else
        {
            isDone = typeOid switch
            {
                TypeOids.Bool or TypeOids.Int2 or TypeOids.Int4 or TypeOids.Int8 or TypeOids.Oid or TypeOids.Float4 or TypeOids.Float8 =>
                    BinaryScalar.TryWriteBinary(typeOid, text, destination),
                TypeOids.Numeric => BinaryNumeric.TryWriteBinary(text, destination),
                TypeOids.Date or TypeOids.Time or TypeOids.Timestamp or TypeOids.TimestampTz => BinaryDateTime.TryWriteBinary(typeOid, text, destination),
                TypeOids.Uuid => BinaryUuid.TryWriteBinary(text, destination),
                TypeOids.Inet or TypeOids.Cidr => BinaryInet.TryWriteBinary(text, typeOid == TypeOids.Cidr, destination),
                TypeOids.Bytea => BinaryBytea.TryWriteBinary(text, destination),
                TypeOids.Jsonb => !text.IsEmpty && Copy([1], destination) && Copy(text, destination),
                TypeOids.InternalChar => text.Length == 1 && Copy(text, destination),
                _ => false,
            };
        }

        if (!isDone)
            destination.Truncate(start);
        return isDone;
    }

    private static bool Copy(ReadOnlySpan<byte> bytes, MessageWriter destination)
    {
        destination.WriteBytes(bytes);
        return true;
    }
}
