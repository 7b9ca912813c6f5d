namespace Weir.Agent.Sessions;

/// <summary>What the relay says of a client whose startup message it has read.</summary>
/// <param name="ClientAddress">As the relay saw it.</param>
/// <param name="Tls">The client reached the relay over TLS.</param>
/// <param name="CertificateHash">tls-server-end-point hash of the relay's certificate; empty without TLS.</param>
/// <param name="StartupMessage">The startup message, whole, with its length word.</param>
internal sealed record RelayedClient(string ClientAddress, bool Tls, ReadOnlyMemory<byte> CertificateHash, ReadOnlyMemory<byte> StartupMessage);
