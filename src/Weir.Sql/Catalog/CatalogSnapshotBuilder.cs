using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using Weir.Policy.Analysis;

namespace Weir.Sql.Catalog;

/// <summary>Collects the rows of <see cref="CatalogQueries.All"/> and makes the snapshot. Not thread-safe; used once.</summary>
public sealed class CatalogSnapshotBuilder
{
    private readonly Dictionary<CatalogSection, List<string?[]>> _rows = [];

    /// <summary>Adds one row. The array is kept.</summary>
    public void Add(CatalogSection section, string?[] row)
    {
        if (!_rows.TryGetValue(section, out List<string?[]>? rows))
            _rows[section] = rows = [];
        if (rows.Count <= CatalogQueries.MaxRows)
            rows.Add(row);
    }

    /// <param name="epoch">What <see cref="CatalogQueries.Probe"/> answered in the same transaction.</param>
    /// <exception cref="FormatException">A row is not what the query of its section returns.</exception>
    public CatalogSnapshot Build(string epoch)
    {
        try
        {
            return Make(epoch);
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentException or OverflowException or NullReferenceException or InvalidOperationException)
        {
            throw new FormatException("The catalog rows do not have the form that was asked for.", e);
        }
    }

    private CatalogSnapshot Make(string epoch)
    {
        string?[] server = Rows(CatalogSection.Server) is [{ } only] ? only : throw new FormatException("The server section must have one row.");
        var schemas = Rows(CatalogSection.Schemas).ToDictionary(r => Oid(r[0]), r => r[1]!);

        var types = new List<CatalogType>();
        foreach (string?[] r in Rows(CatalogSection.Types))
        {
            if (schemas.TryGetValue(Oid(r[2]), out string? schema))
                types.Add(new CatalogType(Oid(r[0]), new QualifiedName(schema, r[1]!), Char(r[3]), Oid(r[4]), Oid(r[5]), Oid(r[6]), Char(r[7]))
                {
                    Modifier = r.Length > 8 && r[8] is { } modifier ? Int(modifier) : -1,
                    Labels = r.Length > 9 && r[9] is { } labels ? [.. ArrayText.Parse(labels).OfType<string>()] : [],
                });
        }

        var typesByOid = types.ToFrozenDictionary(t => t.Oid);
        var relations = MakeRelations(schemas, typesByOid);
        var functions = MakeFunctions(schemas, typesByOid);
        var operators = Rows(CatalogSection.Operators)
            .Where(r => schemas.ContainsKey(Oid(r[1])))
            .Select(r => new CatalogOperator(r[0]!, schemas[Oid(r[1])], Oid(r[2])))
            .GroupBy(o => o.Name, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.ToImmutableArray(), StringComparer.Ordinal);
        var casts = Rows(CatalogSection.Casts).Select(r => new CatalogCast(Oid(r[0]), Oid(r[1]), Oid(r[2]), Char(r[3]))).ToList();
        var ambient = casts.Where(c => c.Context != 'e').Select(c => c.Function)
            .Concat(Rows(CatalogSection.SupportFunctions).Select(r => Oid(r[0])))
            .Where(o => o >= CatalogSnapshot.FirstUserOid).Distinct().ToImmutableArray();

        bool complete = _rows.Values.All(rows => rows.Count <= CatalogQueries.MaxRows);
        return new CatalogSnapshot(epoch, Int(server[0]), server[1]!, complete, new CatalogContents
        {
            Schemas = schemas.Values.ToImmutableHashSet(StringComparer.Ordinal),
            RelationsByOid = new(relations),
            Relations = new(relations.Values.ToFrozenDictionary(r => r.Name)),
            FunctionsByOid = functions,
            Functions = functions.Values.GroupBy(f => f.Name.Name, StringComparer.Ordinal)
                .ToFrozenDictionary(g => g.Key, g => g.OrderBy(f => f.Oid).ToImmutableArray(), StringComparer.Ordinal),
            TypesByOid = new(typesByOid),
            Types = new(types.ToFrozenDictionary(t => t.Name)),
            SystemOperators = Rows(CatalogSection.OperatorNames).Select(r => r[0]!).ToFrozenSet(StringComparer.Ordinal),
            Operators = operators,
            CastsByTarget = casts.GroupBy(c => c.Target).ToFrozenDictionary(g => g.Key, g => g.ToImmutableArray()),
            AmbientFunctions = ambient,
            EventTriggers = [.. Rows(CatalogSection.EventTriggers).Select(r => new CatalogEventTrigger(r[0]!, r[1]!, Oid(r[2])))],
        });
    }

    private FrozenDictionary<uint, CatalogRelation> MakeRelations(Dictionary<uint, string> schemas, FrozenDictionary<uint, CatalogType> types)
    {
        var relations = new Dictionary<uint, CatalogRelation>();
        foreach (string?[] r in Rows(CatalogSection.Relations))
        {
            if (!schemas.TryGetValue(Oid(r[2]), out string? schema))
                continue;
            relations[Oid(r[0])] = new CatalogRelation
            {
                Oid = Oid(r[0]),
                Name = new QualifiedName(schema, r[1]!),
                Kind = Char(r[3]),
                RowSecurity = Bool(r[4]),
                RowType = Oid(r[5]),
                Definition = r[6],
            };
        }

        foreach (var group in Rows(CatalogSection.Columns).GroupBy(r => Oid(r[0])))
        {
            if (relations.TryGetValue(group.Key, out CatalogRelation? relation))
            {
                relation.Columns = [.. group
                    .Select(r => new CatalogColumn(short.Parse(r[1]!, CultureInfo.InvariantCulture), r[2]!, Oid(r[3]), Bool(r[4]), !string.IsNullOrEmpty(r[5]), !string.IsNullOrEmpty(r[6]), r[7])
                    {
                        Modifier = r.Length > 8 && r[8] is { } modifier ? Int(modifier) : -1,
                    })
                    .OrderBy(c => c.Number)];
            }
        }

        foreach (string?[] r in Rows(CatalogSection.Inheritance))
        {
            if (relations.TryGetValue(Oid(r[0]), out CatalogRelation? child) && relations.TryGetValue(Oid(r[1]), out CatalogRelation? parent))
            {
                child.Parents = child.Parents.Add(parent.Oid);
                parent.Children = parent.Children.Add(child.Oid);
            }
        }

        foreach (string?[] r in Rows(CatalogSection.Constraints))
        {
            var constraint = new CatalogConstraint(Oid(r[0]), Oid(r[1]), Oid(r[3]), Char(r[4]), Char(r[5]), r[6])
            {
                Columns = r.Length > 7 ? Numbers(r[7]) : [],
                ReferencedColumns = r.Length > 8 ? Numbers(r[8]) : [],
            };
            if (constraint.Type != 0 && constraint.Check is not null && types.TryGetValue(constraint.Type, out CatalogType? domain))
                domain.Checks = domain.Checks.Add(constraint.Check);
            if (relations.TryGetValue(constraint.Relation, out CatalogRelation? owner))
                owner.Constraints = owner.Constraints.Add(constraint);
            if (relations.TryGetValue(constraint.Referenced, out CatalogRelation? referenced))
                referenced.ReferencedBy = referenced.ReferencedBy.Add(constraint);
        }

        Attach(CatalogSection.UniqueColumns, relations, static (relation, r) => relation.UniqueColumns = relation.UniqueColumns.Add(short.Parse(r[1]!, CultureInfo.InvariantCulture)));

        Attach(CatalogSection.StoredExpressions, relations, static (relation, r) => relation.StoredExpressions = relation.StoredExpressions.AddRange(r.Skip(1).OfType<string>()));

        // The server words definitions by what is committed by then: what has none has been dropped while the catalog was being read.
        Attach(CatalogSection.Rules, relations, static (relation, r) =>
        {
            if (r[4] is { } definition)
                relation.Rules = relation.Rules.Add(new CatalogRule(r[1]!, Char(r[2]), Bool(r[3]), definition));
        });
        Attach(CatalogSection.Triggers, relations, static (relation, r) =>
        {
            if (r[4] is { } definition)
                relation.Triggers = relation.Triggers.Add(new CatalogTrigger(r[1]!, Oid(r[2]), Int(r[3]), definition));
        });
        Attach(CatalogSection.Policies, relations, static (relation, r) => relation.Policies = relation.Policies.Add(new CatalogPolicy(Char(r[1]), r[2], r[3])));
        return relations.ToFrozenDictionary();
    }

    private static ImmutableArray<short> Numbers(string? array) =>
        array is null ? [] : [.. ArrayText.Parse(array).Select(n => short.Parse(n!, CultureInfo.InvariantCulture))];

    private void Attach(CatalogSection section, Dictionary<uint, CatalogRelation> relations, Action<CatalogRelation, string?[]> add)
    {
        foreach (string?[] r in Rows(section))
        {
            if (relations.TryGetValue(Oid(r[0]), out CatalogRelation? relation))
                add(relation, r);
        }
    }

    private FrozenDictionary<uint, CatalogFunction> MakeFunctions(Dictionary<uint, string> schemas, FrozenDictionary<uint, CatalogType> types)
    {
        var functions = new Dictionary<uint, CatalogFunction>();
        foreach (string?[] r in Rows(CatalogSection.Functions))
        {
            if (!schemas.TryGetValue(Oid(r[2]), out string? schema))
                continue;
            var modes = ArrayText.Parse(r[9]);
            var names = ArrayText.Parse(r[10]);
            var all = r[8] is { } allTypes ? ArrayText.Parse(allTypes).Select(Oid).ToArray() : null;
            var output = ImmutableArray.CreateBuilder<(string, uint)>();
            var inputNames = ImmutableArray.CreateBuilder<string>();
            ImmutableArray<uint> inputs = [.. (r[7] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(t => Oid(t))];
            int count = all?.Length ?? inputs.Length;
            for (int i = 0; i < count; i++)
            {
                string mode = i < modes.Length ? modes[i] ?? "i" : "i";
                string name = i < names.Length ? names[i] ?? "" : "";
                if (mode is "i" or "b" or "v")
                    inputNames.Add(name);
                if (mode is "o" or "b" or "t" && all is not null)
                    output.Add((name.Length > 0 ? name : "column" + (output.Count + 1).ToString(CultureInfo.InvariantCulture), all[i]));
            }

            functions[Oid(r[0])] = new CatalogFunction
            {
                Oid = Oid(r[0]),
                Name = new QualifiedName(schema, r[1]!),
                Kind = Char(r[3]),
                Volatility = Char(r[4]) switch { 'i' => FunctionVolatility.Immutable, 's' => FunctionVolatility.Stable, _ => FunctionVolatility.Volatile },
                ReturnsSet = Bool(r[5]),
                ReturnType = Oid(r[6]),
                Arguments = inputs,
                ArgumentNames = inputNames.ToImmutable(),
                Output = output.ToImmutable(),
                DefaultCount = Int(r[11]),
                IsVariadic = Oid(r[12]) != 0,
                Language = r[13]!,
                Source = r[14],
                SqlBody = r[15],
                Settings = r[16] is { } settings ? [.. settings.Split('\n')] : [],
                Extension = r[17],
                Defaults = r.Length > 18 ? r[18] : null,
            };
        }

        foreach (string?[] r in Rows(CatalogSection.Aggregates))
        {
            if (functions.TryGetValue(Oid(r[0]), out CatalogFunction? aggregate))
                aggregate.Support = [.. r.Skip(1).Select(o => Oid(o)).Where(o => o != 0).Distinct()];
        }

        return functions.ToFrozenDictionary();
    }

    private List<string?[]> Rows(CatalogSection section) => _rows.TryGetValue(section, out List<string?[]>? rows) ? rows : [];

    private static uint Oid(string? text) => text is null ? 0 : uint.Parse(text, CultureInfo.InvariantCulture);

    private static int Int(string? text) => int.Parse(text!, CultureInfo.InvariantCulture);

    private static bool Bool(string? text) => text is "t" or "true" or "1";

    private static char Char(string? text) => string.IsNullOrEmpty(text) ? ' ' : text[0];
}
