namespace Weir.Policy.Documents;

/// <summary>A rule about statements, a budget, or both.</summary>
/// <param name="When">Conditions that must all hold; null when the document only sets a budget.</param>
/// <param name="Action">What happens then; null only together with a budget.</param>
/// <param name="Priority">Among matching rules the highest decides.</param>
/// <param name="Message">What the person who is refused is told.</param>
/// <param name="Shadow">Only record what the rule would have done.</param>
public sealed record GuardrailDocument(
    DocumentMetadata Metadata,
    ConnectionSelector Connections,
    PrincipalSelector Principals,
    GuardrailConditions? When,
    GuardrailAction? Action,
    ReviewTerms? Review,
    BudgetTerms? Budget,
    int Priority,
    string? Message,
    bool Shadow) : PolicyDocument(Metadata)
{
    public const string KindName = "Guardrail";

    public override string Kind => KindName;
}
