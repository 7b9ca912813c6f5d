using System.Collections.Immutable;
using System.Globalization;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Walking;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Functions;

/// <summary>Reads the bodies of users' functions in SQL and PL/pgSQL.</summary>
internal static class BodyReader
{
    /// <summary>Effects that reading alone has.</summary>
    private const Effects Reading = Effects.Read;

    /// <summary>Null when the body can't be read.</summary>
    public static BodySummary? Summary(Walk walk, CatalogFunction function)
    {
        CatalogSnapshot catalog = walk.Names.Catalog!;
        NameResolver names = NamesOf(walk, function, out bool isOwnPath);
        string key = string.Create(CultureInfo.InvariantCulture, $"body:{function.Oid}:{names.PathKey}:{walk.BodyNames.PathKey}");
        bool isShared = walk.BodyNames.Temporary == TemporaryObjects.None;
        if (isShared && catalog.Memo.TryGetValue(key, out object? known))
            return (BodySummary)known;
        if (walk.Run.Active.Contains(function.Oid))
        {
            walk.Run.Recur(function.Oid);
            return Recursion();
        }

        if (!walk.Run.TryEnter(function.Oid))
            return null;
        try
        {
            BodySummary? summary = function.Language switch
            {
                "sql" => Sql(walk, function, names, isOwnPath),
                "plpgsql" => new PlpgsqlReader(walk, function, names, isOwnPath).Read(),
                _ => null,
            };
            if (summary is not null && isShared && walk.Run.MayKeep(function.Oid))
                catalog.Memo[key] = summary;
            return summary;
        }
        finally
        {
            walk.Run.Leave(function.Oid);
        }
    }

    /// <summary>Whether a body that did this does more than read.</summary>
    public static bool MayWrite(Findings findings) => (findings.Effects & ~Reading) != 0;

    /// <summary>The variables that a function's parameters are.</summary>
    public static VariableSet Parameters(Walk walk, CatalogFunction function, bool isOpen)
    {
        var variables = new VariableSet { IsOpen = isOpen, Owner = function.Name.Name };
        for (int i = 0; i < function.Arguments.Length; i++)
        {
            // What the caller passes is added at the call.
            var value = new Lineage([], IsProvable: true, IsIdentity: false) { Type = function.Arguments[i], IsPlain = walk.Names.Catalog!.IsPlain(function.Arguments[i]) };
            variables.Add("$" + (i + 1).ToString(CultureInfo.InvariantCulture), value);
            if (i < function.ArgumentNames.Length && function.ArgumentNames[i].Length > 0)
                variables.Add(function.ArgumentNames[i], value);
        }

        return variables;
    }

    private static NameResolver NamesOf(Walk walk, CatalogFunction function, out bool isOwnPath)
    {
        isOwnPath = false;
        if (function.SqlBody is not null)
            return walk.Names.ForDefinitions();
        foreach (string setting in function.Settings)
        {
            if (setting.StartsWith("search_path=", StringComparison.OrdinalIgnoreCase))
            {
                isOwnPath = true;
                return walk.BodyNames.WithPath(SearchPathText.Parse(setting["search_path=".Length..]), walk.Run.Context.CurrentUser);
            }
        }

        return walk.BodyNames;
    }

    /// <summary>A call of a function inside itself adds nothing to its effects; what it returns is not looked into.</summary>
    private static BodySummary Recursion() => new(new Findings(), QueryResult.Unknown, MayWrite: false, TellsElsewhere: false);

    private static BodySummary? Sql(Walk walk, CatalogFunction function, NameResolver names, bool isOwnPath)
    {
        if (function.SqlBody is { } standard)
            return Definitions.TryReadAll(walk, "CREATE FUNCTION f() RETURNS int LANGUAGE sql " + standard, statements => Statements(walk, function, names, isOwnPath, BodyOf(statements)));
        return function.Source is { } source ? Definitions.TryReadAll(walk, source, statements => Statements(walk, function, names, isOwnPath, statements)) : null;
    }

    /// <summary>The statements of a BEGIN ATOMIC or RETURN body.</summary>
    private static List<SqlNode> BodyOf(IReadOnlyList<SqlNode> statements)
    {
        var body = new List<SqlNode>();
        if (statements is [{ } create] && create.Child("sql_body") is { Exists: true } root)
            Flatten(root, body);
        return body;
    }

    private static void Flatten(SqlNode node, List<SqlNode> body)
    {
        if (!node.Is("List"))
        {
            body.Add(node);
            return;
        }

        foreach (SqlNode item in node.Items())
            Flatten(item, body);
    }

    private static BodySummary Statements(Walk walk, CatalogFunction function, NameResolver names, bool isOwnPath, IReadOnlyList<SqlNode> statements)
    {
        Walk inner = walk.ForBody(names, isOwnPath, Parameters(walk, function, isOpen: false));
        QueryResult result = QueryResult.Nothing;
        for (int i = 0; i < statements.Count; i++)
        {
            SqlNode statement = statements[i];
            bool isLast = i == statements.Count - 1;
            if (statement.Is("ReturnStmt"))
                result = new QueryResult([new OutputColumn("", inner.Expressions.Value(statement.Child("returnval"), new Scope(null, null)))], IsComplete: true);
            else if (statement.Tag is "SelectStmt" or "InsertStmt" or "UpdateStmt" or "DeleteStmt" or "MergeStmt")
                result = isLast ? inner.Queries.Query(statement, null, null) : Ignore(inner.Queries.Query(statement, null, null));
            else
                result = Ignore(new StatementWalker(inner).Nested(statement));
        }

        return new BodySummary(inner.Findings, result, MayWrite(inner.Findings), TellsElsewhere: false);

        static QueryResult Ignore(QueryResult _) => QueryResult.Nothing;
    }
}
