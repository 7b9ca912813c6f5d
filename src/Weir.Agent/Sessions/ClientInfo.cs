namespace Weir.Agent.Sessions;

/// <summary>What is known of a client's connection before it has said who it is.</summary>
/// <param name="Address">As text, for the recording and for limits; with port where there is one.</param>
/// <param name="IsLocal">Loopback or Unix socket: plaintext is accepted.</param>
/// <param name="IsTls">The leg between the client and whoever ended its TLS (this agent or the relay) is encrypted.</param>
/// <param name="CertificateHash">tls-server-end-point hash (RFC 5929) of the certificate that the client saw; empty when there is nothing to bind to.</param>
/// <param name="IsRelayed">Came through the control plane's relay.</param>
/// <param name="ClientKeyHash">SHA-256 of the public key (SubjectPublicKeyInfo) of the client's certificate, whose private key it has proved to hold towards this agent; empty without one.</param>
internal sealed record ClientInfo(string Address, bool IsLocal, bool IsTls, ReadOnlyMemory<byte> CertificateHash, bool IsRelayed, ReadOnlyMemory<byte> ClientKeyHash = default);
