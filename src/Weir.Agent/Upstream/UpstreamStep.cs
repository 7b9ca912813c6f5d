namespace Weir.Agent.Upstream;

/// <summary>What a login needs next.</summary>
internal enum UpstreamStep
{
    /// <summary>More bytes from the server.</summary>
    NeedBytes,

    /// <summary>The server agreed to TLS: encrypt the leg, then call <see cref="UpstreamHandshake.OnTls"/>.</summary>
    NeedTls,

    /// <summary>The server waits for the first statement.</summary>
    Ready,

    /// <summary>See <see cref="UpstreamHandshake.Failure"/>.</summary>
    Failed,
}
