using Weir.Sql.Analysis.Lineages;

namespace Weir.Sql.Analysis.Naming;

/// <summary>What a WITH name stands for.</summary>
/// <param name="IsBounded">Yields a few rows at most.</param>
internal sealed record CteBinding(string Name, QueryResult Result, Func<bool> IsBounded);
