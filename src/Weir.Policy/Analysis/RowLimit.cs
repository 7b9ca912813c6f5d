namespace Weir.Policy.Analysis;

/// <summary>Whether a real predicate limits the rows that an UPDATE, DELETE or MERGE changes, or that a SELECT … FOR UPDATE (SHARE …) locks.</summary>
public enum RowLimit
{
    /// <summary>Changes no rows of an existing relation.</summary>
    NotApplicable,

    /// <summary>Every change is limited by a predicate that can be false.</summary>
    Limited,

    /// <summary>No WHERE, or one that is (or may be) always true.</summary>
    Unlimited,
}
