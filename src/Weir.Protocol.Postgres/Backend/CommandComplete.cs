using System.Buffers.Text;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>
/// A statement is done. The tag is a command, for some commands with a row count behind it (<c>SELECT 5</c>, <c>UPDATE 3</c>), for INSERT
/// with an oid between the two (<c>INSERT 0 5</c>).
/// </summary>
public readonly ref struct CommandComplete
{
    private CommandComplete(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> command, bool hasRowCount, long rowCount)
    {
        Tag = tag;
        Command = command;
        HasRowCount = hasRowCount;
        RowCount = rowCount;
    }

    public ReadOnlySpan<byte> Tag { get; }

    /// <summary>The tag without numbers: <c>INSERT</c>, <c>CREATE TABLE</c> …</summary>
    public ReadOnlySpan<byte> Command { get; }

    public bool HasRowCount { get; }

    /// <summary>0 when the tag has none. More than <see cref="long.MaxValue"/> is not representable and counts as none.</summary>
    public long RowCount { get; }

    public static CommandComplete Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var tag = reader.ReadCString();
        reader.EnsureEnd();
        var command = tag;
        var hasRowCount = false;
        var rowCount = 0L;
        var space = tag.LastIndexOf((byte)' ');
        if (space >= 0 && TryParseCount(tag[(space + 1)..], out rowCount))
        {
            hasRowCount = true;
            command = tag[..space];
            var second = command.LastIndexOf((byte)' ');
            if (second >= 0 && TryParseCount(command[(second + 1)..], out _))
                command = command[..second];
        }

        return new CommandComplete(tag, command, hasRowCount, rowCount);
    }

    public static void Write(MessageWriter writer, ReadOnlySpan<byte> tag)
    {
        var start = writer.BeginMessage(BackendMessageType.CommandComplete);
        writer.WriteCString(tag);
        writer.EndMessage(start);
    }

    private static bool TryParseCount(ReadOnlySpan<byte> text, out long count)
    {
        if (!text.IsEmpty && text[0] is >= (byte)'0' and <= (byte)'9' && Utf8Parser.TryParse(text, out count, out var consumed) && consumed == text.Length)
            return true;
        count = 0;
        return false;
    }
}
