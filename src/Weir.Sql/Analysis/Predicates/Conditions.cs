using System.Collections.Immutable;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Predicates;

/// <summary>What is required of a row, taken apart: equalities that pin columns, and alternatives.</summary>
internal sealed class Conditions(Walk walk, ColumnReader columns)
{
    private readonly List<Pin> _pins = [];
    private readonly List<(List<SqlNode> Alternatives, bool IsNegated)> _alternatives = [];
    private readonly Dictionary<(ScopeRelation, string), (double? From, double? To)> _ranges = [];

    public bool IsNeverTrue { get; private set; }

    public IReadOnlyList<Pin> Pins => _pins;

    public IReadOnlyList<(List<SqlNode> Alternatives, bool IsNegated)> Alternatives => _alternatives;

    /// <summary>The same with one alternative required too, in place of those it stands among.</summary>
    public Conditions With(SqlNode alternative, bool isNegated, List<SqlNode> except)
    {
        var with = new Conditions(walk, columns) { IsNeverTrue = IsNeverTrue };
        with._pins.AddRange(_pins);
        foreach (var (key, range) in _ranges)
            with._ranges[key] = range;
        foreach (var other in _alternatives)
        {
            if (!ReferenceEquals(other.Alternatives, except))
                with._alternatives.Add(other);
        }

        with.Require(alternative, isNegated);
        return with;
    }

    /// <summary>The conditions of inner joins.</summary>
    public void AddJoins(SqlNode item)
    {
        if (!item.Is("JoinExpr"))
            return;
        AddJoins(item.Child("larg"));
        AddJoins(item.Child("rarg"));
        if (item.Text("jointype") is "JOIN_INNER" or "")
            Require(item.Child("quals"), isNegated: false);
    }

    public void Require(SqlNode node, bool isNegated)
    {
        if (node.IsMissing)
            return;
        walk.Run.Step();
        Truth truth = ConstantCondition.Of(node);
        if (truth != Truth.Open)
        {
            walk.Findings.DependsOnLiterals = true;
            IsNeverTrue |= truth == Truth.Null || truth == (isNegated ? Truth.True : Truth.False);
            return;
        }

        switch (node.Tag)
        {
            case "BoolExpr":
                Connected(node, isNegated);
                break;
            case "BooleanTest" when node.Text("booltesttype") is "IS_TRUE" or "" && !isNegated:
                Require(node.Child("arg"), isNegated: false);
                break;
            case "A_Expr":
                Compared(node, isNegated);
                break;
            case "SubLink" when !isNegated:
                In(node);
                break;
        }
    }

    private void Connected(SqlNode node, bool isNegated)
    {
        string op = node.Text("boolop");
        if (op == "NOT_EXPR")
        {
            foreach (SqlNode part in node.List("args"))
                Require(part, !isNegated);
            return;
        }

        bool isConjunction = op == "AND_EXPR" != isNegated;
        if (isConjunction)
        {
            foreach (SqlNode part in node.List("args"))
                Require(part, isNegated);
            return;
        }

        var alternatives = new List<SqlNode>();
        foreach (SqlNode part in node.List("args"))
            alternatives.Add(part);
        _alternatives.Add((alternatives, isNegated));
    }

    private void Compared(SqlNode node, bool isNegated)
    {
        if (node.Names("name") is not [.., { } op])
            return;
        SqlNode left = node.Child("lexpr");
        SqlNode right = node.Child("rexpr");
        switch (node.Text("kind"))
        {
            case "AEXPR_OP" when op == "=" && !isNegated || op == "<>" && isNegated:
                Equal(left, right);
                break;
            case "AEXPR_OP" when op is "<" or "<=" or ">" or ">=":
                Range(left, right, isNegated ? Opposite(op) : op);
                break;
            case "AEXPR_NOT_DISTINCT" when !isNegated:
                // With NULL it is IS NULL; a parameter may be NULL.
                if (right.Is("A_Const") && !Constants.IsNull(right))
                    Equal(left, right);
                break;
            case "AEXPR_DISTINCT" when isNegated:
                if (right.Is("A_Const") && !Constants.IsNull(right))
                    Equal(left, right);
                break;
            case "AEXPR_IN" when op == "=" && !isNegated || op == "<>" && isNegated:
                InList(left, right.Items());
                break;
            case "AEXPR_OP_ANY" when op == "=" && !isNegated:
                AnyOf(left, right);
                break;
            case "AEXPR_BETWEEN" when !isNegated && right.Items() is { Count: 2 } bounds:
                Range(left, bounds[0], ">=");
                Range(left, bounds[1], "<=");
                break;
        }
    }

    private static string Opposite(string op) => op switch { "<" => ">=", "<=" => ">", ">" => "<=", _ => "<" };

    private void Equal(SqlNode left, SqlNode right)
    {
        if (left.Is("RowExpr") && right.Is("RowExpr") && left.List("args").Count == right.List("args").Count)
        {
            for (int i = 0; i < left.List("args").Count; i++)
                Equal(left.List("args")[i], right.List("args")[i]);
            return;
        }

        Pin(left, [right]);
        Pin(right, [left]);
    }

    private void Pin(SqlNode column, IReadOnlyList<SqlNode> values)
    {
        if (columns.Pinnable(column) is not { } relation)
            return;
        var needs = new HashSet<ScopeRelation>();
        foreach (SqlNode value in values)
        {
            if (!columns.TryRelationsOf(value, needs))
                return;
        }

        if (!needs.Contains(relation))
            _pins.Add(new Pin(relation, [.. needs]));
    }

    private void InList(SqlNode left, SqlNodeList values)
    {
        if (values.Count > BoundJudge.Few)
            return;
        if (!left.Is("RowExpr"))
        {
            Pin(left, [.. Enumerate(values)]);
            return;
        }

        for (int i = 0; i < left.List("args").Count; i++)
        {
            var column = new List<SqlNode>();
            foreach (SqlNode row in values)
            {
                if (!row.Is("RowExpr") || row.List("args").Count <= i)
                    return;
                column.Add(row.List("args")[i]);
            }

            Pin(left.List("args")[i], column);
        }
    }

    private void AnyOf(SqlNode left, SqlNode array)
    {
        while (array.Is("TypeCast"))
            array = array.Child("arg");
        if (array.Is("A_ArrayExpr") && array.List("elements").Count <= BoundJudge.Few)
        {
            Pin(left, [.. Enumerate(array.List("elements"))]);
        }
        else if (array.Is("A_Const") && Constants.TextOf(array) is { } text)
        {
            walk.Findings.DependsOnLiterals = true;
            if (text.Count(c => c == ',') < BoundJudge.Few)
                Pin(left, []);
        }
        else if (array.Is("SubLink") && array.Text("subLinkType") == "ARRAY_SUBLINK" && columns.IsFewValues(array.Child("subselect")))
        {
            Pin(left, []);
        }
    }

    /// <summary>IN (subquery): a short answer that does not depend on the row.</summary>
    private void In(SqlNode node)
    {
        if (node.Text("subLinkType") != "ANY_SUBLINK" || node.Names("operName") is { Count: > 0 } name && name[^1] != "=")
            return;
        SqlNode tested = node.Child("testexpr");
        IEnumerable<SqlNode> candidates = tested.Is("RowExpr") ? Enumerate(tested.List("args")) : [tested];
        foreach (SqlNode candidate in candidates)
        {
            if (columns.Pinnable(candidate) is not null && columns.IsFewValues(node.Child("subselect")))
                Pin(candidate, []);
        }
    }

    /// <summary>Whole numbers between two constants that are close together.</summary>
    private void Range(SqlNode left, SqlNode right, string op)
    {
        if (columns.Pinnable(left) is null && columns.Pinnable(right) is not null)
        {
            (left, right) = (right, left);
            op = op switch { "<" => ">", "<=" => ">=", ">" => "<", _ => "<=" };
        }

        if (columns.Integer(left) is not { } column || Constants.NumberOf(right) is not { } value)
            return;
        walk.Findings.DependsOnLiterals = true;
        var range = _ranges.GetValueOrDefault(column);
        range = op is ">" or ">="
            ? (Math.Max(range.From ?? double.MinValue, value), range.To)
            : (range.From, Math.Min(range.To ?? double.MaxValue, value));
        _ranges[column] = range;
        if (range is { From: { } from, To: { } to } && to - from <= BoundJudge.Few)
            _pins.Add(new Pin(column.Item1, []));
    }

    private static IEnumerable<SqlNode> Enumerate(SqlNodeList list)
    {
        for (int i = 0; i < list.Count; i++)
            yield return list[i];
    }
}
