using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Lineages;

namespace Weir.Sql.Analysis.Walking;

/// <summary>What a walk over a statement, or over a definition that it uses, has found so far.</summary>
internal sealed class Findings
{
    private const int MaxLiterals = 4_000;

    private readonly Dictionary<string, RelationReference> _relations = new(StringComparer.Ordinal);
    private readonly Dictionary<(QualifiedName Relation, string Column), (ColumnUse Use, HashSet<(QualifiedName, string)> With, int Guesses)> _columns = [];
    private readonly Dictionary<string, FunctionReference> _functions = new(StringComparer.Ordinal);
    private readonly List<SettingChange> _settings = [];
    private readonly HashSet<LiteralBinding> _literals = [];
    private readonly List<string> _notes = [];
    private readonly HashSet<(string Tag, int Location)> _visited = [];

    public Effects Effects { get; private set; }

    public RowLimit RowLimit { get; private set; }

    public bool ReadsOpaqueSource { get; set; }

    public bool ReadsOpaqueColumn { get; set; }

    public bool CopiesUnproven { get; set; }

    public bool ChangesCatalog { get; set; }

    public bool ChangesTemporaryObjects { get; set; }

    public bool DependsOnLiterals { get; set; }

    public bool DependsOnParameters { get; set; }

    public bool HasUnresolvedNames { get; set; }

    public bool MayExhaustServer { get; set; }

    public bool DefersWrites { get; set; }

    /// <summary>Of a DO block whose body was read, and moves names by plain definitions at most.</summary>
    public Functions.BodySummary? Block { get; set; }

    public bool DrawsFromSequence { get; set; }

    public bool ChangesForeignTable { get; set; }

    /// <summary>Names something that another statement of the same text could have changed.</summary>
    public bool UsesNames { get; set; }

    /// <summary>Not all constants of the text are noted: any may belong to any column.</summary>
    public bool HasTooManyLiterals { get; set; }

    public IReadOnlyCollection<RelationReference> Relations => _relations.Values;

    public IReadOnlyCollection<FunctionReference> Functions => _functions.Values;

    public IReadOnlyList<SettingChange> Settings => _settings;

    public IReadOnlyCollection<LiteralBinding> Literals => _literals;

    public IReadOnlyList<string> Notes => _notes;

    public IEnumerable<ColumnReference> Columns => _columns.Select(c => new ColumnReference(
        [c.Key.Relation],
        c.Key.Column,
        // One comparison with a constant is a guess; several are a list of guesses.
        c.Value.Guesses > 1 ? c.Value.Use | ColumnUse.Predicate : c.Value.Use,
        [.. c.Value.With]));

    public void Effect(Effects effects) => Effects |= effects;

    public void Limit(RowLimit limit)
    {
        if (limit > RowLimit)
            RowLimit = limit;
    }

    public void Note(string note)
    {
        if (_notes.Count < 20 && !_notes.Contains(note))
            _notes.Add(note);
    }

    public void Unknown(string note)
    {
        Effect(Effects.Unknown);
        Note(note);
    }

    /// <summary>Records the effects on one relation, and so on the statement.</summary>
    public void Relation(ImmutableArray<QualifiedName> candidates, uint oid, Effects effects, bool throughView = false)
    {
        Effect(effects);
        string key = string.Join('\u0001', candidates) + (throughView ? "\u0002" : "");
        _relations[key] = _relations.TryGetValue(key, out RelationReference? known)
            ? known with { Effects = known.Effects | effects }
            : new RelationReference(candidates, oid, effects, throughView);
    }

    /// <summary>Records the effects on what belongs to a relation: what is done to it without ONLY is done to its partitions and children.</summary>
    public void Parts(Walk walk, Catalog.CatalogRelation relation, Effects effects)
    {
        if (effects == Effects.None || relation.Children.IsEmpty || walk.Names.Catalog is not { } catalog)
            return;
        foreach (Catalog.CatalogRelation part in catalog.Descendants(relation))
            Relation([part.Name], part.Oid, effects);
    }

    public void Function(FunctionReference function)
    {
        string key = string.Join('\u0001', function.Candidates);
        _functions[key] = _functions.TryGetValue(key, out FunctionReference? known)
            ? known with { MayWrite = known.MayWrite || function.MayWrite, Indirect = known.Indirect && function.Indirect, Volatility = Worse(known.Volatility, function.Volatility) }
            : function;
        if (function.MayWrite)
            Effect(Effects.Call);
    }

    public void Setting(SettingChange change)
    {
        _settings.Add(change);
        Effect(Effects.Session);
    }

    /// <summary>Records how the base columns behind a value are used.</summary>
    public void Use(Lineage value, ColumnUse use)
    {
        CopiesUnproven |= use == ColumnUse.CopiedTo && !value.IsProvable;
        foreach (ColumnSource source in value.Sources)
            Use(source.Relation, source.Column, use);
    }

    public void Use(QualifiedName relation, string column, ColumnUse use)
    {
        var key = (relation, column);
        _columns[key] = _columns.TryGetValue(key, out var known) ? (known.Use | use, known.With, known.Guesses) : (use, [], 0);
    }

    /// <summary>Records <c>column = constant</c>.</summary>
    public void Guess(Lineage column)
    {
        foreach (ColumnSource source in column.Sources)
        {
            Use(source.Relation, source.Column, ColumnUse.EqualityPredicate);
            var key = (source.Relation, source.Column);
            var known = _columns[key];
            _columns[key] = (known.Use, known.With, known.Guesses + 1);
        }
    }

    /// <summary>Records <c>column = column</c>.</summary>
    public void Equated(Lineage left, Lineage right)
    {
        foreach (ColumnSource a in left.Sources)
        {
            foreach (ColumnSource b in right.Sources)
            {
                Use(a.Relation, a.Column, ColumnUse.EqualityPredicate);
                Use(b.Relation, b.Column, ColumnUse.EqualityPredicate);
                _columns[(a.Relation, a.Column)].With.Add((b.Relation, b.Column));
                _columns[(b.Relation, b.Column)].With.Add((a.Relation, a.Column));
            }
        }
    }

    public void Literal(LiteralBinding binding)
    {
        if (_literals.Count < MaxLiterals)
            _literals.Add(binding);
        else
            HasTooManyLiterals = true;
    }

    public void Visited(string tag, int location) => _visited.Add((tag, location));

    public bool WasVisited(string tag, int location) => _visited.Contains((tag, location));

    /// <summary>Takes over what a definition's walk found.</summary>
    /// <param name="kind">How the definition came into play.</param>
    public void Absorb(Findings other, Absorbed kind)
    {
        Effects |= other.Effects;
        Limit(other.RowLimit);
        ReadsOpaqueSource |= other.ReadsOpaqueSource;
        ReadsOpaqueColumn |= other.ReadsOpaqueColumn;
        CopiesUnproven |= other.CopiesUnproven;
        ChangesCatalog |= other.ChangesCatalog;
        ChangesTemporaryObjects |= other.ChangesTemporaryObjects;
        HasUnresolvedNames |= other.HasUnresolvedNames;
        MayExhaustServer |= other.MayExhaustServer;
        DefersWrites |= other.DefersWrites;
        DrawsFromSequence |= other.DrawsFromSequence;
        ChangesForeignTable |= other.ChangesForeignTable;
        DependsOnLiterals |= other.DependsOnLiterals && kind == Absorbed.Part;
        DependsOnParameters |= other.DependsOnParameters && kind == Absorbed.Part;
        UsesNames |= other.UsesNames;
        foreach (RelationReference relation in other._relations.Values)
            Relation(relation.Candidates, relation.Oid, relation.Effects, relation.ThroughView || kind == Absorbed.View);
        foreach (FunctionReference function in other._functions.Values)
            Function(function with { Indirect = function.Indirect || kind != Absorbed.Part });
        foreach (SettingChange setting in other._settings)
            Setting(setting);
        foreach (string note in other._notes)
            Note(note);

        // A view's own conditions were chosen by its owner: they tell its reader nothing that its rows don't.
        foreach (var (key, value) in other._columns)
        {
            ColumnUse use = kind == Absorbed.View ? value.Use & (ColumnUse.Written | ColumnUse.CopiedTo | ColumnUse.FunctionInput) : value.Use;
            if (use == ColumnUse.None)
                continue;
            Use(key.Relation, key.Column, use);
            if (kind != Absorbed.View)
            {
                var known = _columns[key];
                known.With.UnionWith(value.With);
                _columns[key] = (known.Use, known.With, known.Guesses + value.Guesses);
            }
        }

        if (kind == Absorbed.Part)
        {
            foreach (LiteralBinding literal in other._literals)
                Literal(literal);
            HasTooManyLiterals |= other.HasTooManyLiterals;
            _visited.UnionWith(other._visited);
        }
    }

    private static FunctionVolatility Worse(FunctionVolatility a, FunctionVolatility b) => a > b ? a : b;
}
