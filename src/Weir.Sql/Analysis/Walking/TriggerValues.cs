using System.Text.RegularExpressions;
using Weir.Sql.Analysis.Functions;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Walking;

/// <summary>What triggers put into the rows that a change stores, and that its RETURNING shows.</summary>
internal static partial class TriggerValues
{
    private const int Row = 1;
    private const int Before = 2;

    /// <summary>The columns with what may flow into them from the triggers that run before the row is stored.</summary>
    public static ScopeRelation Added(Walk walk, ScopeRelation stored)
    {
        if (stored.Catalog is not { Triggers.IsEmpty: false } relation)
            return stored;
        foreach (CatalogTrigger trigger in relation.Triggers)
        {
            if ((trigger.Type & Row) == 0 || ((trigger.Type & Before) == 0 && !trigger.IsInsteadOf) || !(trigger.OnInsert || trigger.OnUpdate))
                continue;
            if (!walk.Names.Catalog!.FunctionsByOid.TryGetValue(trigger.Function, out CatalogFunction? function) || function.IsSystem || function.Language != "plpgsql" || function.Source is not { } source)
                continue;
            Lineage value = BodyReader.Summary(walk, function)?.Result.Whole ?? Lineage.Unknown;
            if (value.Sources.IsEmpty && value.IsProvable)
                continue;
            bool isAny = WholeRow().IsMatch(source);
            var names = Fields().Matches(source).Select(m => m.Groups["quoted"].Success ? m.Groups["quoted"].Value : m.Groups["name"].Value.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
            stored = new ScopeRelation
            {
                Name = stored.Name,
                Schema = stored.Schema,
                Columns = [.. stored.Columns.Select(c => isAny || names.Contains(c.Name) ? c with { Lineage = c.Lineage.Or(value).Derived() } : c)],
                IsComplete = stored.IsComplete,
                Catalog = stored.Catalog,
                Rest = stored.Rest,
                IsTarget = stored.IsTarget,
                IsTemporaryView = stored.IsTemporaryView,
            };
        }

        return stored;
    }

    /// <summary>NEW itself is assigned, or another row than NEW or OLD is returned.</summary>
    [GeneratedRegex(@"\bNEW\s*:?=|\bINTO\s+(STRICT\s+)?NEW\b(?!\s*\.)|\bRETURN\s+(?!(NEW|OLD|NULL)\s*;)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex WholeRow();

    [GeneratedRegex(@"\bNEW\s*\.\s*(""(?<quoted>[^""]+)""|(?<name>\w+))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Fields();
}
