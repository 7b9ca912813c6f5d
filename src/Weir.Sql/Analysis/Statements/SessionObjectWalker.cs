using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Statements;

/// <summary>Statements that hold another one or name one that was given before: PREPARE, EXECUTE, cursors, EXPLAIN.</summary>
internal sealed class SessionObjectWalker(Walk walk, StatementWalker statements)
{
    private Findings Findings => walk.Findings;

    public StatementParts Statement(SqlNode node) => node.Tag switch
    {
        "PrepareStmt" => Prepare(node),
        "ExecuteStmt" => Execute(node),
        "DeallocateStmt" => Deallocate(node),
        "DeclareCursorStmt" => Declare(node),
        "FetchStmt" => Fetch(node),
        "ClosePortalStmt" => Close(node),
        _ => Explain(node),
    };

    private StatementParts Prepare(SqlNode node)
    {
        string name = node.Text("name");
        foreach (SqlNode type in node.List("argtypes"))
            walk.Types.Use(type);
        StatementAnalysis inner = statements.Inside(node.Child("query"));
        walk.Run.Prepared[name] = inner;
        return new StatementParts("PREPARE") { PreparedName = name, Inner = inner };
    }

    private StatementParts Execute(SqlNode node)
    {
        string name = node.Text("name");
        Lineage given = walk.Expressions.All(node.List("params"), new Scope(null, null));
        Findings.UsesNames = true;
        if (!walk.Run.Prepared.TryGetValue(name, out StatementAnalysis? prepared))
        {
            Findings.Unknown("The prepared statement is not known.");
            return new StatementParts("EXECUTE") { PreparedName = name, Result = QueryResult.Unknown };
        }

        AnalysisReplay.Into(Findings, prepared);
        QueryResult? result = AnalysisReplay.ResultOf(prepared);
        if (!given.Sources.IsEmpty || !given.IsProvable)
        {
            // Where the statement uses its parameters isn't known here: it may be anywhere.
            Findings.Use(given, (prepared.Effects & ~Effects.Read) == 0 ? ColumnUse.Predicate : ColumnUse.CopiedTo);
            Findings.ReadsOpaqueColumn |= !given.IsProvable;
            result = result is null ? null : new QueryResult([.. result.Columns.Select(c => c with { Lineage = Lineage.Union(c.Lineage, given).Derived() })], result.IsComplete);
        }

        return new StatementParts(prepared.Command == "SELECT" ? "SELECT" : prepared.Command)
        {
            PreparedName = name,
            Inner = prepared,
            Transaction = prepared.Transaction,
            Result = result,
            CanRunInTransaction = prepared.CanRunInTransaction,
        };
    }

    private StatementParts Deallocate(SqlNode node)
    {
        Findings.Effect(Effects.Session);
        if (node.Flag("isall") || !node.Has("name"))
        {
            walk.Run.Prepared.Clear();
            return new StatementParts("DEALLOCATE ALL") { PreparedName = "*" };
        }

        walk.Run.Prepared.Remove(node.Text("name"));
        return new StatementParts("DEALLOCATE") { PreparedName = node.Text("name") };
    }

    private StatementParts Declare(SqlNode node)
    {
        string name = node.Text("portalname");
        StatementAnalysis inner = statements.Inside(node.Child("query"));
        walk.Run.Cursors[name] = inner;
        return new StatementParts("DECLARE CURSOR") { CursorName = name, Inner = inner };
    }

    private StatementParts Fetch(SqlNode node)
    {
        Findings.Effect(Effects.Read);
        string name = node.Text("portalname");
        bool isMove = node.Flag("ismove");
        walk.Run.Cursors.TryGetValue(name, out StatementAnalysis? cursor);
        return new StatementParts(isMove ? "MOVE" : "FETCH")
        {
            CursorName = name,
            Inner = cursor,
            Result = isMove ? null : cursor is null ? QueryResult.Unknown : AnalysisReplay.ResultOf(cursor) ?? QueryResult.Unknown,
        };
    }

    private StatementParts Close(SqlNode node)
    {
        Findings.Effect(Effects.Session);
        if (!node.Has("portalname"))
        {
            walk.Run.Cursors.Clear();
            return new StatementParts("CLOSE CURSOR ALL") { CursorName = "*" };
        }

        walk.Run.Cursors.Remove(node.Text("portalname"));
        return new StatementParts("CLOSE CURSOR") { CursorName = node.Text("portalname") };
    }

    private StatementParts Explain(SqlNode node)
    {
        Findings.Effect(Effects.Read);
        Findings.DependsOnLiterals = true;
        // The plan shows the parameters of EXECUTE as constants.
        Lineage parameters = Lineage.None;
        if (node.Child("query") is { Tag: "ExecuteStmt" } execute)
            parameters = walk.Expressions.All(execute.List("params"), new Scope(null, null)).Derived();
        var plan = new QueryResult([new OutputColumn("QUERY PLAN", parameters)], IsComplete: true);
        if (StatementWalker.HasOption(node.List("options"), "analyze"))
        {
            // What it ran may have been cut short by an error that shows in no plan; the plan itself holds no values.
            return new StatementParts("EXPLAIN") { Inner = statements.Inside(node.Child("query")), Result = plan };
        }

        StatementAnalysis inner = statements.Inside(node.Child("query"), PlannedOnly);
        bool isFolded = inner.Functions.Any(f => f.Volatility == FunctionVolatility.Immutable && f.Candidates.Any(c => c.Schema != "pg_catalog"));
        if (isFolded)
        {
            // The planner replaces a call of an immutable function by its value, which the plan then shows.
            Lineage shown = Lineage.Union(parameters, Lineage.Union(inner.Relations.SelectMany(r => r.Candidates).Select(c => new Lineage([new ColumnSource(c, 0, "*")], IsProvable: true, IsIdentity: false))));
            plan = new QueryResult([new OutputColumn("QUERY PLAN", shown)], IsComplete: true);
        }

        return new StatementParts("EXPLAIN") { Result = plan };
    }

    /// <summary>
    /// Of a statement that is only planned: it reads and changes nothing, but the planner evaluates immutable and stable functions, and its
    /// estimates tell about constants. What depends on no constant (column = column) tells nothing.
    /// </summary>
    private static Findings PlannedOnly(Findings inner)
    {
        var planned = new Findings { DependsOnLiterals = true, HasUnresolvedNames = inner.HasUnresolvedNames, UsesNames = inner.UsesNames };
        foreach (RelationReference relation in inner.Relations)
            planned.Relation(relation.Candidates, relation.Oid, Effects.Read, relation.ThroughView);
        bool mayRun = inner.Functions.Any(f => f.MayWrite && f.Volatility != FunctionVolatility.Volatile);
        foreach (FunctionReference function in inner.Functions)
            planned.Function(function with { MayWrite = function.MayWrite && function.Volatility != FunctionVolatility.Volatile });
        if (mayRun)
            planned.Effect(inner.Effects & ~(Effects.Insert | Effects.Update | Effects.Delete | Effects.Merge) | Effects.Call);
        planned.Effect(inner.Effects & Effects.Unknown);
        foreach (ColumnReference column in inner.Columns)
        {
            ColumnUse use = column.Use & (ColumnUse.EqualityPredicate | ColumnUse.Predicate);
            if (use == ColumnUse.EqualityPredicate && !column.ComparedWith.IsEmpty)
                continue;
            if (use != ColumnUse.None)
                planned.Use(column.Relations[0], column.Column, use);
        }

        foreach (LiteralBinding literal in inner.Literals)
            planned.Literal(literal);
        foreach (string note in inner.Notes)
            planned.Note(note);
        return planned;
    }
}
