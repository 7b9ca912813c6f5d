using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Functions;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;

namespace Weir.Sql.Analysis.Walking;

/// <summary>Walks expressions: tells where their value comes from, and finds all that they call and read on the way.</summary>
internal sealed class ExpressionWalker(Walk walk)
{
    private Findings Findings => walk.Findings;

    public Lineage Value(SqlNode node, Scope scope)
    {
        walk.Run.Step();
        switch (node.Tag)
        {
            case "":
                return Lineage.None;
            case "A_Const":
                walk.SawLiteral(node.Location, 0);
                return Lineage.None;
            case "ParamRef":
                Visited(node);
                walk.SawLiteral(0, node.Number("number"));
                return walk.Variables?.Find("$" + node.Number("number").ToString(System.Globalization.CultureInfo.InvariantCulture)) ?? Lineage.None;
            case "Integer" or "Float" or "Boolean" or "String" or "BitString" or "SetToDefault" or "SQLValueFunction" or "MergeSupportFunc" or "CurrentOfExpr" or "CaseTestExpr":
                return Lineage.None;
            case "ColumnRef":
                Visited(node);
                return walk.From.Column(node, scope);
            case "A_Expr":
                return Operator(node, scope);
            case "BoolExpr":
                return Logic(node, scope);
            case "NullTest" or "BooleanTest":
                return Value(node.Child("arg"), scope).Derived() with { IsPlain = true };
            case "TypeCast":
                return Cast(node, scope);
            case "CollateClause":
                return Value(node.Child("arg"), scope);
            case "FuncCall":
                return Call(node, scope);
            case "NamedArgExpr":
                return Value(node.Child("arg"), scope);
            case "A_Indirection":
                return Indirection(node, scope);
            case "A_ArrayExpr":
                return All(node.List("elements"), scope).Derived() with { Type = TypeJudge.AnyArray };
            case "RowExpr":
                return Row(node, scope);
            case "SubLink":
                return SubLink(node, scope);
            case "CaseExpr":
                return Case(node, scope);
            case "CoalesceExpr" or "MinMaxExpr":
                walk.Functions.Ambient();
                return All(node.List("args"), scope);
            case "GroupingFunc":
                return All(node.List("args"), scope);
            case "List":
                return All(node.Items(), scope);
            case "XmlExpr":
                return Xml(node, Lineage.Union(All(node.List("named_args"), scope), All(node.List("args"), scope)));
            case "XmlSerialize":
                walk.Types.Use(node.Plain("typeName", "TypeName"));
                return Value(node.Child("expr"), scope).Derived();
            case "ResTarget":
                return Value(node.Child("val"), scope);
            case "MultiAssignRef":
                return Value(node.Child("source"), scope);
            case "A_Indices":
                return Lineage.Union(Value(node.Child("lidx"), scope), Value(node.Child("uidx"), scope));
            default:
                return JsonWalker.TryValue(walk, node, scope) ?? Unknown(node);
        }
    }

    public Lineage All(SqlNodeList nodes, Scope scope)
    {
        var parts = new List<Lineage>();
        foreach (SqlNode node in nodes)
            parts.Add(Value(node, scope));
        return Lineage.Union(parts);
    }

    public List<Lineage> Each(SqlNodeList nodes, Scope scope)
    {
        var parts = new List<Lineage>();
        foreach (SqlNode node in nodes)
            parts.Add(Value(node, scope));
        return parts;
    }

    /// <summary>ORDER BY of an aggregate, a window or a query over nothing named.</summary>
    public void Order(SqlNodeList items, Scope scope)
    {
        foreach (SqlNode item in items)
        {
            walk.Functions.Ambient();
            Findings.Use(Value(item.Is("SortBy") ? item.Child("node") : item, scope), ColumnUse.OrderBy);
            if (item.Is("SortBy") && item.List("useOp").Count > 0)
                walk.Functions.Operator(item.Names("useOp"));
        }
    }

    public void Window(SqlNode window, Scope scope)
    {
        if (window.IsMissing)
            return;
        foreach (SqlNode item in window.List("partitionClause"))
            Findings.Use(Value(item, scope), ColumnUse.GroupBy);
        Order(window.List("orderClause"), scope);
        Findings.Use(Value(window.Child("startOffset"), scope), ColumnUse.Predicate);
        Findings.Use(Value(window.Child("endOffset"), scope), ColumnUse.Predicate);
    }

    private Lineage Operator(SqlNode node, Scope scope)
    {
        Visited(node);
        foreach (string name in OperatorsOf(node))
            walk.Functions.Operator(node.Text("kind") is "AEXPR_OP" or "AEXPR_OP_ANY" or "AEXPR_OP_ALL" ? node.Names("name") : [name]);
        Lineage left = Value(node.Child("lexpr"), scope);
        Lineage right = Value(node.Child("rexpr"), scope);
        Lineage value = Lineage.Union(left, right);
        if (!value.Sources.IsEmpty && !(node.Names("name") is [.., { } op] && TotalFunctions.Holds(node.Text("kind"), op, node, left, right) && !walk.Functions.IsUsers(node.Names("name"))))
            Findings.Use(value, ColumnUse.Computed);
        return value.Derived() with { IsPlain = true };
    }

    /// <summary>AND and OR give NULL where one side is NULL and the other does not decide; NOT gives what it is given.</summary>
    private Lineage Logic(SqlNode node, Scope scope)
    {
        var parts = new List<Lineage>();
        bool decides = node.Text("boolop") != "NOT_EXPR";
        foreach (SqlNode part in node.List("args"))
        {
            Lineage value = Value(part, scope);
            if (decides && !part.Is("NullTest") && !part.Is("BooleanTest"))
                Findings.Use(value, ColumnUse.Computed);
            parts.Add(value);
        }

        return Lineage.Union(parts);
    }

    private Lineage Xml(SqlNode node, Lineage value)
    {
        if (node.Text("op") is not ("IS_XMLELEMENT" or "IS_XMLFOREST" or "IS_XMLCONCAT" or "IS_DOCUMENT"))
            Findings.Use(value, ColumnUse.Computed);
        return value;
    }

    /// <summary>The operators that a construct stands for (manual, "Comparison Functions and Operators").</summary>
    private static IEnumerable<string> OperatorsOf(SqlNode node) => node.Text("kind") switch
    {
        "AEXPR_BETWEEN" or "AEXPR_NOT_BETWEEN" or "AEXPR_BETWEEN_SYM" or "AEXPR_NOT_BETWEEN_SYM" => [">=", "<="],
        _ => node.Names("name") is [.., { } name] ? [name] : [],
    };

    private Lineage Cast(SqlNode node, Scope scope)
    {
        Visited(node);
        SqlNode type = node.Plain("typeName", "TypeName");
        Lineage value = Value(node.Child("arg"), scope);
        uint oid = walk.Types.Cast(type, node.Child("arg"), value);
        if (!value.Sources.IsEmpty && !TotalFunctions.Cast(oid, type.List("typmods").Count > 0, value))
            Findings.Use(value, ColumnUse.Computed);
        return new Lineage(value.Sources, value.IsProvable, IsIdentity: false)
        {
            Type = oid,
            IsPlain = walk.Types.IsPlain(type),
            Row = value.Row is not null && oid != 0 ? walk.Types.Shape(oid, value) : null,
        };
    }

    private Lineage Call(SqlNode node, Scope scope)
    {
        Visited(node);
        List<Lineage> arguments = Each(node.List("args"), scope);
        Order(node.List("agg_order"), scope);
        SqlNode filter = node.Child("agg_filter");
        Lineage chosen = Lineage.None;
        if (filter.Exists)
            chosen = walk.Conditions.Require(filter, scope);
        Window(node.Plain("over", "WindowDef"), scope);
        if (node.Flag("agg_distinct"))
        {
            foreach (Lineage argument in arguments)
                Findings.Use(argument, ColumnUse.Distinct);
        }

        Lineage result = walk.Functions.Call(node, arguments);
        if (node.Flag("agg_within_group"))
        {
            // The values that are ordered are the ones that are aggregated.
            foreach (SqlNode item in node.List("agg_order"))
            {
                walk.Functions.Ambient();
                Lineage ordered = Value(item.Is("SortBy") ? item.Child("node") : item, scope);
                Findings.Use(ordered, ColumnUse.Aggregate);
                result = Lineage.Union(result, ordered).Derived();
            }
        }

        return chosen.Sources.IsEmpty ? result : Lineage.Union(result, chosen);
    }

    private Lineage Indirection(SqlNode node, Scope scope)
    {
        Lineage value = Value(node.Child("arg"), scope);
        foreach (SqlNode step in node.List("indirection"))
        {
            switch (step.Tag)
            {
                case "String":
                    value = Field(value, step.Text("sval"));
                    break;
                case "A_Indices":
                    Lineage place = Value(step, scope);
                    Findings.Use(place, ColumnUse.Computed);
                    value = Lineage.Union(value, place).Derived();
                    break;
                case "A_Star":
                    break; // the target list expands it; elsewhere it is the whole value
                default:
                    value = Unknown(step);
                    break;
            }
        }

        return value;
    }

    /// <summary><c>(value).name</c>: a field, or else the call of a function of that name on the value.</summary>
    private Lineage Field(Lineage value, string name)
    {
        RowShape? row = value.Row ?? walk.Types.Shape(value.Type, value);
        if (row?.Field(name) is { } field)
            return field;
        walk.Functions.Attribute(name, value);
        return value.Derived();
    }

    private Lineage Row(SqlNode node, Scope scope)
    {
        List<Lineage> parts = [];
        var fields = System.Collections.Immutable.ImmutableArray.CreateBuilder<OutputColumn>();
        foreach (SqlNode argument in node.List("args"))
        {
            // ROW(t.*, x) takes the columns of t one by one.
            if (walk.Queries.Star(argument, scope) is { } star)
            {
                parts.Add(star.Whole);
                fields.AddRange(star.Columns);
                continue;
            }

            Lineage value = Value(argument, scope);
            parts.Add(value);
            fields.Add(new OutputColumn("f" + (fields.Count + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), value));
        }

        Lineage union = Lineage.Union(parts);
        return union with { IsIdentity = false, IsPlain = false, Row = union.IsProvable ? new RowShape(fields.ToImmutable()) : null };
    }

    private Lineage SubLink(SqlNode node, Scope scope)
    {
        Visited(node);
        string kind = node.Text("subLinkType");
        SqlNode test = node.Child("testexpr");
        Lineage tested = test.Exists ? Value(test, scope) : Lineage.None;
        if (kind is "ANY_SUBLINK" or "ALL_SUBLINK")
            walk.Functions.Operator(node.Names("operName") is { Count: > 0 } name ? name : ["="]);
        QueryResult result = walk.Queries.Query(node.Child("subselect"), scope, scope.Ctes);
        if (kind == "EXISTS_SUBLINK")
            return Lineage.None;
        if (kind is "ANY_SUBLINK" or "ALL_SUBLINK" && test.Exists)
            Findings.Use(result.Whole, ColumnUse.Predicate);
        Lineage value = Lineage.Union(tested, result.Whole);
        if (kind == "EXPR_SUBLINK" && result.IsComplete && result.Columns.Length == 1)
            return result.Columns[0].Lineage;
        return kind == "ARRAY_SUBLINK" ? value.Derived() with { Type = TypeJudge.AnyArray } : value.Derived();
    }

    private Lineage Case(SqlNode node, Scope scope)
    {
        var parts = new List<Lineage>();
        SqlNode subject = node.Child("arg");
        Lineage tested = Value(subject, scope);
        if (subject.Exists)
            walk.Functions.Operator(["="]);
        foreach (SqlNode when in node.List("args"))
        {
            Lineage condition = Value(when.Child("expr"), scope);
            Findings.Use(Lineage.Union(tested, condition), ColumnUse.Predicate);
            parts.Add(condition);
            parts.Add(Value(when.Child("result"), scope));
        }

        parts.Add(tested);
        parts.Add(Value(node.Child("defresult"), scope));
        return Lineage.Union(parts).Derived();
    }

    private void Visited(SqlNode node)
    {
        if (walk.IsOwnText)
            Findings.Visited(node.Tag, node.Location);
    }

    private Lineage Unknown(SqlNode node)
    {
        Findings.Unknown($"The analysis does not know the construct {node.Tag}.");
        return Lineage.Unknown;
    }
}
