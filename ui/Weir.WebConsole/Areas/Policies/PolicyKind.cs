using Weir.Policy.Documents;

namespace Weir.WebConsole.Areas.Policies;

/// <summary>A kind of policy document.</summary>
/// <param name="Name">As documents name it.</param>
/// <param name="Title">Its plural, for people.</param>
/// <param name="Lead">What it is for.</param>
/// <param name="Template">A whole document to begin with.</param>
internal sealed record PolicyKind(string Name, string Title, string Lead, string Template)
{
    public static readonly IReadOnlyList<PolicyKind> All =
    [
        new(ConnectionDocument.KindName, "Connections", "Databases, and the agents that serve them.", PolicyTemplates.Connection),
        new(AccessRuleDocument.KindName, "Access rules", "Who may connect where, standing or on request.", PolicyTemplates.AccessRule),
        new(GuardrailDocument.KindName, "Guardrails", "Which statements are allowed, denied or held for review.", PolicyTemplates.Guardrail),
        new(GuardrailPackDocument.KindName, "Guardrail packs", "Rules that ship with Weir.", PolicyTemplates.GuardrailPack),
        new(MaskingRuleDocument.KindName, "Masking rules", "What nobody reads in the clear.", PolicyTemplates.MaskingRule),
    ];

    public static PolicyKind? Find(string? name) => All.FirstOrDefault(k => k.Name == name);
}
