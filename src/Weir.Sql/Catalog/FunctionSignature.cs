using System.Collections.Immutable;
using Weir.Policy.Analysis;

namespace Weir.Sql.Catalog;

/// <summary>A function as its callers see it.</summary>
/// <param name="Arguments">Oids of the types of its input arguments.</param>
/// <param name="ReturnType">Oid of the type.</param>
/// <param name="IsSystem">PostgreSQL's own: its oid means the same function for ever.</param>
public sealed record FunctionSignature(QualifiedName Name, ImmutableArray<uint> Arguments, uint ReturnType, bool IsSystem);
