using System.Buffers.Binary;

namespace Weir.ControlPlane.Application.Features.Sessions.Recording;

/// <summary>Reads a recorded DataRow body: Int16 number of columns, then for each Int32 length (-1 for NULL) and bytes.</summary>
internal static class DataRowText
{
    /// <summary>Null when the body is not well-formed.</summary>
    public static IReadOnlyList<string?>? Read(ReadOnlySpan<byte> body, IReadOnlyList<RecordedBody.Column>? columns)
    {
        if (body.Length < 2)
        {
            return null;
        }

        int count = BinaryPrimitives.ReadInt16BigEndian(body);
        body = body[2..];
        var values = new List<string?>();
        for (var i = 0; i < count; i++)
        {
            if (body.Length < 4)
            {
                return null;
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(body);
            body = body[4..];
            if (length == -1)
            {
                values.Add(null);
                continue;
            }

            if (length < 0 || length > body.Length)
            {
                return null;
            }

            var column = columns is not null && i < columns.Count ? columns[i] : null;
            values.Add(PostgresValueText.Of(body[..length], column?.TypeOid ?? 0, column?.Format == 1));
            body = body[length..];
        }

        return body.IsEmpty ? values : null;
    }
}
