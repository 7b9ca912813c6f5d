using Weir.Policy.Documents;

namespace Weir.Agent.Policies;

/// <summary>Finds the password or the certificate of an upstream role at the moment it is needed, so that a rotated one works without a restart.</summary>
internal interface ISecretResolver
{
    /// <param name="connection">Name of the connection, for stored secrets.</param>
    /// <param name="use">Which one of the connection, for stored secrets.</param>
    /// <exception cref="SecretUnavailableException">There is none, it can't be read, or its source is not supported.</exception>
    ValueTask<SecretValue> ResolveAsync(string connection, SecretReference reference, UpstreamSecret use, CancellationToken cancellationToken);
}
