namespace Weir.Policy.Decisions;

/// <summary>What happens to a statement; the larger value is the stricter.</summary>
public enum Verdict
{
    Allow = 0,
    Review = 1,
    Deny = 2,
}
