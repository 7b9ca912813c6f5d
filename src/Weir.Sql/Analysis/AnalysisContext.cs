using System.Collections.Frozen;
using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis;

/// <summary>Everything besides the text that decides what a statement means. An analysis is valid for this very context only.</summary>
/// <param name="Catalog">Null while it isn't known: then every name that isn't PostgreSQL's own is ambiguous, and every function may write.</param>
/// <param name="SearchPath">
/// The entries of the setting in order, unquoted, <c>$user</c> included. <c>pg_temp</c> and <c>pg_catalog</c> come first by themselves, as on the server.
/// Default (<c>IsDefault</c>) when it isn't known: then every unqualified name means all of that name.
/// </param>
/// <param name="CurrentUser">What <c>$user</c> stands for.</param>
/// <param name="Temporary">The session's temporary objects.</param>
/// <param name="ServerVersion">As in <c>server_version_num</c>; 0 when not known.</param>
public sealed record AnalysisContext(
    CatalogSnapshot? Catalog,
    ImmutableArray<string> SearchPath,
    string CurrentUser,
    TemporaryObjects Temporary,
    int ServerVersion)
{
    /// <summary>The session's prepared statements by exact name, those of PREPARE and of Parse: the analysis of the statement, not of the PREPARE.</summary>
    public IReadOnlyDictionary<string, StatementAnalysis> PreparedStatements { get; init; } = FrozenDictionary<string, StatementAnalysis>.Empty;

    /// <summary>The session's cursors and named portals: the analysis of their statement, not of the DECLARE.</summary>
    public IReadOnlyDictionary<string, StatementAnalysis> Cursors { get; init; } = FrozenDictionary<string, StatementAnalysis>.Empty;
}
