namespace Weir.Agent.Net;

/// <summary>What a packet before the startup message asks for.</summary>
internal enum NegotiationStep
{
    NeedBytes,

    /// <summary>Answer S, then the TLS handshake.</summary>
    StartTls,

    /// <summary>Answer N, go on in plaintext.</summary>
    RefuseTls,

    /// <summary>Answer N, go on.</summary>
    RefuseGss,
    Cancel,
    Start,
}
