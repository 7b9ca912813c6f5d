using Weir.Policy.Documents;
using static Weir.Policy.Packs.PackRules;

namespace Weir.Policy.Packs;

/// <summary><c>change-window</c>: changes happen in the window of the document; outside it they wait for a review or not at all.</summary>
internal static class ChangeWindow
{
    public static Pack Pack { get; } = new(
        "change-window",
        1,
        "Outside the window, schema changes are denied and writes wait for a review.",
        PrincipalSelector.All,
        NeedsWindow: true,
        [
            Deny(
                "schema-changes",
                Effects(Analysis.Effects.Create | Analysis.Effects.Alter | Analysis.Effects.Drop | Analysis.Effects.Truncate | Analysis.Effects.Grant
                    | Analysis.Effects.Maintenance | Analysis.Effects.Dynamic) with { SparesTemporary = true, OutsideWindow = true },
                "the schema is changed in the change window only",
                "Try again in the window, or ask for an exception."),
            Review(
                "writes",
                Effects(Analysis.Effects.Insert | Analysis.Effects.Update | Analysis.Effects.Delete | Analysis.Effects.Merge | Analysis.Effects.CopyIn
                    | Analysis.Effects.Call) with { SparesTemporary = true, OutsideWindow = true },
                "outside the change window a second person looks at writes",
                "Wait for the review, or try again in the window."),
        ]);
}
