using Weir.Agent.Policies;
using Weir.Agent.Sessions.Startup;
using Weir.Policy.Access;
using Weir.Policy.Documents;

namespace Weir.Agent.Sessions;

/// <summary>Who a session belongs to and where it leads, after authentication.</summary>
/// <param name="Connection">As it was when the session began; later policies are asked by its name.</param>
/// <param name="Right">As it was when the session began.</param>
internal sealed record SessionIdentity(CredentialRecord Credential, ClientStartup Startup, ConnectionDocument Connection, AccessRight Right)
{
    public Principal Principal => Credential.Principal;

    public string ConnectionName => Connection.Metadata.Name;

    /// <summary>Database on the server.</summary>
    public string Database => Startup.Database ?? Connection.Upstream.Database;
}
