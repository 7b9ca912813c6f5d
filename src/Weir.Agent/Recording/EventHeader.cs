namespace Weir.Agent.Recording;

/// <summary>The start of a serialized SessionEvent as this agent writes it: session id, sequence, time, previous hash, then the body.</summary>
internal static class EventHeader
{
    /// <summary>Upper bound of everything before the body's content: two ids and hashes, two varints, the body's tag and length.</summary>
    public const int MaxSize = (2 + 16) + (1 + 10) + (1 + 10) + (2 + 32) + (2 + 5);

    private const byte SessionIdTag = (1 << 3) | 2;
    private const byte SequenceTag = 2 << 3;

    public static int Write(Span<byte> output, Guid sessionId, long sequence, long atUnixMicros, ReadOnlySpan<byte> previousHash, int bodyField, int bodyLength)
    {
        var writer = new EventWriter(output);
        writer.Id(1, sessionId);
        writer.Int64(2, sequence);
        writer.Int64(3, atUnixMicros);
        writer.Element(4, previousHash);
        writer.Message(bodyField, bodyLength);
        return writer.Position;
    }

    /// <summary>Reads the id and the sequence.</summary>
    /// <exception cref="InvalidDataException">It is not an event of this agent's making.</exception>
    public static (Guid SessionId, long Sequence) Read(ReadOnlySpan<byte> serialized)
    {
        var reader = new WireReader(serialized);
        reader.Expect(SessionIdTag);
        var sessionId = new Guid(reader.Bytes(), bigEndian: true);
        reader.Expect(SequenceTag);
        return (sessionId, (long)reader.Varint());
    }

    /// <summary>Reads the number of the body's field and its content.</summary>
    /// <exception cref="InvalidDataException">It is not an event of this agent's making.</exception>
    public static ReadOnlySpan<byte> ReadBody(ReadOnlySpan<byte> serialized, out int bodyField)
    {
        var reader = new WireReader(serialized);
        while (true)
        {
            var tag = reader.Varint();
            bodyField = (int)(tag >> 3);
            if (bodyField >= 10)
                return reader.Bytes();
            if ((tag & 7) == 0)
                reader.Varint();
            else
                reader.Bytes();
        }
    }

    /// <summary>The statement number that a statement, finish, columns, rows or copy body starts with; 0 when it has none.</summary>
    public static long ReadStatement(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty || body[0] != 1 << 3)
            return 0;
        var reader = new WireReader(body[1..]);
        return (long)reader.Varint();
    }
}
