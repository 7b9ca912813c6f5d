using Weir.ControlPlane.Application.Webhooks;

namespace Weir.ControlPlane.Application;

/// <summary>What use cases must know about where they run. Made and checked by the composition root.</summary>
public sealed record ControlPlaneOptions
{
    /// <summary>Connection string of the control plane's database, as the server role.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>File with the master key (32 bytes, base64); made with mode 0600 if it is not there.</summary>
    public required string MasterKeyFile { get; init; }

    /// <summary>Where people reach console and API, without a slash at the end.</summary>
    public required string PublicUrl { get; init; }

    /// <summary>host:port of the relay as clients see it; empty when there is none.</summary>
    public required string RelayEndpoint { get; init; }

    /// <summary>How long <c>credentials issue</c> waits for agents to have the credential.</summary>
    public TimeSpan CredentialDeliveryTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What webhooks may reach.</summary>
    public OutboundNetworks WebhookNetworks { get; init; } = OutboundNetworks.PublicOnly;

    /// <summary>Never the connection string: it holds a password.</summary>
    public override string ToString() => $"{nameof(ControlPlaneOptions)} {{ {nameof(PublicUrl)} = {PublicUrl} }}";
}
