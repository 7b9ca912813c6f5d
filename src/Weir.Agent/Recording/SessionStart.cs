using System.Collections.Immutable;
using Weir.Policy.Access;

namespace Weir.Agent.Recording;

/// <summary>What is known when a session begins.</summary>
internal sealed record SessionStart
{
    /// <summary>New and random; also names the session in the upstream's application_name.</summary>
    public required Guid SessionId { get; init; }

    public required Principal Principal { get; init; }

    public required string Connection { get; init; }

    public required string CredentialId { get; init; }

    /// <summary>Address of the client as text, without the port; as the relay saw it when relayed.</summary>
    public required string ClientAddress { get; init; }

    public bool Tls { get; init; }

    public bool Relayed { get; init; }

    /// <summary>As the client sent it.</summary>
    public string ApplicationName { get; init; } = "";

    /// <summary>The client's <c>key=value</c> context, such as purpose and ticket.</summary>
    public ImmutableSortedDictionary<string, string> Context { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public string UpstreamUser { get; init; } = "";

    public string ServerVersion { get; init; } = "";

    public required long SnapshotVersion { get; init; }

    /// <summary>Wire protocol and version, such as <c>postgres 3.2</c>.</summary>
    public string Protocol { get; init; } = "";

    public Guid? GrantId { get; init; }

    public int UpstreamProcessId { get; init; }
}
