using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;

namespace Weir.Sql.Analysis.Walking;

/// <summary>Functions, XMLTABLE and JSON_TABLE in FROM.</summary>
internal sealed class TableFunctionWalker(Walk walk)
{
    public ScopeRelation Function(SqlNode node, Scope scope)
    {
        SqlNode alias = node.Plain("alias", "Alias");
        var columns = ImmutableArray.CreateBuilder<OutputColumn>();
        bool complete = true;
        string firstName = "";
        int count = 0;
        foreach (SqlNode entry in node.List("functions"))
        {
            SqlNodeList parts = entry.Items();
            SqlNode function = parts.FirstOrMissing;
            Lineage value = walk.Bound(() => walk.Expressions.Value(function, scope));
            string name = ColumnNames.Of(function);
            if (count++ == 0)
                firstName = name;
            SqlNode definitions = parts.Count > 1 ? parts[1] : default;
            QueryResult result = Columns(node.List("coldeflist").Count > 0 ? node.List("coldeflist") : definitions.Items(), value, name);
            columns.AddRange(result.Columns);
            complete &= result.IsComplete;
        }

        if (node.Flag("ordinality"))
            columns.Add(new OutputColumn("ordinality", Lineage.None));

        // One plain column is called after the alias (manual, "Table Functions").
        string aliasName = alias.Text("aliasname");
        if (aliasName.Length > 0 && count == 1 && columns.Count > 0 && columns[0].Name == firstName && columns.Count == (node.Flag("ordinality") ? 2 : 1))
            columns[0] = columns[0] with { Name = aliasName };
        var all = new QueryResult(columns.ToImmutable(), complete).Renamed(alias.Names("colnames"));
        return new ScopeRelation
        {
            Name = aliasName.Length > 0 ? aliasName : firstName,
            Columns = all.Columns,
            IsComplete = complete,
            Rest = Lineage.Union(all.Columns.Select(c => c.Lineage)).Unproven(),
        };
    }

    public ScopeRelation XmlTable(SqlNode node, Scope scope)
    {
        Lineage document = Lineage.Union(
            walk.Expressions.Value(node.Child("docexpr"), scope),
            walk.Expressions.Value(node.Child("rowexpr"), scope),
            walk.Expressions.All(node.List("namespaces"), scope)).Derived();
        // Which rows there are, or that the document is none, tells about what is in it.
        walk.Findings.Use(document, ColumnUse.Predicate);
        var columns = ImmutableArray.CreateBuilder<OutputColumn>();
        foreach (SqlNode column in node.List("columns"))
        {
            if (column.Flag("for_ordinality"))
            {
                columns.Add(new OutputColumn(column.Text("colname"), Lineage.None));
                continue;
            }

            walk.Types.Use(column.Plain("typeName", "TypeName"));
            Lineage value = Lineage.Union(
                document,
                walk.Expressions.Value(column.Child("colexpr"), scope),
                walk.Expressions.Value(column.Child("coldefexpr"), scope));
            columns.Add(new OutputColumn(column.Text("colname"), value));
        }

        return Made(node, columns.ToImmutable(), "xmltable");
    }

    public ScopeRelation JsonTable(SqlNode node, Scope scope)
    {
        Lineage document = Lineage.Union(
            walk.Expressions.Value(node.Plain("context_item", "JsonValueExpr").Child("raw_expr"), scope),
            walk.Expressions.All(node.List("passing"), scope),
            Path(node.Plain("pathspec", "JsonTablePathSpec"), scope),
            Behavior(node, "on_error", scope)).Derived();
        bool isPlain = node.List("passing").Count == 0 && JsonWalker.IsPlainPath(node.Plain("pathspec", "JsonTablePathSpec").Child("string"));
        if (!isPlain || NodeSearch.All(node, "JsonTablePathSpec").Any(p => !JsonWalker.IsPlainPath(p.Child("string"))))
            walk.Findings.Use(document, ColumnUse.Predicate);
        var columns = ImmutableArray.CreateBuilder<OutputColumn>();
        JsonColumns(node.List("columns"), document, columns, scope);
        return Made(node, columns.ToImmutable(), "json_table");
    }

    private void JsonColumns(SqlNodeList list, Lineage document, ImmutableArray<OutputColumn>.Builder columns, Scope scope)
    {
        foreach (SqlNode column in list)
        {
            walk.Run.Step();
            Lineage path = Path(column.Plain("pathspec", "JsonTablePathSpec"), scope);
            if (column.Text("coltype") == "JTC_NESTED")
            {
                JsonColumns(column.List("columns"), Lineage.Union(document, path), columns, scope);
                continue;
            }

            SqlNode type = column.Plain("typeName", "TypeName");
            if (type.Exists)
                walk.Types.Use(type);
            Lineage value = column.Text("coltype") == "JTC_FOR_ORDINALITY"
                ? Lineage.None
                : Lineage.Union(document, path, Behavior(column, "on_empty", scope), Behavior(column, "on_error", scope)).Derived();
            columns.Add(new OutputColumn(column.Text("name"), value));
        }
    }

    private Lineage Path(SqlNode path, Scope scope) => path.Exists ? walk.Expressions.Value(path.Child("string"), scope) : Lineage.None;

    private Lineage Behavior(SqlNode node, string field, Scope scope) =>
        node.Plain(field, "JsonBehavior") is { Exists: true } behavior ? walk.Expressions.Value(behavior.Child("expr"), scope) : Lineage.None;

    private static ScopeRelation Made(SqlNode node, ImmutableArray<OutputColumn> columns, string defaultName)
    {
        SqlNode alias = node.Plain("alias", "Alias");
        return new ScopeRelation
        {
            Name = alias.Exists ? alias.Text("aliasname") : defaultName,
            Columns = new QueryResult(columns, IsComplete: true).Renamed(alias.Names("colnames")).Columns,
            IsComplete = true,
        };
    }

    /// <summary>The columns that one function gives: those it was called with a list for, its row's fields, or one plain value.</summary>
    private QueryResult Columns(SqlNodeList definitions, Lineage value, string name)
    {
        if (definitions.Count > 0)
        {
            var columns = ImmutableArray.CreateBuilder<OutputColumn>(definitions.Count);
            foreach (SqlNode definition in definitions)
            {
                walk.Types.Use(definition.Plain("typeName", "TypeName"));
                columns.Add(new OutputColumn(definition.Text("colname"), value.Derived()));
            }

            return new QueryResult(columns.ToImmutable(), IsComplete: true);
        }

        RowShape? row = value.Row ?? walk.Types.Shape(value.Type, value);
        if (row is not null)
            return new QueryResult(row.Fields, IsComplete: true);
        return new QueryResult([new OutputColumn(name, value.Derived())], value.IsPlain);
    }
}
