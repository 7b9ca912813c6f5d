using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Copy;

/// <summary>
/// COPY's binary format (PostgreSQL manual, "COPY", Binary Format): a header, tuples (<see cref="TupleRewriter"/> reads and rewrites
/// them), and a trailer. A server sends the header in front of the first tuple (or of the trailer), in the same CopyData.
/// <code>
/// var rest = frame.Body;
/// if (isFirst) rest = rest[CopyBinary.ReadHeader(rest)..];
/// while (!rest.IsEmpty &amp;&amp; !CopyBinary.IsTrailer(rest)) { var tuple = TupleRewriter.Begin(writer, rest); …; rest = rest[tuple.End()..]; }
/// </code>
/// </summary>
public static class CopyBinary
{
    /// <summary>The two bytes at the end: a field count of -1.</summary>
    public static ReadOnlySpan<byte> Trailer => [0xff, 0xff];

    public static ReadOnlySpan<byte> Signature => [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xff, (byte)'\r', (byte)'\n', 0];

    /// <summary>Length of the header at the front of the data.</summary>
    /// <exception cref="ProtocolViolationException">No header, not whole, or with a flag that changes the layout of tuples.</exception>
    public static int ReadHeader(ReadOnlySpan<byte> data)
    {
        var reader = new BodyReader(data);
        if (!reader.ReadBytes(Signature.Length).SequenceEqual(Signature))
            Violation.Throw("COPY data has no binary header");
        // Bits 16 to 31 are critical: whoever does not know them cannot read the file. None is in use since OIDs went (PostgreSQL 12).
        if ((reader.ReadUInt32() & 0xffff_0000) != 0)
            Violation.Throw("COPY data has an unknown critical flag");
        reader.ReadBytes(reader.ReadInt32());
        return reader.Position;
    }

    /// <summary>Whether the data is the trailer and nothing else.</summary>
    /// <exception cref="ProtocolViolationException">Something follows the trailer.</exception>
    public static bool IsTrailer(ReadOnlySpan<byte> data)
    {
        if (!data.StartsWith(Trailer))
            return false;
        if (data.Length != Trailer.Length)
            Violation.Throw("COPY data goes on behind its trailer");
        return true;
    }

    /// <summary>Signature, no flags, no extension.</summary>
    public static void WriteHeader(MessageWriter writer)
    {
        writer.WriteBytes(Signature);
        writer.WriteInt64(0);
    }
}
