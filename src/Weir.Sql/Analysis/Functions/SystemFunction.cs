using Weir.Policy.Analysis;

namespace Weir.Sql.Analysis.Functions;

/// <param name="Effects">Beyond reading its arguments.</param>
/// <param name="IsOpaque">Its result can hold any column's values.</param>
internal sealed record SystemFunction(Effects Effects, bool IsOpaque)
{
    public static SystemFunction ReadsOnly { get; } = new(Effects.None, IsOpaque: false);

    public static SystemFunction MayWriteAnything { get; } = new(Effects.Call, IsOpaque: false);

    /// <summary>Changes the catalog behind PostgreSQL's back.</summary>
    public static SystemFunction Alters { get; } = new(Effects.Alter | Effects.Call, IsOpaque: false);

    /// <summary>What it passes on to something else than its result.</summary>
    public bool HasSideEffects => Effects != Effects.None;
}
