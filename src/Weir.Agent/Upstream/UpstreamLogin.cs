using System.Net.Security;
using Weir.Policy.Documents;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Agent.Upstream;

/// <summary>Everything that logging in at a database server takes.</summary>
/// <param name="User">Role.</param>
/// <param name="Password">Null when none is configured: trust and certificate authentication only.</param>
/// <param name="Database">Database on the server.</param>
/// <param name="Tls">Wish for TLS.</param>
/// <param name="TlsCaFile">See <see cref="UpstreamTlsOptions.CaFile"/>.</param>
/// <param name="Version">Protocol version to ask for.</param>
/// <param name="Parameters">Run-time parameters of the startup message, in order, without user and database.</param>
/// <param name="TargetSessionAttributes">libpq's target_session_attrs.</param>
/// <param name="Certificate">Shown in TLS to a server that asks for one; null for none.</param>
internal sealed record UpstreamLogin(
    string User,
    string? Password,
    string Database,
    UpstreamTls Tls,
    string? TlsCaFile,
    ProtocolVersion Version,
    IReadOnlyList<KeyValuePair<string, string>> Parameters,
    string TargetSessionAttributes,
    SslStreamCertificateContext? Certificate = null)
{
    private const string PreferStandby = "prefer-standby";

    /// <summary>When none of the hosts is a standby: the login that takes any of them; null when the wish was not one that can be given up.</summary>
    public UpstreamLogin? Anywhere => TargetSessionAttributes == PreferStandby ? this with { TargetSessionAttributes = "any" } : null;

    /// <summary>Never the password.</summary>
    public override string ToString() => $"UpstreamLogin {{ User = {User}, Database = {Database}, Tls = {Tls} }}";
}
