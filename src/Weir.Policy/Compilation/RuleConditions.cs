using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Policy.Documents;
using Weir.Policy.Packs;
using Weir.Policy.Patterns;
using Weir.Policy.Schedules;

namespace Weir.Policy.Compilation;

/// <summary>
/// The compiled conditions of one rule. A rule that objects (deny, review) matches when any part of a statement does, and what can't be known
/// counts as matching. A rule that allows is an exception from others: it matches only when everything that the statement does is covered by it,
/// so that a harmless part can't carry a harmful one past the rules.
/// </summary>
internal sealed class RuleConditions
{
    /// <summary>Effects that always fall on a relation.</summary>
    public const Effects RowWrites = Effects.Insert | Effects.Update | Effects.Delete | Effects.Merge | Effects.Truncate;

    private readonly ImmutableArray<NamePart> _commands;
    private readonly ImmutableArray<CronSchedule> _schedules;
    private readonly ImmutableArray<CronSchedule> _window;
    private readonly StatementPattern? _text;
    private readonly bool _withoutWhere;
    private readonly bool _sparesTemporary;
    private readonly bool _readsRelations;
    private readonly bool _outsideWindow;

    /// <exception cref="FormatException">A pattern that is not valid: the document was not checked by <see cref="DocumentReader"/>.</exception>
    public RuleConditions(PackConditions conditions, ImmutableArray<string> window)
    {
        var when = conditions.When;
        Effects = when.Effects;
        Relations = Names(when.Relations, 2, 2);
        Columns = Names(when.Columns, 3, 3);
        Functions = Names(when.Functions, 1, 2);
        Settings = [.. when.Settings.Select(s => SettingPattern.TryParse(s, out var pattern, out string? fault) ? pattern : throw new FormatException(fault))];
        EstimatedRowsOver = when.EstimatedRowsOver;
        _withoutWhere = when.WithoutWhere;
        _text = when.StatementPattern is null
            ? null
            : StatementPattern.TryParse(when.StatementPattern, out var regex, out string? wrong) ? regex : throw new FormatException(wrong);
        _schedules = Schedules(when.Schedule);
        _window = Schedules(window);
        _commands = [.. conditions.Commands.Select(c => NamePart.Of([.. c.Split('*')]))];
        _sparesTemporary = conditions.SparesTemporary;
        _readsRelations = conditions.ReadsRelations;
        _outsideWindow = conditions.OutsideWindow;
    }

    public Effects Effects { get; }

    public ImmutableArray<NamePattern> Relations { get; }

    public ImmutableArray<NamePattern> Columns { get; }

    public ImmutableArray<NamePattern> Functions { get; }

    public ImmutableArray<SettingPattern> Settings { get; }

    public long? EstimatedRowsOver { get; }

    /// <summary>The text itself is looked at, not only what it does.</summary>
    public bool DependsOnText => _text is not null;

    public bool IsTimeDependent => !_schedules.IsEmpty || _outsideWindow;

    /// <summary>All conditions but the estimate.</summary>
    public bool Match(StatementFacts facts, DateTimeOffset now, bool allows)
    {
        var statement = facts.Statement;
        if (_withoutWhere && statement.RowLimit != RowLimit.Unlimited)
            return false;
        if (!MatchTime(now) || !MatchCommand(statement) || (_readsRelations && statement.Relations.IsEmpty))
            return false;
        bool matches = allows ? CoversAll(facts) : TouchesAny(facts);
        return matches && (_text is null || _text.Matches(facts.Text, onDeadline: !allows));
    }

    private bool MatchTime(DateTimeOffset now)
    {
        bool outside = _outsideWindow && _window.Any(w => w.Contains(now));
        return !outside && (_schedules.IsEmpty || _schedules.Any(s => s.Contains(now)));
    }

    private bool MatchCommand(StatementAnalysis statement)
    {
        if (_commands.IsEmpty)
            return true;
        foreach (var command in _commands)
        {
            if (command.Matches(statement.Command))
                return true;
        }

        return false;
    }

    private bool TouchesAny(StatementFacts facts)
    {
        var statement = facts.Statement;
        var effects = statement.Effects & Effects;
        if (_sparesTemporary)
            effects &= ~facts.TemporaryOnly;
        if (Effects != 0 && effects == 0)
            return false;
        return (Relations.IsEmpty || TouchesRelation(facts, effects))
            && (Functions.IsEmpty || statement.Functions.Any(f => Functions.AnyObject(f.Candidates)))
            && (Columns.IsEmpty || TouchesColumn(statement))
            && (Settings.IsEmpty || statement.Settings.Any(change => Settings.Any(s => s.Matches(change.Name, change.Value))));
    }

    private bool TouchesRelation(StatementFacts facts, Effects effects)
    {
        foreach (var relation in facts.Statement.Relations)
        {
            if ((Effects == 0 || (relation.Effects & effects) != 0) && Relations.AnyObject(relation.Candidates))
                return true;
        }

        // Writes of which the analysis can't say where they go may go anywhere.
        return (effects & RowWrites & ~facts.OnRelations) != 0;
    }

    private bool TouchesColumn(StatementAnalysis statement)
    {
        if (!statement.IsLineageProvable || statement.ReadsOpaqueSource)
            return true;
        foreach (var reference in statement.Columns)
        {
            foreach (var relation in reference.Relations)
            {
                if (AnyColumn(relation, reference.Column))
                    return true;
            }
        }

        if (statement.ResultColumns.IsDefault)
            return false;
        foreach (var column in statement.ResultColumns)
        {
            if (!column.IsProvable)
                return true;
            foreach (var source in column.Sources)
            {
                if (AnyColumn(source.Relation, source.Column))
                    return true;
            }
        }

        return false;
    }

    private bool AnyColumn(QualifiedName relation, string column)
    {
        foreach (var pattern in Columns)
        {
            if (pattern.MatchesColumn(relation, column))
                return true;
        }

        return false;
    }

    private bool CoversAll(StatementFacts facts)
    {
        var statement = facts.Statement;
        if (Effects != 0 && (statement.Effects & Effects) == 0)
            return false;
        if ((statement.Effects & ~CoveredEffects()) != 0)
            return false;
        return (Relations.IsEmpty || CoversRelations(facts))
            && (Functions.IsEmpty || CoversFunctions(statement))
            && (Columns.IsEmpty || CoversColumns(statement))
            && (Settings.IsEmpty || (statement.Settings.Length > 0 && statement.Settings.All(change => change.Name.Length > 0 && Settings.Any(s => s.Matches(change.Name, change.Value)))));
    }

    // What an exception lets pass: the effects that it names, and reading; without names, what the thing that it names can do.
    private Effects CoveredEffects()
    {
        if (Effects != 0)
            return Effects | Effects.Read;
        if (!Functions.IsEmpty)
            return Effects.Read | Effects.Call | Effects.Notify;
        if (!Settings.IsEmpty)
            return Effects.Read | Effects.Session;
        if (!Columns.IsEmpty && Relations.IsEmpty)
            return Effects.Read | Effects.CopyOut;
        return _withoutWhere ? Effects.Read | Effects.Update | Effects.Delete | Effects.Merge : ~Effects.Unknown;
    }

    private bool CoversRelations(StatementFacts facts)
    {
        var wanted = Effects == 0 ? ~Effects.None : Effects;
        bool any = false;
        foreach (var relation in facts.Statement.Relations)
        {
            if ((relation.Effects & wanted) == 0)
                continue;
            any = true;
            if (relation.Candidates.Length != 1 || relation.IsAmbiguous || !Relations.AnyObject(relation.Candidates[0]))
                return false;
        }

        return any && (facts.Statement.Effects & Effects & RowWrites & ~facts.OnRelations) == 0;
    }

    private bool CoversFunctions(StatementAnalysis statement)
    {
        bool any = false;
        foreach (var function in statement.Functions)
        {
            bool named = function.Candidates.Length > 0 && function.Candidates.All(c => c.Schema.Length > 0 || Functions.Any(p => p.Parts.Count == 1)) && function.Candidates.All(c => Functions.AnyObject(c));
            any |= named;
            if (function.MayWrite && !named)
                return false;
        }

        return any;
    }

    private bool CoversColumns(StatementAnalysis statement)
        => statement.IsLineageProvable && !statement.ReadsOpaqueSource && statement.Columns.Length > 0
            && statement.Columns.All(c => c.Column != "*" && c.Relations.All(r => r.Schema.Length > 0 && AnyColumn(r, c.Column)));

    private static ImmutableArray<NamePattern> Names(ImmutableArray<string> texts, int minParts, int maxParts)
        => [.. texts.Select(t => NamePattern.TryParse(t, minParts, maxParts, out var pattern, out string? fault) ? pattern : throw new FormatException(fault))];

    private static ImmutableArray<CronSchedule> Schedules(ImmutableArray<string> texts)
        => [.. texts.Select(t => CronSchedule.TryParse(t, out var schedule, out string? fault) ? schedule : throw new FormatException(fault))];
}
