namespace Weir.Protocol.Postgres.Backend;

/// <summary>One field of an error or notice. Codes not listed in <see cref="DiagnosticField"/> occur: receivers ignore them.</summary>
public readonly ref struct DiagnosticFieldValue
{
    internal DiagnosticFieldValue(DiagnosticField code, ReadOnlySpan<byte> value)
    {
        Code = code;
        Value = value;
    }

    public DiagnosticField Code { get; }

    /// <summary>In client_encoding; errors before the encoding is negotiated may be in any.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
