using System.Collections.Immutable;

namespace Weir.Policy.Documents;

/// <summary>How the agent reaches the database.</summary>
/// <param name="Host">Host name or address; several, comma separated, are tried in order.</param>
/// <param name="Port">TCP port, 1 to 65,535; default 5432.</param>
/// <param name="Database">Database name on the server.</param>
/// <param name="Tls">How TLS is used towards the database.</param>
/// <param name="TlsCaFile">PEM file on the agent's host with the authorities to trust for verify-full; null for the system's.</param>
/// <param name="User">Role to log in as.</param>
/// <param name="Password">Where the agent gets the password; null for trust or certificate authentication.</param>
/// <param name="ReadOnlyUser">Role without write rights, used for sessions of access level read; null for none.</param>
/// <param name="TargetSessionAttributes">libpq's target_session_attrs: any, read-write, read-only, primary, standby, prefer-standby.</param>
/// <param name="ClientCertificate">Shown to the database; null for none. Only with TLS that is required.</param>
public sealed record UpstreamSpec(
    string Host,
    int Port,
    string Database,
    UpstreamTls Tls,
    string? TlsCaFile,
    string User,
    SecretReference? Password,
    UpstreamRole? ReadOnlyUser,
    string TargetSessionAttributes = "any",
    UpstreamCertificate? ClientCertificate = null);
