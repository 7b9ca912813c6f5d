using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Policy.Patterns;

namespace Weir.Policy.Compilation;

/// <summary>What the access level, before any guardrail, does not let pass.</summary>
internal sealed class AccessCheck(AccessLevel level, string connection)
{
    // Ways out of the read-only transactions that are the second net of level read.
    private static readonly SettingPattern[] ReadOnlyGuards =
        [Setting("transaction_read_only=off"), Setting("default_transaction_read_only=off")];

    private readonly string _levelName = AccessLevels.NameOf(level);

    /// <param name="allowedByName">Effects beyond the levels that a matching rule allows by name.</param>
    /// <returns>null when the level allows the statement.</returns>
    public DecisionReason? Check(StatementFacts facts, Effects allowedByName)
    {
        var statement = facts.Statement;
        if ((statement.Effects & Effects.Unknown) != 0)
            return UnknownConstruct(statement);

        var allowed = AccessLevels.EffectsOf(level) | (allowedByName & AccessLevels.ByNameOnly);
        if (level >= AccessLevel.Write)
            allowed |= facts.TemporaryOnly & AccessLevels.OnTemporary;
        var beyond = statement.Effects & ~allowed;
        if (beyond != 0)
            return Beyond(statement, beyond);
        return level == AccessLevel.Read ? CheckReadOnly(statement) : null;
    }

    private static DecisionReason UnknownConstruct(StatementAnalysis statement)
    {
        string what = statement.Notes.IsDefaultOrEmpty ? statement.Command : string.Join("; ", statement.Notes);
        return new DecisionReason(
            ReasonSource.Gateway,
            "unknown",
            Verdict.Deny,
            $"Weir does not understand what this does ({what})",
            "Write it in another way, or send its parts one by one.");
    }

    private DecisionReason Beyond(StatementAnalysis statement, Effects beyond)
    {
        string effects = string.Join(", ", EffectNames.NamesOf(beyond));
        if ((beyond & AccessLevels.ByNameOnly) != 0)
        {
            return Denied(
                $"{statement.Command} has the effect {effects}, which no access level allows",
                "An administrator can write a guardrail that allows this effect by name.");
        }

        string needed = AccessLevels.NameOf(AccessLevels.LevelFor(beyond) ?? AccessLevel.Admin);
        return Denied(
            $"{statement.Command} needs \"{needed}\" (effect {effects})",
            $"Ask for access level \"{needed}\" on connection \"{connection}\": weir requests create, or under Connections in the console.");
    }

    private DecisionReason? CheckReadOnly(StatementAnalysis statement)
    {
        foreach (var change in statement.Settings)
        {
            foreach (var guard in ReadOnlyGuards)
            {
                if (guard.Matches(change.Name, change.Value))
                    return Denied("the session can't leave read-only mode", "Ask for access level \"write\", or stay with reading.");
            }
        }

        return null;
    }

    private DecisionReason Denied(string message, string hint) => new(ReasonSource.AccessLevel, _levelName, Verdict.Deny, message, hint);

    private static SettingPattern Setting(string text)
        => SettingPattern.TryParse(text, out var pattern, out string? fault) ? pattern : throw new FormatException(fault);
}
