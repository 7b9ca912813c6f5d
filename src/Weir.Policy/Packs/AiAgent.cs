using Weir.Policy.Access;
using Weir.Policy.Documents;
using static Weir.Policy.Packs.PackRules;

namespace Weir.Policy.Packs;

/// <summary><c>ai-agent</c>: a model reads; what it wants to change, a person looks at first; the rest it can't have.</summary>
internal static class AiAgent
{
    private const string Ask = "Tell the user what you wanted to do and why, and let a person do it.";

    public static Pack Pack { get; } = new(
        "ai-agent",
        1,
        "For AI agents: reading passes, every write waits for a review, everything else is denied.",
        new PrincipalSelector([], [], [PrincipalKind.AiAgent]),
        NeedsWindow: false,
        [
            Deny(
                "no-schema-changes",
                Effects(Analysis.Effects.Create | Analysis.Effects.Alter | Analysis.Effects.Drop | Analysis.Effects.Truncate | Analysis.Effects.Grant
                    | Analysis.Effects.Maintenance) with { SparesTemporary = true },
                "AI agents don't change the schema or privileges",
                Ask),
            Deny(
                "no-code",
                Effects(Analysis.Effects.Dynamic | Analysis.Effects.Program | Analysis.Effects.Replication | Analysis.Effects.Lock),
                "AI agents run no code, programs or locks on the server",
                Ask),
            Deny(
                "unbounded-writes",
                new(GuardrailConditions.None with { Effects = Analysis.Effects.Update | Analysis.Effects.Delete | Analysis.Effects.Merge, WithoutWhere = true }),
                "no real predicate limits the rows that it changes",
                "Name the rows in a WHERE clause; the statement will then be shown to a reviewer."),
            Review(
                "every-write",
                Effects(Analysis.Effects.Insert | Analysis.Effects.Update | Analysis.Effects.Delete | Analysis.Effects.Merge | Analysis.Effects.CopyIn
                    | Analysis.Effects.Call | Analysis.Effects.Notify) with { SparesTemporary = true },
                "a person looks at what AI agents change",
                "Wait for the review; send the same statement again if your connection ends before."),
            Deny("no-sleep", Functions("pg_sleep*"), "it keeps a connection busy with waiting", "Wait on your side."),
        ]);
}
