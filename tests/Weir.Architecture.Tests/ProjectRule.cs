namespace Weir.Architecture.Tests;

/// <summary>What one project may reference.</summary>
/// <param name="References">Projects it may reference directly.</param>
/// <param name="Packages">Packages it may reference; null for any.</param>
/// <param name="IsPure">Takes no logger, clock, socket or container, so that it can be fuzzed and run anywhere.</param>
internal sealed record ProjectRule(string Project, string[] References, string[]? Packages = null, bool IsPure = false)
{
    /// <summary>Who may reference whom: the table of the architecture, in which every project that ships has a line.</summary>
    public static readonly IReadOnlyList<ProjectRule> Table =
    [
        new("Weir.Protocol.Postgres", [], [], IsPure: true),
        new("Weir.Policy", [], [], IsPure: true),
        new("Weir.ControlPlane.Domain", [], [], IsPure: true),
        new("Weir.Sql", ["Weir.Policy"], [], IsPure: true),
        new("Weir.Contracts", ["Weir.Policy"], ["Google.Protobuf", "Grpc.Net.Client", "Grpc.Core.Api", "Grpc.Tools"]),
        new("Weir.ControlPlane.Application", ["Weir.ControlPlane.Domain", "Weir.Policy", "Weir.Sql"]),
        new("Weir.WebConsole", ["Weir.ControlPlane.Application"], []),
        new("Weir.ControlPlane.Server", ["Weir.ControlPlane.Application", "Weir.WebConsole", "Weir.Contracts"]),
        new("Weir.Agent", ["Weir.Protocol.Postgres", "Weir.Sql", "Weir.Policy", "Weir.Contracts"]),
        new("Weir.Cli", ["Weir.Contracts", "Weir.Policy", "Weir.Sql"]),
    ];

    public override string ToString() => Project;
}
