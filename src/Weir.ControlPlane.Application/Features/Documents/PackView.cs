using Weir.Policy.Packs;

namespace Weir.ControlPlane.Application.Features.Documents;

/// <summary>A guardrail pack that ships with this version.</summary>
/// <param name="Id">The pack's name: there is one of each.</param>
/// <param name="NeedsWindow">A document that uses it must give a window.</param>
public sealed record PackView(string Id, string Name, int Version, string Summary, bool NeedsWindow, IReadOnlyList<PackView.Rule> Rules)
{
    /// <param name="Action">allow, deny or review, unless the document overrides it.</param>
    public sealed record Rule(string Name, string Action, string Message, string Hint);

    internal static PackView Of(Pack pack) => new(
        pack.Name,
        pack.Name,
        pack.Version,
        pack.Summary,
        pack.NeedsWindow,
        [.. pack.Rules.Select(r => new Rule(r.Name, WireName.Of(r.Action), r.Message, r.Hint))]);
}
