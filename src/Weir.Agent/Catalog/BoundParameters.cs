using Weir.Agent.Recording;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Catalog;

/// <summary>The parameters of a Bind, kept to run its statement once more.</summary>
internal sealed class BoundParameters
{
    private readonly uint[] _types;
    private readonly FormatCode[] _formats;
    private readonly byte[]?[] _values;

    private BoundParameters(int count)
    {
        _types = new uint[count];
        _formats = new FormatCode[count];
        _values = new byte[count][];
    }

    /// <returns>Null where there are none.</returns>
    public static BoundParameters? Of(ParameterList list)
    {
        if (list.Parameters.IsEmpty)
            return null;
        var bound = new BoundParameters(list.Parameters.Length);
        for (var i = 0; i < list.Parameters.Length; i++)
        {
            var parameter = list.Parameters[i];
            bound._types[i] = parameter.TypeOid;
            bound._formats[i] = parameter.IsBinary ? FormatCode.Binary : FormatCode.Text;
            bound._values[i] = parameter.Length < 0 ? null : list.Source.Slice(parameter.Offset, parameter.Length).ToArray();
        }

        return bound;
    }

    /// <summary>Parse, Bind, Execute and Sync of a statement with these parameters, results in text.</summary>
    public void Write(MessageWriter writer, string sql)
    {
        Parse.Write(writer, [], System.Text.Encoding.UTF8.GetBytes(sql), _types);
        var bind = BindWriter.Begin(writer, [], [], _formats, _values.Length);
        foreach (var value in _values)
        {
            if (value is null)
                bind.WriteNull();
            else
                bind.WriteValue(value);
        }

        bind.End([]);
        Execute.Write(writer, []);
        Sync.Write(writer);
    }
}
