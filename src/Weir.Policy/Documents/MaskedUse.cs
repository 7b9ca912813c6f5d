namespace Weir.Policy.Documents;

/// <summary>What may be done with a masked column where its value would decide which rows come back, or their order.</summary>
public enum MaskedUse
{
    Allow,
    EqualityOnly,
    Review,
    Deny,
}
