using System.Net.Security;

namespace Weir.Agent.Upstream;

/// <summary>How a TLS leg towards a database is verified.</summary>
/// <param name="ServerName">For SNI and, with verification, the name in the certificate.</param>
/// <param name="Verify">Chain and name must be right (verify-full); otherwise any certificate is taken, as libpq's prefer and require do.</param>
/// <param name="CaFile">PEM file with the authorities to trust; null for the system's.</param>
/// <param name="Certificate">Shown to a server that asks for one; null for none.</param>
internal sealed record UpstreamTlsOptions(string ServerName, bool Verify, string? CaFile, SslStreamCertificateContext? Certificate = null);
