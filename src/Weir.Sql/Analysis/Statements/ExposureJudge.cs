using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Functions;
using Weir.Sql.Analysis.Walking;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Statements;

/// <summary>
/// Definitions that let values out: classifications go by name, so what gives a relation or column another name, or computes another column from it, is as
/// good as a copy; what is checked against every row or chooses rows (CHECK, index predicates, policies, rules) is as good as a condition of a query.
/// </summary>
internal sealed class ExposureJudge(Walk walk)
{
    private const string AnyColumn = "*";

    private Findings Findings => walk.Findings;

    /// <summary>The relation gets another name, or leaves the one that it is classified with.</summary>
    public void Relation(SqlNode rangeVar) => Column(rangeVar, AnyColumn);

    public void Column(SqlNode rangeVar, string column)
    {
        foreach (CatalogRelation relation in Known(rangeVar))
        {
            foreach (CatalogRelation member in walk.Names.Catalog!.Family(relation, withDescendants: true))
                Findings.Use(member.Name, column, ColumnUse.CopiedTo);
        }
    }

    public void Schema(string name)
    {
        if (walk.Names.Catalog is not { } catalog)
            return;
        foreach (CatalogRelation relation in catalog.RelationsByOid.Values)
        {
            if (relation.Name.Schema == name && relation.Columns.Length > 0 && relation.Kind is 'r' or 'p' or 'v' or 'm' or 'f')
                Findings.Use(relation.Name, AnyColumn, ColumnUse.CopiedTo);
        }
    }

    /// <summary>One subcommand of ALTER TABLE.</summary>
    public void Expressions(SqlNode rangeVar, SqlNode command)
    {
        bool copies = command.Text("subtype") is "AT_AlterColumnType" or "AT_AddColumn" or "AT_SetExpression";
        string own = command.Text("subtype") == "AT_AlterColumnType" ? command.Text("name") : "";
        foreach (string name in Named(command))
        {
            if (name != own)
                Use(rangeVar, name, copies ? ColumnUse.CopiedTo : ColumnUse.Predicate);
        }
    }

    /// <summary>Expressions over a relation's rows, with the queries inside them.</summary>
    public void Conditions(SqlNode rangeVar, SqlNode definition)
    {
        foreach (string name in Named(definition))
            Use(rangeVar, name, ColumnUse.Predicate);
        foreach (SqlNode other in NodeSearch.All(definition, "RangeVar"))
        {
            foreach (string name in Named(definition))
                Use(other, name, ColumnUse.Predicate);
        }
    }

    /// <summary>A new trigger hands whole rows to a function, which may store them elsewhere, or one column in another.</summary>
    public void Trigger(SqlNode trigger)
    {
        ImmutableArray<CatalogFunction> functions = walk.Names.Functions(trigger.Names("funcname"), 0);
        if (functions.IsEmpty || functions.Any(f => !f.IsSystem))
            Relation(trigger.Plain("relation", "RangeVar"));
        foreach (CatalogFunction function in functions)
            Body(function);
    }

    /// <summary>What a trigger's function reads, it may put into the rows that it is called for.</summary>
    private void Body(CatalogFunction function)
    {
        if (function.IsSystem || BodyReader.Summary(walk, function) is not { } body)
            return;
        foreach (ColumnSource source in body.Result.Whole.Sources)
            Findings.Use(source.Relation, source.Column, ColumnUse.CopiedTo);
    }

    /// <summary>A new body for a function that triggers call already.</summary>
    public void TriggerFunction(IReadOnlyList<string> name)
    {
        if (walk.Names.Catalog is not { } catalog || name.Count == 0)
            return;
        var oids = walk.Names.Functions(name, 0).Select(f => f.Oid).ToHashSet();
        foreach (CatalogRelation relation in catalog.RelationsByOid.Values)
        {
            if (oids.Count > 0 && relation.Triggers.Any(t => oids.Contains(t.Function)))
                Findings.Use(relation.Name, AnyColumn, ColumnUse.CopiedTo);
        }
    }

    private static HashSet<string> Named(SqlNode node)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (SqlNode reference in NodeSearch.All(node, "ColumnRef"))
        {
            foreach (SqlNode field in reference.List("fields"))
                names.Add(field.Is("A_Star") ? AnyColumn : field.Text("sval"));
        }

        return names;
    }

    private void Use(SqlNode rangeVar, string column, ColumnUse use)
    {
        foreach (CatalogRelation relation in Known(rangeVar))
        {
            bool isWhole = column == AnyColumn || column == relation.Name.Name;
            foreach (CatalogRelation member in walk.Names.Catalog!.Family(relation, withDescendants: true))
            {
                if (isWhole || member.Column(column) is not null)
                    Findings.Use(member.Name, isWhole ? AnyColumn : column, use);
            }
        }
    }

    private ImmutableArray<CatalogRelation> Known(SqlNode rangeVar) => rangeVar.IsMissing || walk.Names.Catalog is null ? [] : walk.Names.Relation(rangeVar).Known;
}
