using System.Collections.Immutable;
using Weir.Policy.Access;
using Weir.Policy.Decisions;
using Weir.Policy.Documents;

namespace Weir.Agent.Reviews;

/// <summary>Everything about a held statement: what it is bound to, and what reviewers are shown.</summary>
internal sealed record ReviewDraft
{
    public required Guid SessionId { get; init; }

    /// <summary>Number of the statement in the session's recording.</summary>
    public required long Statement { get; init; }

    public required Principal Principal { get; init; }

    public required string Connection { get; init; }

    /// <summary>The text exactly as it will be forwarded: what the approval is bound to. Never leaves the agent.</summary>
    public required ReadOnlyMemory<byte> ExactText { get; init; }

    /// <summary>The parameters exactly as they will be forwarded (formats and values of the Bind, parameter types of the Parse); empty without parameters. Never leaves the agent.</summary>
    public ReadOnlyMemory<byte> ExactParameters { get; init; }

    /// <summary>The digest of the rules that applied.</summary>
    public required ReadOnlyMemory<byte> DecisionDigest { get; init; }

    /// <summary>What else must be the same for the approval to hold, such as search_path and role; empty when nothing.</summary>
    public string Surroundings { get; init; } = "";

    /// <summary>What people may approve for a while instead of this one statement; null when only the statement itself.</summary>
    public ReviewShape? Shape { get; init; }

    /// <summary>The text that reviewers see, literals of masked columns replaced.</summary>
    public required string ShownText { get; init; }

    public ImmutableArray<string> ShownParameters { get; init; } = [];

    public required ImmutableArray<DecisionReason> Reasons { get; init; }

    public required ReviewTerms Terms { get; init; }

    public ImmutableSortedDictionary<string, string> Context { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableArray<string> Relations { get; init; } = [];

    public ImmutableArray<string> SensitiveColumns { get; init; } = [];

    /// <summary>Planner's estimate; null when unknown.</summary>
    public double? EstimatedRows { get; init; }

    /// <summary>What a dry run did; null when none was asked for.</summary>
    public DryRunEffect? Effect { get; init; }
}
