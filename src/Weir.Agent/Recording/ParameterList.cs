namespace Weir.Agent.Recording;

/// <summary>The parameters of one execution, as views into the Bind message that carried them.</summary>
internal readonly ref struct ParameterList(ReadOnlySpan<byte> source, ReadOnlySpan<RecordedParameter> parameters)
{
    public static ParameterList None => default;

    /// <summary>Bytes that the offsets point into.</summary>
    public ReadOnlySpan<byte> Source { get; } = source;

    public ReadOnlySpan<RecordedParameter> Parameters { get; } = parameters;
}
