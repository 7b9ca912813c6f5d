namespace Weir.Agent.Policies;

/// <summary>What a secret of a connection is for; a stored one is found by it.</summary>
internal enum UpstreamSecret
{
    Password,
    ReadOnlyPassword,
    ClientCertificate,
    ClientKey,
    ReadOnlyClientCertificate,
    ReadOnlyClientKey,
}
