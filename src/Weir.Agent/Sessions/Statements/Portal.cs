using System.Buffers.Binary;
using Weir.Agent.Recording;
using Weir.Agent.Sessions.Budgets;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Statements;

/// <summary>A bound statement. The unnamed one is used again while nothing in flight refers to it, so that a steady run of Binds allocates nothing.</summary>
internal sealed class Portal
{
    private byte[] _source = [];
    private int _sourceLength;
    private RecordedParameter[] _parameters = [];
    private int _parameterCount;
    private byte[]? _lastDescription;

    public PreparedStatement Statement { get; private set; } = null!;

    /// <summary>Result formats as the Bind gave them: none for all text, one for all, or one for each column.</summary>
    public short[] Formats { get; private set; } = [];

    /// <summary>Body of the RowDescription of this portal, formats included; null when it was not described; empty when it returns no rows.</summary>
    public byte[]? Description { get; private set; }

    /// <summary>A Describe of it is on its way.</summary>
    public bool IsDescribing { get; set; }

    /// <summary>Digest of the rules under which people let its Bind pass; empty when nobody had to.</summary>
    public ReadOnlyMemory<byte> ApprovedDigest { get; set; }

    /// <summary>Number under which it was recorded when it was held; 0 once an Execute has used it.</summary>
    public long RecordedStatement { get; set; }

    /// <summary>Changed rows that people have agreed to when they let its Bind pass.</summary>
    public long ApprovedRows { get; set; }

    /// <summary>Changed rows that people were shown when they let its Bind pass; null when they were shown none.</summary>
    public long? ShownRows { get; set; }

    /// <summary>Number of the last Sync or Query before its Bind.</summary>
    public long Run { get; set; }

    /// <summary>What its Executes have returned so far; null where no budget asks for it.</summary>
    public ReadCount? Returned { get; set; }

    /// <summary>Estimate of the bytes that it takes up as long as it is bound.</summary>
    public int Cost => 1024 + _source.Length;

    /// <summary>Entries in flight that refer to it.</summary>
    public int References { get; set; }

    public ParameterList Parameters => new(_source.AsSpan(0, _sourceLength), _parameters.AsSpan(0, _parameterCount));

    /// <summary>What an approval is bound to beside the text: types that the Parse named, formats and values of the parameters. Names and result formats don't matter.</summary>
    public byte[] ExactParameters()
    {
        if (_parameterCount == 0 && Statement.DeclaredTypes.Length == 0)
            return [];
        var types = Statement.DeclaredTypes;
        var size = 4 * (types.Length + 1);
        foreach (var parameter in _parameters.AsSpan(0, _parameterCount))
            size += 5 + Math.Max(0, parameter.Length);
        var exact = new byte[size];
        var at = 0;
        BinaryPrimitives.WriteInt32BigEndian(exact, types.Length);
        foreach (var type in types)
            BinaryPrimitives.WriteUInt32BigEndian(exact.AsSpan(at += 4), type);
        at += 4;
        foreach (var parameter in _parameters.AsSpan(0, _parameterCount))
        {
            exact[at++] = parameter.IsBinary ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteInt32BigEndian(exact.AsSpan(at), parameter.Length);
            at += 4;
            if (parameter.Length <= 0)
                continue;
            _source.AsSpan(parameter.Offset, parameter.Length).CopyTo(exact.AsSpan(at));
            at += parameter.Length;
        }

        return exact;
    }

    /// <summary>The part of <see cref="ExactParameters"/> that says which types the Parse named; empty when none.</summary>
    public static ReadOnlySpan<byte> DeclaredTypesOf(ReadOnlySpan<byte> exactParameters) =>
        exactParameters.IsEmpty ? default : exactParameters.Slice(4, 4 * BinaryPrimitives.ReadInt32BigEndian(exactParameters));

    /// <summary>Notes the body of its RowDescription. One that says the same as the last is not kept again.</summary>
    public void Describe(ReadOnlySpan<byte> body)
    {
        if (_lastDescription is not { } last || !body.SequenceEqual(last))
            _lastDescription = body.ToArray();
        Description = _lastDescription;
    }

    /// <summary>Takes over what a Bind says.</summary>
    /// <param name="body">Body of the message: the values are kept for the recording.</param>
    public void Bind(PreparedStatement statement, Bind bind, ReadOnlySpan<byte> body, ReadOnlySpan<int> maskedParameters)
    {
        Statement = statement;
        Description = null;
        IsDescribing = false;
        ApprovedDigest = default;
        RecordedStatement = 0;
        ApprovedRows = 0;
        ShownRows = null;
        Returned = null;
        TakeFormats(bind.ResultFormats);
        _parameterCount = 0;
        _sourceLength = 0;
        if (bind.ParameterCount == 0)
            return;
        if (_source.Length < body.Length || _source.Length > 64 * 1024)
            _source = new byte[body.Length];
        body.CopyTo(_source);
        _sourceLength = body.Length;
        if (_parameters.Length < bind.ParameterCount)
            _parameters = new RecordedParameter[bind.ParameterCount];
        foreach (var parameter in bind.Parameters)
        {
            // An empty span still points into the body, so that its place is known.
            var offset = parameter.IsNull || parameter.Value.IsEmpty ? 0 : OffsetOf(body, parameter.Value);
            _parameters[_parameterCount] = new RecordedParameter(
                offset,
                parameter.IsNull ? -1 : parameter.Value.Length,
                IsMasked(maskedParameters, _parameterCount + 1),
                parameter.Format == FormatCode.Binary,
                _parameterCount < statement.ParameterTypes.Length ? statement.ParameterTypes[_parameterCount] : 0);
            _parameterCount++;
        }
    }

    private static int OffsetOf(ReadOnlySpan<byte> body, ReadOnlySpan<byte> part)
    {
        body.Overlaps(part, out var offset);
        return offset;
    }

    // 0: every parameter, since it is not known which ones meet a masked column.
    private static bool IsMasked(ReadOnlySpan<int> masked, int number) => !masked.IsEmpty && masked.ContainsAny(number, 0);

    private void TakeFormats(FormatCodes codes)
    {
        if (Formats.Length != codes.Count)
            Formats = codes.Count == 0 ? [] : new short[codes.Count];
        for (var i = 0; i < Formats.Length; i++)
        {
            var code = (short)(codes.Count == 1 ? codes[0] : codes[i]);
            if (Formats[i] != code)
            {
                // Plans that were made for the old formats keep the old array.
                Formats = (short[])Formats.Clone();
                Formats[i] = code;
            }
        }
    }
}
