namespace Weir.Policy.Masking;

/// <summary>Which line of defence masked a column; recorded, so that <c>weir policy explain</c> can say it.</summary>
public enum MaskLayer
{
    /// <summary>The column is a masked column's value unchanged.</summary>
    Lineage,

    /// <summary>The column is computed from a masked column.</summary>
    Derived,

    /// <summary>It can't be known what flows into the column.</summary>
    Unprovable,

    /// <summary>The server's RowDescription names a masked column where lineage did not.</summary>
    Origin,
}
