using System.Collections.Immutable;

namespace Weir.Policy.Documents;

/// <summary>A registered database endpoint and the agents that serve it.</summary>
public sealed record ConnectionDocument(DocumentMetadata Metadata, string Protocol, AgentSelector Agents, UpstreamSpec Upstream, bool AllowReplication = false)
    : PolicyDocument(Metadata)
{
    public const string KindName = "Connection";

    public override string Kind => KindName;
}
