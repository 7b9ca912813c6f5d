namespace Weir.Policy.Documents;

/// <summary>A client certificate that the agent shows to the database, for PostgreSQL's <c>cert</c> authentication and <c>clientcert</c>. Both are PEM.</summary>
/// <param name="Certificate">The certificate, followed by intermediate ones if there are any.</param>
/// <param name="Key">Its private key, not encrypted. It may be the same text that holds the certificate.</param>
public sealed record UpstreamCertificate(SecretReference Certificate, SecretReference Key);
