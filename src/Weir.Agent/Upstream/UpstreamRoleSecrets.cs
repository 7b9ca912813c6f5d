using System.Net.Security;

namespace Weir.Agent.Upstream;

/// <summary>With what the agent logs in as one role.</summary>
/// <param name="User">The role.</param>
/// <param name="Password">Null for none.</param>
/// <param name="Certificate">Shown in TLS; null for none.</param>
internal sealed record UpstreamRoleSecrets(string User, string? Password, SslStreamCertificateContext? Certificate)
{
    /// <summary>Never the password.</summary>
    public override string ToString() => $"UpstreamRoleSecrets {{ User = {User} }}";
}
