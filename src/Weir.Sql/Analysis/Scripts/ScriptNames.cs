using System.Text.Json;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Functions;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Walking;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Scripts;

/// <summary>
/// What names mean to the statements of one text, one after the other. The server looks names up when a statement's turn comes, with the definitions of those in front of it carried out; so
/// plain definitions are applied to a copy of the catalog. What a definition makes that can't be told from its text (a view, a function) may not be used by a later statement of the same
/// text; and where a definition may change what existing names mean, no later statement may use names at all.
/// </summary>
internal sealed class ScriptNames
{
    private readonly HashSet<string> _unjudged = new(StringComparer.Ordinal);
    private readonly CatalogOverlay? _overlay;
    private readonly DefinitionEffects? _definitions;
    private BlockDefinitions? _blocks;
    private bool _hasChanged;
    private bool _hasMoved;
    private string _movedBy = "";

    public ScriptNames(CatalogSnapshot? catalog)
    {
        if (catalog is null)
            return;
        _overlay = new CatalogOverlay(catalog);
        _definitions = new DefinitionEffects(_overlay, _unjudged);
    }

    /// <summary>The catalog that the next statement meets.</summary>
    public CatalogSnapshot? Catalog => _overlay?.Catalog;

    /// <summary>What it meets if no DO block has carried out the definitions in it; null where that makes no difference, or nothing is certain any more.</summary>
    public CatalogSnapshot? WithoutBlocks => _hasMoved ? null : _blocks?.Without;

    /// <summary>Makes a statement unknown whose names can't be told.</summary>
    public void Check(SqlNode node, Findings findings)
    {
        if (!findings.UsesNames)
            return;
        if (_hasMoved)
            findings.Unknown($"An earlier statement of the same text{_movedBy} may change what the names in this one mean: send them one by one.");
        else if (_unjudged.Count > 0 && Touches(node, findings))
            findings.Unknown("An earlier statement of the same text makes something that this one names and of which nothing is known yet: send them one by one.");
    }

    /// <summary>Takes the definitions of a DO block for carried out, any of which may not be.</summary>
    /// <param name="resolve">What names mean in a catalog.</param>
    public void Define(BodySummary block, Walk walk, Func<CatalogSnapshot?, NameResolver> resolve)
    {
        _hasChanged = true;
        if (_overlay is null || _definitions is null)
        {
            Moved("DO");
            return;
        }

        _blocks ??= new BlockDefinitions(_overlay, _definitions, _unjudged);
        if (!_blocks.TryApply(block.Definitions!, walk, resolve))
            Moved("DO");
    }

    /// <summary>The statement was judged; the next one comes after it.</summary>
    /// <param name="block">Of a DO whose definitions are known: <see cref="Define"/>.</param>
    /// <param name="names">As the statement met them.</param>
    /// <param name="resolve">What names mean in a catalog.</param>
    public void After(SqlNode node, StatementAnalysis statement, BodySummary? block, NameResolver names, Func<CatalogSnapshot?, NameResolver> resolve)
    {
        // Undone, or put aside by PREPARE TRANSACTION; and COMMIT PREPARED brings what nobody here has seen.
        if (statement.Transaction == TransactionAction.TwoPhase
            || (_hasChanged && statement.Transaction is TransactionAction.Rollback or TransactionAction.RollbackAndChain or TransactionAction.RollbackToSavepoint))
        {
            Moved(statement.Command);
        }

        if (block is not null)
        {
            if (ChangesSettings(statement))
                Moved(statement.Command);
            return;
        }

        if (!MovesNames(statement))
            return;
        _hasChanged = true;
        if (_definitions is null || MovesMoreThanDefinitions(statement) || !_definitions.TryApply(node, names) || _blocks?.TryApplyToOther(node, resolve) == false)
            Moved(statement.Command);
    }

    private void Moved(string command)
    {
        if (!_hasMoved)
            _movedBy = $" ({command})";
        _hasMoved = true;
    }

    /// <summary>Whether names may mean something else after the statement.</summary>
    private static bool MovesNames(StatementAnalysis statement) => statement.ChangesCatalog || MovesMoreThanDefinitions(statement);

    private static bool MovesMoreThanDefinitions(StatementAnalysis statement) =>
        (statement.Effects & (Effects.Call | Effects.Dynamic | Effects.Unknown)) != 0 || ChangesSettings(statement);

    private static bool ChangesSettings(StatementAnalysis statement) => statement.Settings.Any(s => s.Name is "search_path" or "role" or "session_authorization" or "*" or "");

    private bool Touches(SqlNode node, Findings findings) =>
        findings.Relations.Any(r => r.Candidates.Any(c => _unjudged.Contains(c.Name)))
        || findings.Functions.Any(f => f.Candidates.Any(c => _unjudged.Contains(c.Name)))
        || Mentions(node.Fields);

    /// <summary>Whether any word in the statement's tree, inside of strings too (<c>'x'::regclass</c>), is one of the names.</summary>
    private bool Mentions(JsonElement root)
    {
        var pending = new Stack<JsonElement>();
        pending.Push(root);
        while (pending.TryPop(out JsonElement element))
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Array:
                    foreach (JsonElement item in element.EnumerateArray())
                        pending.Push(item);
                    break;
                case JsonValueKind.Object:
                    foreach (JsonProperty property in element.EnumerateObject())
                        pending.Push(property.Value);
                    break;
                case JsonValueKind.String when Holds(element.GetString()!):
                    return true;
            }
        }

        return false;
    }

    private bool Holds(string text)
    {
        foreach (string name in _unjudged)
        {
            for (int at = text.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
            {
                int end = at + name.Length;
                if ((at == 0 || !IsWord(text[at - 1])) && (end == text.Length || !IsWord(text[end])))
                    return true;
            }
        }

        return false;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c is '_' or '$';
}
