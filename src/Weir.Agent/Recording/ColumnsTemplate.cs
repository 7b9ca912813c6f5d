using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Recording;

/// <summary>The constant part of an AnswerColumns event, encoded once per description of an answer. Immutable.</summary>
internal sealed class ColumnsTemplate
{
    // After a column's name: Int32 table, Int16 attribute, Int32 type, Int16 size, Int32 modifier, Int16 format.
    private const int FixedBytesPerColumn = 18;

    private readonly byte[] _encoded;
    private readonly byte[] _inline;

    private ColumnsTemplate(AnswerColumns message)
    {
        _encoded = message.ToByteArray();
        var finished = new StatementFinished();
        finished.AnswerColumns.AddRange(message.Columns);
        _inline = finished.ToByteArray();
    }

    /// <summary>Fields of AnswerColumns in wire format.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>The same as fields of StatementFinished.</summary>
    public ReadOnlySpan<byte> Inline => _inline;

    /// <summary>Of a COPY TO STDOUT, whose columns no message describes.</summary>
    public static ColumnsTemplate OfCopy(ReadOnlySpan<string> names, ReadOnlySpan<MaskedColumn> masks, short format)
    {
        var message = new AnswerColumns();
        var size = 0;
        for (var i = 0; i < masks.Length; i++)
        {
            var column = new AnswerColumn { Name = i < names.Length ? names[i] : "", Format = format, MaskedBy = masks[i].Rule ?? "", MaskedBecause = masks[i].Because ?? "" };
            size += column.CalculateSize() + 4;
            if (size > RecordingLimits.Columns)
                break;
            message.Columns.Add(column);
        }

        return new ColumnsTemplate(message);
    }

    /// <param name="rowDescriptionBody">Body of a RowDescription (manual, "Message Formats"): Int16 number of columns, then the columns. What follows a malformed column is left out.</param>
    /// <param name="masks">One per column, or empty when none is masked.</param>
    /// <param name="formats">The format codes of the Bind, as in its message; empty when the description itself has them.</param>
    public static ColumnsTemplate Create(ReadOnlySpan<byte> rowDescriptionBody, ReadOnlySpan<MaskedColumn> masks, ReadOnlySpan<short> formats = default)
    {
        var message = new AnswerColumns();
        if (rowDescriptionBody.Length >= 2)
        {
            var count = BinaryPrimitives.ReadUInt16BigEndian(rowDescriptionBody);
            var rest = rowDescriptionBody[2..];
            var size = 0;
            for (var i = 0; i < count; i++)
            {
                var end = rest.IndexOf((byte)0);
                if (end < 0 || rest.Length - end - 1 < FixedBytesPerColumn)
                    break;
                var fields = rest.Slice(end + 1, FixedBytesPerColumn);
                var column = new AnswerColumn
                {
                    Name = Encoding.UTF8.GetString(rest[..end]),
                    TypeOid = BinaryPrimitives.ReadUInt32BigEndian(fields[6..]),
                    Format = formats.Length switch
                    {
                        0 => BinaryPrimitives.ReadInt16BigEndian(fields[16..]),
                        1 => formats[0],
                        _ => i < formats.Length ? formats[i] : 0,
                    },
                };
                if (i < masks.Length)
                {
                    column.MaskedBy = masks[i].Rule ?? "";
                    column.MaskedBecause = masks[i].Because ?? "";
                }

                size += column.CalculateSize() + 4;
                if (size > RecordingLimits.Columns)
                    break;
                message.Columns.Add(column);
                rest = rest[(end + 1 + FixedBytesPerColumn)..];
            }
        }

        return new ColumnsTemplate(message);
    }
}
