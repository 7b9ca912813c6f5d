using System.Collections.Immutable;
using System.Text.Json;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Predicates;

namespace Weir.Sql.Analysis.Walking;

/// <summary>Walks WITH clauses.</summary>
internal sealed class CteWalker(Walk walk)
{
    private const int MaxRounds = 8;

    public CteScope Bind(SqlNode clause, Scope? outer, CteScope? ctes)
    {
        var scope = new CteScope(ctes);
        var entries = new List<SqlNode>();
        foreach (SqlNode entry in clause.List("ctes"))
            entries.Add(entry);
        if (!clause.Flag("recursive"))
        {
            foreach (SqlNode entry in entries)
                scope.Bind(Binding(entry, walk.Queries.Query(entry.Child("ctequery"), outer, scope), outer, scope));
            return scope;
        }

        // Until it is bound, a name of this clause means itself and nothing in the catalog.
        var names = entries.Select(e => e.Text("ctename")).ToHashSet(StringComparer.Ordinal);
        foreach (string name in names)
            scope.Bind(new CteBinding(name, QueryResult.Unknown, IsBounded: static () => false));
        foreach (SqlNode entry in InOrder(entries, names))
        {
            string name = entry.Text("ctename");
            SqlNode query = entry.Child("ctequery");
            if (References(query.Fields, names).Contains(name))
                scope.Bind(Recursive(entry, query, outer, scope));
            else
                scope.Bind(Binding(entry, walk.Queries.Query(query, outer, scope), outer, scope));
        }

        return scope;
    }

    /// <summary>The least columns that the query gives back when they are put in for its own name.</summary>
    private CteBinding Recursive(SqlNode entry, SqlNode query, Scope? outer, CteScope scope)
    {
        string name = entry.Text("ctename");
        if (!query.Is("SelectStmt") || query.Plain("larg", "SelectStmt") is not { Exists: true } start)
        {
            return Binding(entry, walk.Queries.Query(query, outer, scope), outer, scope);
        }

        CteScope first = walk.Queries.With(query.Plain("withClause", "WithClause"), outer, scope) ?? scope;
        QueryResult result = walk.Queries.Query(start, outer, first);
        for (int round = 0; round < MaxRounds; round++)
        {
            scope.Bind(Named(entry, result));
            QueryResult next = result.Or(walk.Queries.Query(query, outer, scope));
            if (next.SameAs(result))
                return Named(entry, result);
            result = next;
        }

        return new CteBinding(name, result with { Columns = [.. result.Columns.Select(c => c with { Lineage = c.Lineage.Unproven() })] }, IsBounded: static () => false);
    }

    private CteBinding Binding(SqlNode entry, QueryResult result, Scope? outer, CteScope scope)
    {
        SqlNode query = entry.Child("ctequery");
        return Named(entry, result) with { IsBounded = () => new BoundJudge(walk).IsBounded(query, new Scope(outer, scope)) };
    }

    private CteBinding Named(SqlNode entry, QueryResult result)
    {
        result = result.Renamed(entry.Names("aliascolnames"));
        SqlNode search = entry.Plain("search_clause", "CTESearchClause");
        if (search.Exists)
            result = With(result, search.Text("search_seq_column"), Some(result, search.Names("search_col_list")));
        SqlNode cycle = entry.Plain("cycle_clause", "CTECycleClause");
        if (cycle.Exists)
        {
            Lineage mark = Lineage.Union(
                walk.Expressions.Value(cycle.Child("cycle_mark_value"), new Scope(null, null)),
                walk.Expressions.Value(cycle.Child("cycle_mark_default"), new Scope(null, null)));
            result = With(result, cycle.Text("cycle_mark_column"), mark);
            result = With(result, cycle.Text("cycle_path_column"), Some(result, cycle.Names("cycle_col_list")));
        }

        return new CteBinding(entry.Text("ctename"), result, IsBounded: static () => false);
    }

    private static QueryResult With(QueryResult result, string name, Lineage lineage) =>
        result with { Columns = [.. result.Columns.Where(c => c.Name != name), new OutputColumn(name, lineage)] };

    private static Lineage Some(QueryResult result, List<string> names) =>
        Lineage.Union(result.Columns.Where(c => names.Contains(c.Name)).Select(c => c.Lineage)).Derived();

    /// <summary>WITH RECURSIVE may refer forward: those that others refer to come first.</summary>
    private static List<SqlNode> InOrder(List<SqlNode> entries, HashSet<string> names)
    {
        var byName = new Dictionary<string, SqlNode>(StringComparer.Ordinal);
        foreach (SqlNode entry in entries)
            byName.TryAdd(entry.Text("ctename"), entry);
        var needs = byName.ToDictionary(e => e.Key, e => References(e.Value.Child("ctequery").Fields, names), StringComparer.Ordinal);
        var ordered = new List<SqlNode>(entries.Count);
        var done = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Stack<(string Name, bool IsReady)>();
        foreach (SqlNode entry in entries)
        {
            pending.Push((entry.Text("ctename"), false));
            var onPath = new HashSet<string>(StringComparer.Ordinal);
            while (pending.TryPop(out var next))
            {
                if (next.IsReady)
                {
                    if (done.Add(next.Name))
                        ordered.Add(byName[next.Name]);
                    continue;
                }

                if (done.Contains(next.Name) || !onPath.Add(next.Name))
                    continue;
                pending.Push((next.Name, true));
                foreach (string need in needs[next.Name])
                    pending.Push((need, false));
            }
        }

        return ordered;
    }

    /// <summary>Those of the names that stand as unqualified relations anywhere below.</summary>
    private static HashSet<string> References(JsonElement root, HashSet<string> names)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Stack<JsonElement>();
        pending.Push(root);
        while (pending.TryPop(out JsonElement element))
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement item in element.EnumerateArray())
                    pending.Push(item);
            }
            else if (element.ValueKind == JsonValueKind.Object)
            {
                if (element.TryGetProperty("relname", out JsonElement name) && name.ValueKind == JsonValueKind.String
                    && !element.TryGetProperty("schemaname", out _) && names.Contains(name.GetString()!))
                {
                    found.Add(name.GetString()!);
                }

                foreach (JsonProperty property in element.EnumerateObject())
                    pending.Push(property.Value);
            }
        }

        return found;
    }
}
