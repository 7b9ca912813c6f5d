using System.Text.Json;

namespace Weir.Sql.Parsing;

/// <summary>A valid text: zero statements (blank, only comments or semicolons) or more.</summary>
public sealed record ParsedScript : ParseOutcome
{
    private readonly ParseTree _tree;

    private ParsedScript(ParseTree tree, IReadOnlyList<ParsedStatement> statements)
    {
        _tree = tree;
        Statements = statements;
    }

    public IReadOnlyList<ParsedStatement> Statements { get; }

    /// <summary>Offsets of the lists of values of which the tree holds only some rows; see <see cref="IsAbridged"/>.</summary>
    internal IReadOnlyList<int> Abridged { get; set; } = [];

    /// <summary>The whole tree: <c>{"version": …, "stmts": [{"stmt": {…}, "stmt_location": …, "stmt_len": …}]}</c>.</summary>
    public JsonElement Root => _tree.Root;

    /// <summary>Some rows of constants of the statement's VALUES are not in the tree: as many as differ in kind are, and a thousand more.</summary>
    public bool IsAbridged(ParsedStatement statement) => Abridged.Any(a => a >= statement.Location && a < statement.Location + statement.Length);

    /// <summary>Takes the tree over. Null when it has not the expected form.</summary>
    internal static ParsedScript? TryCreate(ParseTree tree, int textLength)
    {
        var statements = new List<ParsedStatement>();
        if (tree.Root.ValueKind == JsonValueKind.Object && tree.Root.TryGetProperty("stmts"u8, out JsonElement list))
        {
            foreach (JsonElement entry in list.EnumerateArray())
            {
                // The last statement of a text without a final semicolon has no length: it reaches to the end.
                int location = Number(entry, "stmt_location"u8) ?? 0;
                int length = Number(entry, "stmt_len"u8) ?? textLength - location;
                if (!entry.TryGetProperty("stmt"u8, out JsonElement node) || location < 0 || length < 0 || location + length > textLength)
                    return null;
                statements.Add(new ParsedStatement(node, location, length));
            }
        }

        return new ParsedScript(tree, statements);
    }

    protected override void Dispose(bool disposing)
    {
        _tree.Dispose();
        base.Dispose(disposing);
    }

    private static int? Number(JsonElement element, ReadOnlySpan<byte> name) =>
        element.TryGetProperty(name, out JsonElement value) && value.TryGetInt32(out int number) ? number : null;
}
