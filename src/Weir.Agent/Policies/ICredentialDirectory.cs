using System.Diagnostics.CodeAnalysis;
using Weir.Policy.Access;

namespace Weir.Agent.Policies;

/// <summary>The access credentials and grants that the control plane gave this agent. Thread-safe; reads take no lock.</summary>
internal interface ICredentialDirectory
{
    /// <summary>Raised on an arbitrary thread after credentials or grants changed: every session looks again whether its right still holds.</summary>
    event Action? Changed;

    /// <summary>32 random bytes of this agent, the same after a restart: what the salts of mock SCRAM exchanges are derived from.</summary>
    ReadOnlyMemory<byte> MockSecret { get; }

    /// <summary>Finds a credential that is not revoked; it may be expired.</summary>
    bool TryFind(string credentialId, [NotNullWhen(true)] out CredentialRecord? record);

    /// <summary>The grants of a principal, also those that ended already.</summary>
    ReadOnlySpan<Grant> GrantsOf(Guid principalId);
}
