using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Functions;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;

namespace Weir.Sql.Analysis.Walking;

/// <summary>
/// One walk over a statement or over one definition: the walkers of its parts, and where they put what they find. Every walker knows a closed list of node
/// types; one that it does not know is an unknown effect and an unproven lineage.
/// </summary>
internal sealed class Walk
{
    private readonly Stack<Atom> _atoms = new();

    public Walk(AnalysisRun run, NameResolver names, Findings findings, VariableSet? variables = null)
    {
        Run = run;
        Names = names;
        Findings = findings;
        Variables = variables;
        Expressions = new ExpressionWalker(this);
        Conditions = new ConditionWalker(this);
        Queries = new QueryWalker(this);
        From = new FromWalker(this);
        Changes = new ChangeWalker(this);
        Functions = new FunctionJudge(this);
        Types = new TypeJudge(this);
        Triggers = new ChangeReactions(this);
        Probes = new ValueProbes(this);
    }

    public AnalysisRun Run { get; }

    public NameResolver Names { get; }

    public Findings Findings { get; }

    /// <summary>The parameters and variables of the body that is walked; null for a statement's own text.</summary>
    public VariableSet? Variables { get; }

    public ExpressionWalker Expressions { get; }

    public ConditionWalker Conditions { get; }

    public QueryWalker Queries { get; }

    public FromWalker From { get; }

    public ChangeWalker Changes { get; }

    public FunctionJudge Functions { get; }

    public TypeJudge Types { get; }

    public ChangeReactions Triggers { get; }

    public ValueProbes Probes { get; }

    /// <summary>While the target list of a query is walked: the one row of pg_settings that it is about, if it is.</summary>
    public SettingsRow? SettingsRow { get; set; }

    /// <summary>True while the tree that is walked came from the client's text, so that its locations mean something.</summary>
    public bool IsOwnText { get; init; } = true;

    /// <summary>
    /// What unqualified names mean in the body of a function that brings no search path of its own: what they mean to its caller, which for a
    /// definition is the session.
    /// </summary>
    public NameResolver BodyNames
    {
        get => field ?? Names;
        init;
    }

    /// <summary>The same, with findings of its own.</summary>
    public Walk Apart() => new(Run, Names, new Findings(), Variables) { IsOwnText = IsOwnText, BodyNames = BodyNames };

    /// <summary>For a stored definition whose names are qualified.</summary>
    public Walk ForDefinition(VariableSet? variables = null) => new(Run, Names.ForDefinitions(), new Findings(), variables) { IsOwnText = false, BodyNames = BodyNames };

    /// <summary>For the body of a function.</summary>
    /// <param name="isOwnPath">The function sets the search path, which then holds for what it calls too.</param>
    public Walk ForBody(NameResolver names, bool isOwnPath, VariableSet variables) =>
        new(Run, names, new Findings(), variables) { IsOwnText = false, BodyNames = isOwnPath ? names : BodyNames };

    /// <summary>Walks an expression together with the literals in it, and binds each to the columns that it meets there.</summary>
    public Lineage Bound(Func<Lineage> walk, ImmutableArray<ColumnSource> also = default)
    {
        var atom = new Atom();
        _atoms.Push(atom);
        Lineage value;
        try
        {
            value = walk();
        }
        finally
        {
            _atoms.Pop();
        }

        if (atom.Literals.Count > 0)
            atom.BindTo(also.IsDefault ? value.Sources : value.Sources.AddRange(also), Findings);
        return value;
    }

    /// <summary>Notes a literal (by its location in the client's text) or a parameter.</summary>
    public void SawLiteral(int location, int parameter)
    {
        if (IsOwnText && _atoms.TryPeek(out Atom? atom))
            atom.Literals.Add(parameter > 0 ? (-1, 0, parameter) : (location, Ast.LiteralSpan.Measure(Run.Text, location), 0));
    }

    private sealed class Atom
    {
        private const int MaxColumns = 32;

        public List<(int Start, int Length, int Parameter)> Literals { get; } = [];

        public void BindTo(ImmutableArray<ColumnSource> columns, Findings findings)
        {
            if (columns.IsEmpty)
                return;
            bool tooMany = columns.Length > MaxColumns;
            foreach (var (start, length, parameter) in Literals)
            {
                if (tooMany)
                {
                    findings.Literal(new LiteralBinding(start, length, parameter, new QualifiedName("", ""), "*"));
                    continue;
                }

                foreach (ColumnSource column in columns)
                    findings.Literal(new LiteralBinding(start, length, parameter, column.Relation, column.Column));
            }
        }
    }
}
