using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Walking;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Functions;

/// <summary>
/// Judges calls: what they may do and where their result comes from. A name is judged as everything it may mean; overloads count as one, for
/// which of them is called depends on types that aren't known here.
/// </summary>
internal sealed class FunctionJudge(Walk walk)
{
    private Findings Findings => walk.Findings;

    /// <summary>A call in the text.</summary>
    public Lineage Call(SqlNode node, List<Lineage> arguments)
    {
        List<string> name = node.Names("funcname");
        ImmutableArray<CatalogFunction> candidates = walk.Names.Functions(name, arguments.Count);
        Lineage given = Lineage.Union(arguments);
        if (candidates.IsEmpty)
            return Unresolved(name, node, arguments, given);
        if (candidates.Any(f => !f.IsSystem))
            Findings.UsesNames = true;
        // Arguments may be cast to what the function takes.
        if (arguments.Count > 0)
            Ambient();
        if (candidates.Any(f => f.IsSystem))
            ArgumentsJudge.Look(walk, name[^1], node, arguments);
        if (candidates.Any(f => f.ReturnsSet) && !SetFunctions.TellsShapeOnly(name[^1], node))
            Findings.Use(given, ColumnUse.Predicate);
        if (!given.Sources.IsEmpty && !candidates.All(f => f.Kind == 'a' || f.ReturnsSet) && !TotalFunctions.Holds(candidates, name[^1], node, arguments))
            Findings.Use(given, ColumnUse.Computed);
        return Judge(candidates, arguments, given, indirect: false);
    }

    /// <summary>Whatever functions have that name, called with one value.</summary>
    public Lineage Named(IReadOnlyList<string> name, Lineage argument)
    {
        ImmutableArray<CatalogFunction> candidates = walk.Names.Functions(name, 1);
        return candidates.IsEmpty ? argument : Judge(candidates, [argument], argument, indirect: true);
    }

    /// <summary><c>row.name</c> where the row has no such field.</summary>
    public void Attribute(string name, Lineage row)
    {
        ImmutableArray<CatalogFunction> candidates = walk.Names.Functions([name], 1);
        if (candidates.IsEmpty)
            Findings.HasUnresolvedNames = true;
        else
        {
            if (!TotalFunctions.Holds(candidates, name, default, [row]))
                Findings.Use(row, ColumnUse.Computed);
            Judge(candidates, [row], row, indirect: false);
        }
    }

    /// <summary>An operator: only those that users or extensions made call something worth naming.</summary>
    public void Operator(IReadOnlyList<string> name)
    {
        ImmutableArray<CatalogOperator> candidates = walk.Names.Operators(name, out bool isSystem);
        if (candidates.IsEmpty)
        {
            if (isSystem || walk.Names.Catalog is null && name.Count == 1)
            {
                Ambient();
                return;
            }

            Findings.HasUnresolvedNames |= walk.Names.Catalog is not null;
            Findings.Function(new FunctionReference([new QualifiedName(name.Count > 1 ? name[^2] : "", name.Count > 0 ? name[^1] : "")], FunctionVolatility.Unknown, MayWrite: true, Indirect: true));
            return;
        }

        Findings.UsesNames = true;
        foreach (CatalogOperator candidate in candidates)
            Oid(candidate.Function, Lineage.None);
        // Which one it is depends on types: the operands may be cast, and what compares without naming an operator goes by the type's operator class.
        Ambient();
    }

    /// <summary>Whether the operator may be one that users made.</summary>
    public bool IsUsers(IReadOnlyList<string> name) => !walk.Names.Operators(name, out _).IsEmpty;

    /// <summary>A function that an object refers to: an operator's, a trigger's, a cast's.</summary>
    public Lineage Oid(uint oid, Lineage argument)
    {
        if (oid == 0 || walk.Names.Catalog is not { } catalog)
            return argument;
        if (catalog.FunctionsByOid.TryGetValue(oid, out CatalogFunction? function))
            return Judge([function], [argument], argument, indirect: true);
        Findings.Function(new FunctionReference([new QualifiedName("", "")], FunctionVolatility.Unknown, MayWrite: true, Indirect: true));
        return Lineage.Unknown;
    }

    /// <summary>What may run in any expression: implicit casts and operator classes that users made.</summary>
    public void Ambient()
    {
        if (walk.Names.Catalog is not { AmbientFunctions.IsEmpty: false } catalog)
            return;
        foreach (uint oid in catalog.AmbientFunctions)
            Oid(oid, Lineage.None);
    }

    private Lineage Judge(ImmutableArray<CatalogFunction> candidates, List<Lineage> arguments, Lineage given, bool indirect)
    {
        bool mayWrite = false;
        var volatility = FunctionVolatility.Immutable;
        Lineage? result = null;
        foreach (CatalogFunction function in Narrowed(candidates, arguments))
        {
            Lineage one = function.IsSystem ? System(function, arguments, given, ref mayWrite) : User(function, arguments, given, ref mayWrite);
            result = result is null ? one : result.Or(one);
            volatility = function.Volatility > volatility ? function.Volatility : volatility;
            if (function.Kind == 'a')
                Findings.Use(given, ColumnUse.Aggregate);
        }

        Findings.Function(new FunctionReference([.. candidates.Select(f => f.Name).Distinct()], volatility, mayWrite, indirect));
        return result!;
    }

    /// <summary>
    /// Without the system's overloads for other types than the arguments have, as far as these are known. Only such as do nothing but give a value are left
    /// out; a user's function, or one with effects, always counts.
    /// </summary>
    private IEnumerable<CatalogFunction> Narrowed(ImmutableArray<CatalogFunction> candidates, List<Lineage> arguments)
    {
        if (candidates.Length == 1 || arguments.All(a => a.Type == 0) || !candidates.Any(f => Matches(f, arguments)))
            return candidates;
        return candidates.Where(f => !f.IsSystem || Matches(f, arguments) || SystemFunctions.Find(f.Name.Name, f.Volatility, arguments.Count) != SystemFunction.ReadsOnly);
    }

    private bool Matches(CatalogFunction function, List<Lineage> arguments)
    {
        for (int i = 0; i < arguments.Count && i < function.Arguments.Length; i++)
        {
            uint given = arguments[i].Type;
            uint wanted = function.Arguments[i];
            bool fits = given == 0 || given == wanted
                || TypeJudge.IsPolymorphic(wanted) && (wanted is not (TypeJudge.AnyArray or TypeJudge.AnyCompatibleArray) || walk.Types.IsArray(given));
            if (!fits)
                return false;
        }

        return true;
    }

    private Lineage System(CatalogFunction function, List<Lineage> arguments, Lineage given, ref bool mayWrite)
    {
        SystemFunction judged = SystemFunctions.Find(function.Name.Name, function.Volatility, arguments.Count);
        Findings.DrawsFromSequence |= function.Name.Name is "nextval" or "setval";
        return Apply(judged, function, arguments, given, ref mayWrite);
    }

    private Lineage Apply(SystemFunction judged, CatalogFunction function, List<Lineage> arguments, Lineage given, ref bool mayWrite)
    {
        Findings.Effect(judged.Effects);
        mayWrite |= (judged.Effects & Effects.Call) != 0;
        // Settings, sequences, notifications, large objects: nothing masks what comes back from there.
        if (judged.HasSideEffects)
            Findings.Use(given, ColumnUse.FunctionInput | ColumnUse.CopiedTo);
        if (judged.IsOpaque)
            Findings.ReadsOpaqueSource = true;
        Lineage value = judged.IsOpaque ? given.Unproven() : given;
        return Typed(function, arguments, value.Derived());
    }

    private Lineage User(CatalogFunction function, List<Lineage> arguments, Lineage given, ref bool mayWrite)
    {
        Findings.UsesNames = true;
        foreach (uint support in function.Support)
            Oid(support, Lineage.None);
        foreach (uint type in function.Arguments)
            walk.Types.Coerce(type);
        if (arguments.Count < function.Arguments.Length && function.Defaults is { } defaults)
            Findings.Absorb(StoredExpressions.List(walk, defaults), Absorbed.Body);
        if (function.Kind == 'a')
            return Typed(function, arguments, given.Derived());
        if (function.Language is "c" or "internal")
            return Apply(ExtensionFunctions.Find(function.Extension, function.Name.Name, function.Volatility), function, arguments, given, ref mayWrite);

        BodySummary? body = BodyReader.Summary(walk, function);
        if (body is null)
        {
            mayWrite = true;
            Findings.Note($"The body of {function.Name} can't be read.");
            Findings.Use(given, ColumnUse.FunctionInput);
            Findings.ReadsOpaqueSource = true;
            return Typed(function, arguments, given.Unproven());
        }

        mayWrite |= body.MayWrite;
        Findings.Absorb(body.Findings, Absorbed.Body);
        if (body.MayWrite || body.TellsElsewhere)
            Findings.Use(given, body.MayWrite ? ColumnUse.FunctionInput | ColumnUse.CopiedTo : ColumnUse.FunctionInput);
        Lineage value = Lineage.Union(given, body.Result.Whole);
        if (function.Output.IsEmpty && body.Result is { IsComplete: true, Columns: [{ Lineage.Row: { } row }] })
            return value with { IsIdentity = false, IsPlain = false, Row = Joined(row, given), Type = function.ReturnType };
        if (body.Result.IsComplete && FieldNames(function) is { } names && names.Count == body.Result.Columns.Length && names.Count > 0)
        {
            var fields = body.Result.Columns.Select((c, i) => new OutputColumn(names[i], Lineage.Union(c.Lineage, given).Derived()));
            return value with { IsIdentity = false, IsPlain = false, Row = new RowShape([.. fields]), Type = function.ReturnType };
        }

        return Typed(function, arguments, value.Derived());
    }

    private static RowShape Joined(RowShape row, Lineage given) =>
        given.Sources.IsEmpty && given.IsProvable ? row : new RowShape([.. row.Fields.Select(f => f with { Lineage = Lineage.Union(f.Lineage, given) })]);

    private List<string>? FieldNames(CatalogFunction function) =>
        function.Output.Length > 0
            ? [.. function.Output.Select(o => o.Name)]
            : walk.Types.Shape(function.ReturnType, Lineage.None)?.Fields.Select(f => f.Name).ToList();

    /// <summary>Gives a result the type, and if it is a row the fields, that the function declares.</summary>
    private Lineage Typed(CatalogFunction function, List<Lineage> arguments, Lineage value)
    {
        if (function.Output.Length > 1 || function.Output.Length == 1 && function.ReturnsSet && function.ReturnType == TypeJudge.Record)
            return value with { IsPlain = false, Row = new RowShape([.. function.Output.Select(o => new OutputColumn(o.Name, value))]), Type = function.ReturnType };
        uint type = function.ReturnType;
        bool isPlain = arguments.All(a => a.IsPlain);
        if (type is TypeJudge.AnyElement or TypeJudge.AnyCompatible)
            type = ElementOf(function, arguments);
        else if (TypeJudge.IsPolymorphic(type))
            type = 0;
        else
            isPlain = walk.Names.Catalog!.IsPlain(type);
        return value with { Type = type, IsPlain = isPlain, Row = walk.Types.Shape(type, value) };
    }

    /// <summary>What <c>anyelement</c> stands for: an argument's type, or the type of its elements.</summary>
    private uint ElementOf(CatalogFunction function, List<Lineage> arguments)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            uint type = arguments[i].Type;
            if (type == 0)
                continue;
            bool isArray = i < function.Arguments.Length && function.Arguments[i] is TypeJudge.AnyArray or TypeJudge.AnyCompatibleArray;
            return isArray && walk.Names.Catalog!.TypesByOid.TryGetValue(type, out CatalogType? array) ? array.Element : type;
        }

        return 0;
    }

    private Lineage Unresolved(List<string> name, SqlNode node, List<Lineage> arguments, Lineage given)
    {
        // A type's name called with one value is a cast; a field's name called with a row takes the field.
        if (arguments.Count == 1 && walk.Names.Types(name) is { IsEmpty: false } types)
        {
            foreach (CatalogType type in types)
                walk.Types.CastTo(type.Oid);
            return given.Derived() with { Type = types[0].Oid };
        }

        if (arguments.Count == 1 && name.Count == 1)
        {
            RowShape? row = arguments[0].Row ?? walk.Types.Shape(arguments[0].Type, arguments[0]);
            if (row?.Field(name[0]) is { } field)
                return field.Derived();
        }

        bool isTemporary = name.Count > 1 && name[^2].StartsWith("pg_temp", StringComparison.Ordinal);
        Findings.HasUnresolvedNames |= walk.Names.Catalog is not null && !isTemporary;
        Findings.UsesNames = true;
        Findings.Function(new FunctionReference(
            [new QualifiedName(name.Count > 1 ? name[^2] : "", name.Count > 0 ? name[^1] : "")], FunctionVolatility.Unknown, MayWrite: true, Indirect: false));
        ArgumentsJudge.Look(walk, name.Count > 0 ? name[^1] : "", node, arguments);
        Findings.Use(given, ColumnUse.FunctionInput);

        // While definitions are not certain, a value that can't be named goes into a function that may keep it: a lock, a setting, a notification, a table.
        Findings.CopiesUnproven |= !given.IsProvable && !TotalFunctions.IsName(name.Count > 0 ? name[^1] : "");
        return given.Unproven().Derived();
    }
}
