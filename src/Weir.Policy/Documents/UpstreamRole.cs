namespace Weir.Policy.Documents;

/// <summary>A second role of the upstream database.</summary>
public sealed record UpstreamRole(string User, SecretReference? Password);
