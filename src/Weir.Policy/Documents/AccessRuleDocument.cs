using System.Collections.Immutable;
using Weir.Policy.Access;
using Weir.Policy.Schedules;

namespace Weir.Policy.Documents;

/// <summary>Who may use which connections: always, or after asking.</summary>
/// <param name="Request">Terms of asking; required when <paramref name="Mode"/> is <see cref="AccessMode.Request"/>.</param>
public sealed record AccessRuleDocument(
    DocumentMetadata Metadata,
    PrincipalSelector Principals,
    ConnectionSelector Connections,
    AccessLevel Access,
    AccessMode Mode,
    AccessRequestTerms? Request) : PolicyDocument(Metadata)
{
    public const string KindName = "AccessRule";

    /// <summary>Cron expressions (five fields, UTC) of the minutes in which a standing rule gives access, and outside of which it ends sessions; empty for always.</summary>
    public ImmutableArray<string> Schedule { get; init; } = [];

    /// <summary>The rule gives access at that instant, as far as its schedule goes.</summary>
    public bool HoldsAt(DateTimeOffset at) => Schedule.IsEmpty || Schedule.Any(s => CronSchedule.TryParse(s, out var schedule, out _) && schedule.Contains(at));

    public override string Kind => KindName;
}
