using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Tests.Backend;

internal static class TestRows
{
    /// <summary>One DataRow message.</summary>
    public static MessageWriter Of(params (bool IsNull, byte[] Value)[] values)
    {
        var writer = new MessageWriter();
        var row = DataRowWriter.Begin(writer, values.Length);
        foreach (var (isNull, value) in values)
        {
            if (isNull)
                row.WriteNull();
            else
                row.WriteValue(value);
        }

        row.End();
        return writer;
    }
}
