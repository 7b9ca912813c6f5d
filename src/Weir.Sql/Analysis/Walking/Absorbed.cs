namespace Weir.Sql.Analysis.Walking;

/// <summary>How the findings of one walk belong to those of another.</summary>
internal enum Absorbed
{
    /// <summary>Part of the same text.</summary>
    Part,

    /// <summary>The query of a view.</summary>
    View,

    /// <summary>The body of a function, trigger, rule, default, check or policy.</summary>
    Body,
}
