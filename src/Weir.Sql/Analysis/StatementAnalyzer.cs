using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Scripts;
using Weir.Sql.Analysis.Statements;
using Weir.Sql.Analysis.Walking;
using Weir.Sql.Catalog;
using Weir.Sql.Parsing;

namespace Weir.Sql.Analysis;

/// <summary>
/// From SQL text and what is known of the session to what its statements do. Thread-safe and without state of its own; a call takes as long as
/// parsing (see <see cref="ParserLimits.Deadline"/>) and a walk over a bounded tree.
/// </summary>
public sealed class StatementAnalyzer(PostgresParser parser)
{
    /// <param name="utf8Sql">A Query string, or the text of a Parse.</param>
    public AnalysisOutcome Analyze(ReadOnlySpan<byte> utf8Sql, AnalysisContext context)
    {
        using ParseOutcome outcome = parser.Parse(utf8Sql);
        switch (outcome)
        {
            case ParsedScript script:
                try
                {
                    return new AnalysisOutcome.Analyzed(Script(script, new AnalysisRun(parser, context, utf8Sql.ToArray())));
                }
                catch (AnalysisRefusedException e)
                {
                    return new AnalysisOutcome.Refused(e.Message);
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    // A fault of the analysis must never be the way round it, nor take a session's loop down.
                    return new AnalysisOutcome.Refused($"The statement can't be judged ({e.GetType().Name}).");
                }

            case Parsing.SyntaxFault fault:
                return new AnalysisOutcome.SyntaxFault(fault.Message, fault.SqlState, fault.CursorPosition);
            default:
                ParseRefusal refusal = ((ParseRefused)outcome).Reason;
                return new AnalysisOutcome.Refused(ReasonOf(refusal), IsPassing: refusal == ParseRefusal.TooSlow);
        }
    }

    private static ScriptAnalysis Script(ParsedScript script, AnalysisRun run)
    {
        var statements = ImmutableArray.CreateBuilder<StatementAnalysis>(script.Statements.Count);
        AnalysisContext context = run.Context;
        TemporaryObjects temporary = context.Temporary;
        var names = new ScriptNames(context.Catalog);
        bool isOnly = script.Statements.Count == 1;
        foreach (ParsedStatement parsed in script.Statements)
        {
            var findings = new Findings { HasTooManyLiterals = script.IsAbridged(parsed) };
            SqlNode node = SqlNode.Unwrap(parsed.Node);
            TemporaryObjects met = temporary;
            NameResolver Resolve(CatalogSnapshot? catalog) => new(catalog, context.SearchPath, context.CurrentUser, met);
            var walk = new Walk(run, Resolve(names.Catalog), findings);
            StatementParts parts = new StatementWalker(walk).Statement(node);
            names.Check(node, findings);
            if (names.WithoutBlocks is { } without)
                Also(new Walk(run, Resolve(without), new Findings()), node, findings, names);
            if (findings.Block is { Definitions.Count: > 0 } block)
            {
                names.Define(block, walk, Resolve);
                if (block.UsesDefinitions && !isOnly)
                    Also(new Walk(run, Resolve(names.Catalog), new Findings()), node, findings, names);
            }

            StatementAnalysis statement = PreparedText.Locate(StatementAssembler.Assemble(findings, parts, parsed.Location, parsed.Length), run.Text);
            statements.Add(statement);
            temporary = temporary.After(statement);
            if (statement.Transaction is TransactionAction.Rollback or TransactionAction.RollbackAndChain or TransactionAction.RollbackToSavepoint && temporary != TemporaryObjects.None)
                temporary = temporary.Uncertain();
            if (statement.Transaction is TransactionAction.Commit or TransactionAction.CommitAndChain or TransactionAction.Rollback or TransactionAction.RollbackAndChain)
                temporary = temporary.AfterTransaction();
            names.After(node, statement, findings.Block, walk.Names, Resolve);
        }

        return new ScriptAnalysis(statements.ToImmutable());
    }

    /// <summary>What the statement does under other circumstances counts too.</summary>
    private static void Also(Walk walk, SqlNode node, Findings findings, ScriptNames names)
    {
        if (node.Tag is "PrepareStmt" or "ExecuteStmt" or "DeallocateStmt" or "DeclareCursorStmt" or "FetchStmt" or "ClosePortalStmt")
        {
            findings.Unknown("Behind definitions in a DO block of the same text prepared statements and cursors are not followed: send them one by one.");
            return;
        }

        new StatementWalker(walk).Statement(node);
        names.Check(node, walk.Findings);
        findings.Absorb(walk.Findings, Absorbed.Part);
    }

    private string ReasonOf(ParseRefusal refusal) => refusal switch
    {
        ParseRefusal.TooLong => $"The statement is longer than the {parser.Limits.MaxTextBytes} bytes that are judged.",
        ParseRefusal.TooDeep => "The statement is nested too deeply to be judged.",
        ParseRefusal.TooSlow => "The statement takes too long to be judged.",
        ParseRefusal.TooLarge => $"The statement is too large to be judged: its tree may have {parser.Limits.MaxTreeBytes >> 20} MiB (rows of plain constants in VALUES do not count).",
        ParseRefusal.ContainsNul => "The statement holds a zero byte.",
        ParseRefusal.InvalidUtf8 => "The statement is not valid UTF-8.",
        _ => "The statement can't be judged.",
    };
}
