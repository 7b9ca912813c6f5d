using Weir.Agent.Catalog;
using Weir.Agent.Sessions.Startup;
using Weir.Agent.Upstream;
using Weir.Policy.Compilation;
using Weir.Protocol.Postgres;

namespace Weir.Agent.Sessions;

/// <summary>What a session has become by the time its first statement can arrive.</summary>
/// <param name="BackendKey">The server's own key; null when it gave none.</param>
/// <param name="UpstreamTls">How the upstream leg is encrypted; null when it is not.</param>
/// <param name="Parameters">The server's ParameterStatus messages so far.</param>
/// <param name="RightUntil">When the right must be looked up again; null for never.</param>
internal sealed record RelayStart(
    SessionIdentity Identity,
    CompiledPolicy Policy,
    CatalogSource Catalog,
    UpstreamHost Host,
    CancelKey? BackendKey,
    UpstreamTlsOptions? UpstreamTls,
    SessionProbe Probe,
    IReadOnlyList<KeyValuePair<string, string>> Parameters,
    DateTimeOffset? RightUntil);
