namespace Weir.Policy.Documents;

/// <summary>A second role of the upstream database.</summary>
/// <param name="User">Role to log in as.</param>
/// <param name="Password">Null for trust or certificate authentication.</param>
/// <param name="ClientCertificate">Shown to the database when this role logs in; null for none.</param>
public sealed record UpstreamRole(string User, SecretReference? Password, UpstreamCertificate? ClientCertificate = null);
