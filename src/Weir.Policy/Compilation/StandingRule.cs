using System.Collections.Immutable;
using Weir.Policy.Access;
using Weir.Policy.Documents;
using Weir.Policy.Schedules;

namespace Weir.Policy.Compilation;

/// <summary>An access rule of mode standing, with its schedule ready.</summary>
internal sealed class StandingRule(AccessRuleDocument document)
{
    /// <summary>A right that lasts longer is looked up again.</summary>
    private static readonly TimeSpan Horizon = TimeSpan.FromHours(24);

    private readonly ImmutableArray<CronSchedule> _schedules =
        [.. document.Schedule.Select(s => CronSchedule.TryParse(s, out var schedule, out string? fault) ? schedule : throw new FormatException(fault))];

    public bool Concerns(Principal principal, ConnectionDocument connection) => document.Principals.Matches(principal) && document.Connections.Matches(connection);

    /// <summary>The highest level that some of the rules give at an instant.</summary>
    public static AccessLevel LevelAt(IReadOnlyList<StandingRule> rules, DateTimeOffset at)
    {
        var level = AccessLevel.None;
        foreach (var rule in rules)
        {
            if (rule.Level > level && rule.HoldsAt(at))
                level = rule.Level;
        }

        return level;
    }

    /// <summary>When a level that the rules give now ends, or must be looked up again; null for never.</summary>
    public static DateTimeOffset? EndOf(IReadOnlyList<StandingRule> rules, AccessLevel level, DateTimeOffset now)
    {
        if (level == AccessLevel.None || rules.Any(r => r.Level >= level && r._schedules.IsEmpty))
            return null;
        var minute = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMinute), now.Offset);
        var at = minute;
        do
            at = at.AddMinutes(1);
        while (at - minute < Horizon && LevelAt(rules, at) >= level);
        return at;
    }

    private AccessLevel Level => document.Access;

    private bool HoldsAt(DateTimeOffset at) => _schedules.IsEmpty || _schedules.Any(s => s.Contains(at));
}
