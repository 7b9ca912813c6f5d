using System.Text;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Protocol.Postgres.Startup;

/// <summary>
/// What becomes of a client's wish for a protocol version: 3.0 and 3.2 as asked; a higher 3.x and unknown <c>_pq_.</c> options are
/// answered with NegotiateProtocolVersion; other major versions are refused (PostgreSQL manual, "Start-up" under "Message Flow").
/// </summary>
public sealed class ProtocolNegotiation
{
    private ProtocolNegotiation(ProtocolVersion version, bool isAnswerNeeded, IReadOnlyList<string> unknownOptions)
    {
        Version = version;
        IsAnswerNeeded = isAnswerNeeded;
        UnknownOptions = unknownOptions;
    }

    /// <summary>The newest version that is spoken here.</summary>
    public static ProtocolVersion Newest { get; } = ProtocolVersion.V32;

    /// <summary>The version that holds from now on.</summary>
    public ProtocolVersion Version { get; }

    /// <summary>Whether NegotiateProtocolVersion must be sent, before any authentication message.</summary>
    public bool IsAnswerNeeded { get; }

    /// <summary>Protocol options asked for that are not known: all of them.</summary>
    public IReadOnlyList<string> UnknownOptions { get; }

    /// <summary>Bytes of a cancel key's secret in this version: what PostgreSQL itself sends.</summary>
    public int CancelSecretLength => Version >= ProtocolVersion.V32 ? 32 : 4;

    /// <exception cref="ProtocolViolationException">0A000 with PostgreSQL's text: the major version is not 3.</exception>
    public static ProtocolNegotiation Negotiate(in StartupMessage startup)
    {
        var requested = startup.Version;
        if (requested.Major != 3)
        {
            Violation.ThrowFatal(
                $"unsupported frontend protocol {requested}: server supports 3.0 to {Newest}",
                SqlStates.FeatureNotSupported);
        }

        List<string>? unknown = null;
        foreach (var parameter in startup.Parameters)
        {
            if (parameter.IsProtocolOption)
                (unknown ??= []).Add(Encoding.UTF8.GetString(parameter.Name));
        }

        var version = requested > Newest ? Newest : requested;
        return new ProtocolNegotiation(version, requested > Newest || unknown is not null, unknown ?? []);
    }

    /// <summary>Writes NegotiateProtocolVersion if it is needed.</summary>
    public void WriteAnswer(MessageWriter writer)
    {
        if (IsAnswerNeeded)
            NegotiateProtocolVersion.Write(writer, Version, UnknownOptions);
    }
}
