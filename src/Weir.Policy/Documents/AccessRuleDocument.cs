using Weir.Policy.Access;

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

    public override string Kind => KindName;
}
