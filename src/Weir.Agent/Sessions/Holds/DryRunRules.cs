using Weir.Agent.Sessions.Judging;
using Weir.Policy.Analysis;

namespace Weir.Agent.Sessions.Holds;

/// <summary>Which statements can be tried and undone without a trace. What can't be told is not tried.</summary>
internal static class DryRunRules
{
    private const Effects Changes = Effects.Insert | Effects.Update | Effects.Delete | Effects.Merge;

    /// <summary>Notifications are sent at the commit only.</summary>
    private const Effects Undone = Changes | Effects.Read | Effects.Notify;

    public static bool IsChange(RelationReference relation) => (relation.Effects & Changes) != 0;

    /// <summary>Why a statement is not tried, for people; null when it is.</summary>
    public static string? ReasonAgainst(Judgement judgement)
    {
        if (judgement.Statements is not [{ Analysis: { } analysis }])
            return "the text has several statements";
        if (!analysis.CanRunInTransaction)
            return "it can't run in a transaction";
        if ((analysis.Effects & Changes) == 0 || analysis.Command is "PREPARE" or "DECLARE CURSOR")
            return "only changes of rows are tried";
        foreach (var function in analysis.Functions)
        {
            // Its body can't be read, or does more than a transaction undoes; a trigger whose body was read counts by what that does.
            if (function.MayWrite || function.Volatility == FunctionVolatility.Unknown)
                return $"it calls {NameOf(function)}, of which it isn't known whether it acts outside of the transaction";
        }

        if (analysis.DrawsFromSequence)
            return "it draws from a sequence, whose numbers don't come back";
        if (analysis.ChangesForeignTable)
            return "it changes a foreign table, which lies in another server";
        if (analysis.DefersWrites)
            return "a trigger changes rows at the end of the transaction only";
        if (analysis.HasUnresolvedNames)
            return "it names something that the catalog doesn't hold";
        return (analysis.Effects & ~Undone) != 0 ? "it does more than change rows" : null;
    }

    private static string NameOf(FunctionReference function) =>
        function.Candidates.IsEmpty || function.Candidates[0].Name.Length == 0 ? "a function" : $"the function {function.Candidates[0]}";
}
