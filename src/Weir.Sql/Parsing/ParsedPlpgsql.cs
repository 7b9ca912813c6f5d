using System.Text.Json;

namespace Weir.Sql.Parsing;

/// <summary>The PL/pgSQL bodies of a text's CREATE FUNCTION, CREATE PROCEDURE and DO statements.</summary>
public sealed record ParsedPlpgsql : ParseOutcome
{
    private readonly ParseTree _tree;

    private ParsedPlpgsql(ParseTree tree, JsonElement functions)
    {
        _tree = tree;
        Functions = functions;
    }

    /// <summary>An array with one <c>PLpgSQL_function</c> per body. Expressions and statements in it are SQL text, not trees.</summary>
    public JsonElement Functions { get; }

    /// <summary>Takes the tree over. Null when it has not the expected form.</summary>
    internal static ParsedPlpgsql? TryCreate(ParseTree tree) =>
        tree.Root.ValueKind == JsonValueKind.Object
        && tree.Root.TryGetProperty("plpgsql_funcs"u8, out JsonElement functions)
        && functions.ValueKind == JsonValueKind.Array
            ? new ParsedPlpgsql(tree, functions)
            : null;

    protected override void Dispose(bool disposing)
    {
        _tree.Dispose();
        base.Dispose(disposing);
    }
}
