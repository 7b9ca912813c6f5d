using System.Globalization;
using System.Text;
using System.Text.Json;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Walking;
using Weir.Sql.Catalog;
using Weir.Sql.Parsing;

namespace Weir.Sql.Analysis.Functions;

/// <summary>
/// Reads PL/pgSQL. Control flow is not followed: every statement of the body may run, and all that any of them reads may flow into
/// what the function returns. Text that is built and executed makes the body dynamic.
/// </summary>
internal sealed class PlpgsqlReader(Walk walk, CatalogFunction? function, NameResolver names, bool isOwnPath)
{
    private const uint Trigger = 2279;
    private const uint EventTrigger = 3838;
    private const uint Void = 2278;

    /// <summary>The statements of the language (PostgreSQL's plpgsql.h), with what they do by themselves.</summary>
    private static readonly Dictionary<string, Effects> Statements = new(StringComparer.Ordinal)
    {
        ["PLpgSQL_stmt_block"] = Effects.None,
        ["PLpgSQL_stmt_assign"] = Effects.None,
        ["PLpgSQL_stmt_if"] = Effects.None,
        ["PLpgSQL_stmt_case"] = Effects.None,
        ["PLpgSQL_stmt_loop"] = Effects.None,
        ["PLpgSQL_stmt_while"] = Effects.None,
        ["PLpgSQL_stmt_fori"] = Effects.None,
        ["PLpgSQL_stmt_fors"] = Effects.None,
        ["PLpgSQL_stmt_forc"] = Effects.None,
        ["PLpgSQL_stmt_foreach_a"] = Effects.None,
        ["PLpgSQL_stmt_exit"] = Effects.None,
        ["PLpgSQL_stmt_return"] = Effects.None,
        ["PLpgSQL_stmt_return_next"] = Effects.None,
        ["PLpgSQL_stmt_return_query"] = Effects.None,
        ["PLpgSQL_stmt_raise"] = Effects.None,
        ["PLpgSQL_stmt_assert"] = Effects.None,
        ["PLpgSQL_stmt_execsql"] = Effects.None,
        ["PLpgSQL_stmt_dynexecute"] = Effects.Dynamic,
        ["PLpgSQL_stmt_dynfors"] = Effects.Dynamic,
        ["PLpgSQL_stmt_getdiag"] = Effects.None,
        ["PLpgSQL_stmt_open"] = Effects.None,
        ["PLpgSQL_stmt_fetch"] = Effects.None,
        ["PLpgSQL_stmt_close"] = Effects.None,
        ["PLpgSQL_stmt_perform"] = Effects.None,
        ["PLpgSQL_stmt_call"] = Effects.Call,
        ["PLpgSQL_stmt_commit"] = Effects.Transaction,
        ["PLpgSQL_stmt_rollback"] = Effects.Transaction,
        ["PLpgSQL_stmt_set"] = Effects.Session,
    };

    private readonly Walk _inner = walk.ForBody(names, isOwnPath, function is null ? new VariableSet { IsOpen = true } : BodyReader.Parameters(walk, function, isOpen: true));
    private readonly List<Lineage> _read = [];
    private bool _tells;
    private bool _decides;
    private bool _isReadable = true;
    private bool _loops;
    private readonly List<string> _definitions = [];
    private bool _movesOtherwise;
    private bool _usesDefinitions;

    /// <summary>The body of the function; null when it can't be read.</summary>
    public BodySummary? Read() => function?.Source is { } source ? Read(Wrapped(source)) : null;

    /// <summary>A CREATE FUNCTION or DO statement.</summary>
    public BodySummary? Read(string statement)
    {
        using ParseOutcome outcome = walk.Run.Parser.ParsePlpgsql(Encoding.UTF8.GetBytes(statement));
        if (outcome is not ParsedPlpgsql parsed)
            return null;
        foreach (JsonElement body in parsed.Functions.EnumerateArray())
            Visit(body);
        if (!_isReadable)
            return null;
        Lineage all = Lineage.Union(_read).Derived();

        // One row at a time, but as often as the loop likes.
        if (_loops && (_inner.Findings.Effects & (Effects.Update | Effects.Delete | Effects.Merge)) != 0)
            _inner.Findings.Limit(RowLimit.Unlimited);
        bool isDynamic = (_inner.Findings.Effects & Effects.Dynamic) != 0;
        if (_tells || isDynamic)
            _inner.Findings.Use(all, ColumnUse.FunctionInput);

        // Variables are not followed: what was read may be what is written, sent, or built into a statement.
        if (BodyReader.MayWrite(_inner.Findings))
            _inner.Findings.Use(all, ColumnUse.CopiedTo);
        if (_decides)
            _inner.Findings.Use(all, ColumnUse.Predicate);
        if (isDynamic)
        {
            _inner.Findings.ReadsOpaqueSource = true;
            all = all.Unproven();
        }

        var result = new QueryResult([new OutputColumn("", all)], IsComplete: true);
        if (function is { Output.Length: > 0 })
            result = new QueryResult([.. function.Output.Select(o => new OutputColumn(o.Name, all))], IsComplete: true);
        else if (function is not null && _inner.Types.Shape(function.ReturnType, all) is { } row)
            result = new QueryResult(row.Fields, IsComplete: true);
        const Effects Moving = Effects.Dynamic | Effects.Call | Effects.Unknown | Effects.Transaction;
        return new BodySummary(_inner.Findings, result, BodyReader.MayWrite(_inner.Findings), _tells)
        {
            Definitions = _movesOtherwise || (_inner.Findings.Effects & Moving) != 0 || _inner.Findings.ChangesTemporaryObjects ? null : _definitions,
            UsesDefinitions = _usesDefinitions || (_loops && _definitions.Count > 0),
        };
    }

    /// <summary>The block of a DO statement as a statement that can be read.</summary>
    public static string Block(string source)
    {
        string tag = Tag(source);
        return "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS " + tag + source + tag;
    }

    private static string Tag(string source)
    {
        string tag = "$body$";
        while (source.Contains(tag, StringComparison.Ordinal))
            tag = tag[..^1] + "_$";
        return tag;
    }

    private void Visit(JsonElement root)
    {
        // In the order of the text.
        var pending = new Stack<JsonElement>();
        pending.Push(root);
        while (_isReadable && pending.TryPop(out JsonElement element))
        {
            walk.Run.Step();
            if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement item in element.EnumerateArray().Reverse())
                    pending.Push(item);
            }
            else if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty property in element.EnumerateObject())
                    Look(property);
                foreach (JsonProperty property in element.EnumerateObject().Reverse())
                    pending.Push(property.Value);
            }
        }
    }

    private void Look(JsonProperty property)
    {
        if (property.Name.StartsWith("PLpgSQL_stmt_", StringComparison.Ordinal))
        {
            if (!Statements.TryGetValue(property.Name, out Effects effects))
                _isReadable = false;
            _inner.Findings.Effect(effects);
            _loops |= property.Name is "PLpgSQL_stmt_loop" or "PLpgSQL_stmt_while" or "PLpgSQL_stmt_fori" or "PLpgSQL_stmt_fors" or "PLpgSQL_stmt_forc" or "PLpgSQL_stmt_foreach_a" or "PLpgSQL_stmt_dynfors";
            if (property.Name == "PLpgSQL_stmt_raise" && (property.Value.TryGetProperty("params", out _) || property.Value.TryGetProperty("options", out _)))
                _tells = true;
            if (property.Name == "PLpgSQL_stmt_assert")
                _tells = true;
            // A block's variables may decide what it does; of a function that only returns values, those are masked.
            _decides |= function is null && property.Name is "PLpgSQL_stmt_if" or "PLpgSQL_stmt_case" or "PLpgSQL_stmt_while" or "PLpgSQL_stmt_fori" or "PLpgSQL_stmt_exit";
        }
        else if (property.Name is "dynquery")
        {
            _inner.Findings.Effect(Effects.Dynamic);
        }
        else if (property.Name == "PLpgSQL_expr")
        {
            Expression(property.Value);
        }
        else if (property.Name == "PLpgSQL_type" && property.Value.TryGetProperty("typname", out JsonElement type))
        {
            VariableType(type.GetString()!);
        }
    }

    private void Expression(JsonElement expression)
    {
        string text = expression.TryGetProperty("query", out JsonElement query) ? query.GetString() ?? "" : "";
        int mode = expression.TryGetProperty("parseMode", out JsonElement parseMode) ? parseMode.GetInt32() : 0;
        string? sql = mode switch
        {
            0 => text,
            1 => null, // a type's name
            2 => "SELECT " + text,
            3 or 4 or 5 => AssignedValue(text) is { } value ? "SELECT " + value : null,
            _ => null,
        };
        if (mode == 1)
            return;
        if (sql is null || Definitions.TryReadAll(_inner, sql, statements => Run(sql, statements)) is null)
            _isReadable = false;
    }

    private string Run(string sql, IReadOnlyList<SqlNode> statements)
    {
        bool changed = _inner.Findings.ChangesCatalog;
        _inner.Findings.ChangesCatalog = false;
        bool isDefinition = false;
        foreach (SqlNode statement in statements)
        {
            isDefinition = statement.Tag is not ("SelectStmt" or "InsertStmt" or "UpdateStmt" or "DeleteStmt" or "MergeStmt");
            if (!isDefinition)
                _read.Add(_inner.Queries.Query(statement, null, null).Whole);
            else
                _read.Add(new StatementWalker(_inner).Nested(statement).Whole);
        }

        _usesDefinitions |= _definitions.Count > 0;
        if (_inner.Findings.ChangesCatalog && isDefinition && statements.Count == 1)
            _definitions.Add(sql);
        else
            _movesOtherwise |= _inner.Findings.ChangesCatalog;
        _inner.Findings.ChangesCatalog |= changed;
        return "";
    }

    /// <summary>The right side of <c>target := value</c>; the target may hold subscripts.</summary>
    private static string? AssignedValue(string text)
    {
        int brackets = 0;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
            }
            else if (c is '\'' or '"')
            {
                quote = c;
            }
            else if (c is '[' or '(')
            {
                brackets++;
            }
            else if (c is ']' or ')')
            {
                brackets--;
            }
            else if (brackets == 0 && c == '=')
            {
                return text[(i + 1)..];
            }
            else if (brackets == 0 && c == ':' && i + 1 < text.Length && text[i + 1] == '=')
            {
                return text[(i + 2)..];
            }
        }

        return null;
    }

    private void VariableType(string name)
    {
        if (name.Contains('%', StringComparison.Ordinal) || name is "refcursor" or "record" or "trigger" or "UNKNOWN")
            return;
        Definitions.TryRead(_inner, "SELECT NULL::" + name, statement =>
        {
            SqlNode type = statement.List("targetList").FirstOrMissing.Child("val").Plain("typeName", "TypeName");
            if (_inner.Names.Types(type.Names("names")) is { IsEmpty: false } types)
            {
                foreach (CatalogType found in types)
                    _inner.Types.Coerce(found.Oid);
            }

            return "";
        });
    }

    /// <summary>A statement around the body that declares what the parser looks at: parameters' names and how it returns.</summary>
    private string Wrapped(string source)
    {
        var sql = new StringBuilder("CREATE ").Append(function!.Kind == 'p' ? "PROCEDURE" : "FUNCTION").Append(" f(");
        bool isFirst = true;
        for (int i = 0; i < function.Arguments.Length; i++)
        {
            string name = i < function.ArgumentNames.Length ? function.ArgumentNames[i] : "";
            bool isInOut = name.Length > 0 && function.Output.Any(o => o.Name == name);
            Argument(isInOut ? "INOUT" : "IN", name);
        }

        foreach (var (name, _) in function.Output)
        {
            if (!function.ArgumentNames.Contains(name))
                Argument("OUT", name);
        }

        sql.Append(')');
        if (function.Kind != 'p')
        {
            sql.Append(" RETURNS ").Append(function.ReturnsSet ? "SETOF " : "").Append(function.ReturnType switch
            {
                Trigger => "trigger",
                EventTrigger => "event_trigger",
                Void => "void",
                _ when function.Output.Length == 1 => "text",
                _ when function.Output.Length > 1 => "record",
                _ => _inner.Types.Shape(function.ReturnType, Lineage.None) is not null || function.ReturnType == TypeJudge.Record ? "record" : "text",
            });
        }

        string tag = Tag(source);
        return sql.Append(" LANGUAGE plpgsql AS ").Append(tag).Append(source).Append(tag).ToString();

        void Argument(string mode, string name)
        {
            if (!isFirst)
                sql.Append(", ");
            isFirst = false;
            sql.Append(mode).Append(' ');
            if (name.Length > 0)
                sql.Append('"').Append(name.Replace("\"", "\"\"", StringComparison.Ordinal)).Append("\" ");
            sql.Append("text");
        }
    }
}
