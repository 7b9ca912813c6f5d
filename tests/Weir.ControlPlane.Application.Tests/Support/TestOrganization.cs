using Weir.ControlPlane.Application.Authorization;

namespace Weir.ControlPlane.Application.Tests.Support;

/// <summary>The people and machines of an organization, signed in.</summary>
internal sealed record TestOrganization
{
    public required Guid Id { get; init; }

    public required Actor Admin { get; init; }

    /// <summary>A user in <c>engineers</c>.</summary>
    public required Actor Dev { get; init; }

    /// <summary>A user in <c>dba</c>.</summary>
    public required Actor Dba { get; init; }

    /// <summary>A user in <c>support</c>.</summary>
    public required Actor Support { get; init; }

    /// <summary>The developer's AI agent.</summary>
    public required Actor Assistant { get; init; }

    public required Actor Service { get; init; }

    /// <summary>The data-plane agent named <c>edge</c>.</summary>
    public required Actor Agent { get; init; }

    /// <summary>API tokens by principal name.</summary>
    public required IReadOnlyDictionary<string, string> Tokens { get; init; }
}
